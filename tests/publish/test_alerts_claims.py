from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.probes.attempt import Attempt, Failure, Reason
from evidenced.publish.alerts_claims import claim_matters
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.rules_settings import Patience
from evidenced.watch.board import Basis, Blind, Board
from evidenced.watch.drill import Drill
from evidenced.watch.verdict import Standing

START = 1_800_000_000.0
SENDER = Sender("evidenced", "127.0.0.1:9321")
USUAL, SLOW = Patience(300.0, 300.0), Patience(300.0, 7200.0)
Observe = Callable[..., None]


def of(board: Board, claim: str, patience: Patience = USUAL, sender: Sender = SENDER) -> Matter:
    (matter,) = (
        one
        for one in claim_matters(board, sender, patience, START + 900)
        if one.labels["claim"] == claim
    )
    return matter


def named(board: Board) -> list[tuple[str, str]]:
    return [
        (one.name, one.labels["claim"]) for one in claim_matters(board, SENDER, USUAL, START + 900)
    ]


def stand(board: Board, claim: str, standing: Standing, **more: object) -> None:
    board.claims[claim] = replace(
        board.claims[claim],
        standing=standing,
        since=START + 60,
        **more,  # type: ignore[arg-type]
    )


def fail(observe: Observe, bad: Attempt) -> None:
    for at in (60.0, 120.0):
        observe("repairs", bad, at=at)


def test_a_contradicted_claim_says_what_was_expected_and_found(
    board: Board, observe: Observe, bad: Attempt
) -> None:
    fail(observe, bad)
    matter = of(board, "stable-1")
    assert matter.name == "EvidencedStableClaimContradicted"
    assert matter.labels == {"job": "evidenced", "claim": "stable-1", "section": "stable"}
    assert matter.since == START + 120.25
    assert matter.description == (
        'The STABLE claim stable-1 ("Bicycle 1 of stable") is contradicted by production since '
        "2027-01-15 08:02:00 UTC.\n"
        "Check repairs of https://rad.example/repairs: expected 200, found 500 (status)."
    )


def test_a_contradicted_closed_claim_is_new_proof(
    board: Board, observe: Observe, bad: Attempt
) -> None:
    fail(observe, bad)
    matter = of(board, "closed-1", sender=replace(SENDER, location="fra1"))
    assert matter.name == "EvidencedClosedClaimContradicted"
    first, second, third = matter.description.splitlines()
    assert first.startswith(
        'The CLOSED claim closed-1 ("Bicycle 1 of closed", closed on 2027-01-01) is contradicted'
    )
    assert second.startswith("Check repairs of https://rad.example/repairs from fra1: expected")
    assert third == "This is NEW proof: the item may be reopened."


@pytest.mark.parametrize(
    ("standing", "more", "expected"),
    [
        (Standing.VERIFIED, {}, None),
        (Standing.STALE, {}, 0.0),
        (Standing.UNKNOWN, {}, 0.0),
        (Standing.UNVERIFIED, {}, 7200.0),
        (Standing.UNKNOWN, {"blind": Blind.VANTAGE}, None),
        (Standing.UNKNOWN, {"blind": Blind.DEPENDENCY}, None),
        (Standing.UNVERIFIED, {"basis": Basis.CITED}, None),
    ],
    ids=["verified", "stale", "unknown", "unverified", "no view", "parent fails", "only cited"],
)
def test_what_is_not_freshly_verified(
    standing: Standing, more: dict[str, object], expected: float | None, board: Board
) -> None:
    stand(board, "stable-2", standing, **more)
    found = [
        one
        for one in claim_matters(board, SENDER, SLOW, START)
        if one.labels["claim"] == "stable-2"
    ]
    assert [(one.name, one.patience) for one in found] == (
        [] if expected is None else [("EvidencedClaimNotVerified", expected)]
    )


def test_since_when_a_claim_is_unverified_is_for_nobody_to_say(board: Board) -> None:
    stand(board, "stable-2", Standing.UNVERIFIED)
    assert of(board, "stable-2").since is None
    stand(board, "stable-2", Standing.STALE)
    assert of(board, "stable-2").since == START + 60


def test_when_a_claim_was_verified_last(board: Board) -> None:
    stand(board, "stable-2", Standing.STALE, last_verified=START)
    assert of(board, "stable-2").description == (
        'The STABLE claim stable-2 ("Bicycle 2 of stable") is stale: nothing contradicts it, but '
        "not all of its checks verify it. It last was 2027-01-15 08:00:00 UTC."
    )
    stand(board, "stable-2", Standing.UNVERIFIED, last_verified=None)
    assert of(board, "stable-2").description.endswith(
        "It never was since this daemon began with it."
    )


def test_what_waits_for_its_first_push_is_not_told(board: Board) -> None:
    stand(board, "stable-2", Standing.UNKNOWN)
    waiting = Failure(Reason.DEPENDENCY, "", "nothing was pushed yet")
    status = board.checks["bells"]
    state = replace(status.state, failure=waiting)
    board.checks["bells"] = replace(status, state=state, check=replace(status.check, kind="push"))
    assert ("EvidencedClaimNotVerified", "stable-2") not in named(board)
    board.checks["bells"] = replace(status, state=state)
    assert ("EvidencedClaimNotVerified", "stable-2") in named(board)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (Standing.VERIFIED, False),
        (Standing.UNVERIFIED, False),
        (Standing.STALE, True),
        (Standing.UNKNOWN, True),
    ],
)
def test_what_waits_for_its_first_push_hides_no_other_check_of_the_claim(
    other: Standing, told: bool, board: Board
) -> None:
    stand(board, "stable-2", Standing.UNKNOWN, checks=("bells", "repairs"))
    waiting = Failure(Reason.DEPENDENCY, "", "nothing was pushed yet")
    bells, repairs = board.checks["bells"], board.checks["repairs"]
    board.checks["bells"] = replace(
        bells,
        state=replace(bells.state, failure=waiting, confirmed=Standing.UNKNOWN),
        check=replace(bells.check, kind="push"),
    )
    board.checks["repairs"] = replace(repairs, state=replace(repairs.state, confirmed=other))
    assert (("EvidencedClaimNotVerified", "stable-2") in named(board)) is told


def test_a_drill_is_told_beside_the_truth(board: Board, observe: Observe, bad: Attempt) -> None:
    fail(observe, bad)
    for claim in ("stable-1", "stable-2", "gone"):
        board.drills.begin(
            Drill(
                claim=claim,
                section="stable",
                began=START + 800,
                until=START + 1000,
                who="a",
                why="b",
            )
        )
    stand(board, "stable-2", Standing.VERIFIED)
    told = [
        one
        for one in claim_matters(board, SENDER, USUAL, START + 900)
        if one.name == "EvidencedStableClaimContradicted"
    ]
    assert [(one.labels["claim"], one.labels.get("drill")) for one in told] == [
        ("stable-1", None),
        ("stable-1", "true"),
        ("stable-2", "true"),
    ]
    assert told[1].description.startswith("This is a drill. The STABLE claim stable-1")
    assert "expected 200, found 500" in told[1].description
    assert told[2].since == START + 800
    assert told[2].description == (
        'This is a drill. The STABLE claim stable-2 ("Bicycle 2 of stable") is contradicted by '
        "production."
    )
