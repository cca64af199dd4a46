from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.config.rulefile import CertificateRules
from evidenced.probes.attempt import Attempt, Judgement, Reason
from evidenced.publish.alerts_checks import Expiries, check_matters, seen_expiries
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.watch.board import Blind, Board
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.vantage import View

START, DAY = 1_800_000_000.0, 86_400.0
SENDER = Sender("evidenced", "127.0.0.1:9321")
Observe = Callable[..., None]


def told(board: Board, now: float, expiries: Expiries | None = None) -> list[Matter]:
    return list(check_matters(board, SENDER, CertificateRules(), expiries or {}, now))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (21 * DAY, []),
        (21 * DAY - 1, ["Expires warning"]),
        (3 * DAY, ["Expires warning"]),
        (3 * DAY - 1, ["Expires warning", "Expires critical"]),
        (1.0, ["Expires warning", "Expires critical"]),
        (0.0, ["Expired "]),
        (-90 * DAY, ["Expired "]),
    ],
)
def test_certificates(left: float, expected: list[str], board: Board) -> None:
    found = told(board, START - left, {"hub": (START, START)})
    assert [
        f"{one.name.removeprefix('EvidencedCertificate')} {one.severity or ''}" for one in found
    ] == expected
    for one in found:
        assert one.labels == {
            "job": "evidenced",
            "check": "hub",
            "kind": "http",
            "target": "https://hub.example/up",
        }
        assert "http check hub of https://hub.example/up" in one.description
        assert "2027-01-15 08:00:00 UTC" in one.description


def test_the_chain_that_was_verified_goes_before_what_is_shown(
    board: Board, observe: Observe, good: Attempt
) -> None:
    observe("hub", good)
    assert seen_expiries({}, board, START) == {"hub": (START + 90000, START)}
    facts = {name: fact for name, fact in good.facts.items() if name != "cert_chain_expiry"}
    observe("hub", replace(good, facts=facts), at=60)
    assert seen_expiries({}, board, START) == {"hub": (START + 86400, START)}


def test_a_certificate_is_remembered_for_a_while(
    board: Board, observe: Observe, bad: Attempt
) -> None:
    observe("hub", bad)
    before = {"hub": (START + 5, START), "gone": (START, START)}
    assert seen_expiries(before, board, START + 3600) == {"hub": (START + 5, START)}
    assert seen_expiries(before, board, START + 3601) == {}


def test_flapping(board: Board) -> None:
    status = board.checks["bells"]
    flapping = replace(status.state, flapping_since=START - 60)
    board.checks["bells"] = replace(status, state=flapping)
    (matter,) = told(board, START)
    assert (matter.name, matter.since) == ("EvidencedCheckFlapping", START - 60)


@pytest.mark.parametrize(("check", "stale"), [("hub", True), ("bells", False)])
def test_a_check_without_a_claim_that_does_not_look(
    check: str, stale: bool, board: Board, observe: Observe, good: Attempt
) -> None:
    observe(check, good)
    age = board.checks[check].check.timing.max_age
    assert not told(board, START + 0.5 + age)
    found = told(board, START + 1.5 + age)
    assert [one.name for one in found] == ["EvidencedCheckStale"] * stale


def fail(observe: Observe, bad: Attempt, check: str = "hub") -> None:
    for at in (60.0, 120.0):
        observe(check, bad, at=at)


def test_a_check_without_a_claim_that_fails(board: Board, observe: Observe, bad: Attempt) -> None:
    observe("hub", bad, at=60)
    assert not told(board, START + 60)
    fail(observe, bad)
    fail(observe, bad, "bells")
    (matter,) = told(board, START + 121)
    assert (matter.name, matter.since) == ("EvidencedCheckFailing", START + 60.25)
    assert matter.labels["check"] == "hub"
    assert matter.description == (
        "The http check hub of https://hub.example/up is contradicted; no claim of the ledger "
        "rests on it.\nFound: expected 200, found 500 (status)."
    )


def _lose_the_view(board: Board) -> None:
    board.view = View(lost=START)


def _maintain(board: Board) -> None:
    board.begin(Maintenance("hub", START + 900, "new hubs"), START + 121)


def _flap(board: Board) -> None:
    hub = board.checks["hub"]
    board.checks["hub"] = replace(hub, state=replace(hub.state, flapping_since=START))


def _make_a_sentinel(board: Board) -> None:
    board.plan = replace(board.plan, sentinels=("hub",), sentinels_needed=1)


def _blame_the_parent(board: Board) -> None:
    board.checks["hub"] = replace(board.checks["hub"], blind=Blind.DEPENDENCY)


@pytest.mark.parametrize(
    "excuse", [_lose_the_view, _maintain, _flap, _make_a_sentinel, _blame_the_parent]
)
def test_a_failing_check_that_is_excused_or_told_of_elsewhere(
    excuse: Callable[[Board], None], board: Board, observe: Observe, bad: Attempt
) -> None:
    fail(observe, bad)
    excuse(board)
    assert "EvidencedCheckFailing" not in [one.name for one in told(board, START + 121)]


@pytest.mark.parametrize("met", [True, False])
def test_a_push_that_does_not_come(met: bool, board: Board, observe: Observe, bad: Attempt) -> None:
    arrival = Judgement("arrival", met, "a push", "none", Reason.TIMEOUT)
    observe("hub", replace(bad, judgements=(arrival,)))
    status = board.checks["hub"]
    board.checks["hub"] = replace(status, check=replace(status.check, kind="push"))
    found = told(board, START)
    assert [one.name for one in found] == ([] if met else ["EvidencedPushSilent"])
    for one in found:
        assert one.description == (
            "Nothing was pushed to hub in time.\nFound: expected 200, found 500 (status)."
        )
