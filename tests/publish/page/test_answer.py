"""The answer in the first line."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.probes.attempt import Attempt
from evidenced.publish.page.answer import Tone, answer
from evidenced.publish.page.snapshot import Snapshot
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan
from evidenced.watch.vantage import View
from evidenced.watch.verdict import Standing

NOW = 1_800_000_100.0


def stood(board: Board, standings: Iterable[Standing]) -> Snapshot:
    """The board with these standings, and no other claims."""
    claims = list(board.claims.items())
    board.claims = {
        name: replace(claim, standing=standing)
        for (name, claim), standing in zip(claims, standings, strict=False)
    }
    return Snapshot.of(board, NOW)


V, C, U = Standing.VERIFIED, Standing.CONTRADICTED, Standing.UNVERIFIED


@pytest.mark.parametrize(
    ("standings", "text", "tone"),
    [
        ([V] * 27, "All 27 claims hold", Tone.GOOD),
        ([V], "The one claim holds", Tone.GOOD),
        ([V, C, C, U], "2 claims contradicted", Tone.BAD),
        ([C], "1 claim contradicted", Tone.BAD),
        ([V, V, U], "2 of 3 claims hold", Tone.WARN),
        ([U], "0 of 1 claim holds", Tone.WARN),
        ([], "The ledger claims nothing", Tone.WARN),
    ],
)
def test_what_it_says(board: Board, standings: list[Standing], text: str, tone: Tone) -> None:
    found = answer(stood(board, standings))
    assert (found.text, found.tone) == (text, tone)
    assert sum(count.count for count in found.counts) == len(standings)


def test_what_is_broken_and_since_when(
    board: Board, observe: Callable[..., None], bad: Attempt
) -> None:
    for at in (0.0, 60.0, 120.0):
        observe("repairs", bad, at=at)
    found = answer(Snapshot.of(board, NOW))
    assert found.text == "2 claims contradicted"
    assert {one.href for one in found.broken} == {"/claims/closed-1", "/claims/stable-1"}
    [why] = found.broken[0].why
    assert (why.check, why.detail) == ("repairs", "status: expected 200, found 500")
    assert found.broken[0].since is not None


def test_what_it_affects(bad: Attempt, board: Board) -> None:
    children = {"name": "hub", "claims": ["stable-3"], "depends_on": ["bells"]}
    given = {
        "ledger": {"path": "STATE.md"},
        "checks": [
            {"name": "bells", "claims": ["stable-2"], "http": {"url": "https://b.example/"}},
            children | {"http": {"url": "https://hub.example/"}},
        ],
    }
    plan = make_plan(Config.model_validate(given), board.plan.ledger)
    board.adopt(plan, {})
    for at in (0.0, 60.0, 120.0):
        check = board.checks["bells"].check
        board.record(Observation(check, NOW + at, 0.1, (bad,)))
    [broken] = answer(Snapshot.of(board, NOW)).broken
    assert broken.affected is not None
    assert broken.affected.some == (("/claims/stable-3", "Bicycle 3 of stable"),)


def test_what_else_is_to_be_known(board: Board) -> None:
    board.reading = Reading(False, 0.0, ledger_readable=False)
    board.view = View(lost=NOW)
    notices = "\n".join(answer(Snapshot.of(board, NOW)).notices)
    for part in ("own view is gone", "ledger cannot be read", "configuration cannot be loaded"):
        assert part in notices


def test_a_ledger_without_claims_has_no_counts(board: Board) -> None:
    board.adopt(replace(board.plan, ledger=Ledger(None, {}, frozenset())), {})
    assert answer(Snapshot.of(board, NOW)).counts == ()
