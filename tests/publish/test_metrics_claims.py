from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from evidenced.config.model import Config
from evidenced.ledger.lint.model import Linted, Severity, Violation
from evidenced.ledger.model import Item, Section
from evidenced.probes.attempt import Attempt
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import Plan, make_plan

Observe = Callable[..., None]
SeriesOf = Callable[..., dict[tuple[str, ...], float]]
START = 1_800_000_000.0
STANDINGS = {"verified", "contradicted", "stale", "unverified", "unknown"}


def test_all_claims_are_there_from_the_first_scrape_on(series: SeriesOf) -> None:
    claims = {(f"closed-{n}", "closed") for n in range(1, 19)}
    claims |= {(f"stable-{n}", "stable") for n in range(1, 10)}
    assert series("evidenced_claim_verified", "claim", "section") == dict.fromkeys(claims, 0)
    for name in (
        "evidenced_claim_info",
        "evidenced_claim_checks",
        "evidenced_claim_references_missing",
        "evidenced_claim_tests",
        "evidenced_claim_assertions",
    ):
        assert set(series(name, "claim", "section")) == claims
    status = series("evidenced_claim_status", "claim", "section", "status")
    assert {key for key, value in status.items() if value} == {(*c, "unverified") for c in claims}
    assert {key[2] for key in status} == STANDINGS
    assert series("evidenced_claim_last_verified_timestamp_seconds") == {}
    assert series("evidenced_claim_contradicted_timestamp_seconds") == {}


def test_a_standing_is_one_of_five_states_and_verified_is_one_of_them(
    series: SeriesOf, board: Board, observe: Observe, good: Attempt, bad: Attempt, blind: Attempt
) -> None:
    def standing() -> str:
        found = series("evidenced_claim_status", "status", claim="stable-2")
        assert set(found) == {(standing,) for standing in STANDINGS}
        ((now,),) = [key for key, value in found.items() if value]
        verified = series("evidenced_claim_verified", claim="stable-2")[()]
        assert verified == (now == "verified")
        return now

    assert standing() == "unverified"
    observe("bells", good, at=60)
    assert standing() == "verified"
    board.sweep(START + 3600)
    assert standing() == "stale"
    observe("bells", blind, at=3700)
    observe("bells", blind, at=3760)
    assert standing() == "unknown"
    observe("bells", bad, at=3800)
    observe("bells", bad, at=3860)
    assert standing() == "contradicted"


def test_the_times_of_a_claim_are_those_of_its_checks(
    series: SeriesOf, observe: Observe, good: Attempt, bad: Attempt
) -> None:
    observe("bells", good, at=60)
    verified = series("evidenced_claim_last_verified_timestamp_seconds", "claim")
    assert verified == {("stable-2",): START + 60.5}
    observe("bells", bad, at=120)
    observe("bells", bad, at=180)
    observe("bells", bad, at=240)
    contradicted = series("evidenced_claim_contradicted_timestamp_seconds", "claim")
    assert contradicted == {("stable-2",): START + 180.25}
    assert series("evidenced_claim_last_verified_timestamp_seconds", "claim") == verified


def test_what_a_claim_rests_on(series: SeriesOf) -> None:
    basis = series("evidenced_claim_basis", "claim", "basis")
    assert len(basis) == 27 * 3
    held = {claim: basis for (claim, basis), value in basis.items() if value}
    assert len(held) == 27
    assert {claim for claim, what in held.items() if what == "live"} == {
        "stable-1",
        "closed-1",
        "stable-2",
    }
    assert "cited" not in held.values()
    checks = series("evidenced_claim_checks", "claim")
    assert {claim for (claim,), count in checks.items() if count == 1} == {
        "stable-1",
        "closed-1",
        "stable-2",
    }


def test_a_claim_without_check_that_cites_something_is_cited(
    series: SeriesOf, board: Board, config: Config
) -> None:
    none = config.model_copy(update={"checks": ()})
    board.adopt(make_plan(none, board.plan.ledger), {})
    cited = series("evidenced_claim_basis", "claim", basis="cited")
    assert {claim for claim, value in cited.items() if value} == {("closed-1",), ("stable-1",)}


def test_claims_are_joined_with_their_checks(series: SeriesOf) -> None:
    assert series("evidenced_claim_check_info", "claim", "section", "check") == {
        ("stable-1", "stable", "repairs"): 1,
        ("closed-1", "closed", "repairs"): 1,
        ("stable-2", "stable", "bells"): 1,
    }


def test_references_tests_and_assertions_are_counted(series: SeriesOf) -> None:
    assert series("evidenced_claim_references", "kind", claim="closed-1") == {
        ("pull_request",): 2,
        ("document",): 1,
        ("test_run",): 2,
        ("commit",): 0,
        ("url",): 0,
        ("timestamp",): 0,
        ("http",): 0,
    }
    assert series("evidenced_claim_references_missing", claim="closed-1") == {(): 1}
    assert series("evidenced_claim_references_missing", claim="closed-2") == {(): 0}
    assert series("evidenced_claim_tests", claim="closed-1") == {(): 17}
    assert series("evidenced_claim_assertions", claim="closed-1") == {(): 40}


def test_the_title_and_the_day_of_closing(series: SeriesOf) -> None:
    info = series("evidenced_claim_info", "title", "closed_on", claim="closed-3")
    assert info == {("Bicycle 3 of closed", "2027-01-03"): 1}
    info = series("evidenced_claim_info", "title", "closed_on", claim="stable-3")
    assert info == {("Bicycle 3 of stable", ""): 1}


@pytest.mark.parametrize(
    "title",
    [
        pytest.param('A "quoted" bell', id="quotes"),
        pytest.param("C:\\bells\\n", id="backslashes"),
        pytest.param("two\nlines", id="newline"),
        pytest.param("Ποδήλατα και κουδούνια", id="Greek"),
        pytest.param("🚲 rides ✅", id="emoji"),
        pytest.param('{le="1"} # EOF', id="looks like the format"),
    ],
)
def test_any_title_survives(
    series: SeriesOf, board: Board, plan: Plan, config: Config, title: str
) -> None:
    item = Item("odd", Section.CLOSED, title, "", 1, closed=date(2027, 1, 2))
    ledger = replace(plan.ledger, sections={Section.CLOSED: (item,)})
    board.adopt(make_plan(config, ledger), {})
    assert series("evidenced_claim_info", "title") == {(title,): 1}


def test_a_title_that_utf8_cannot_hold_does_not_end_the_scrape(
    series: SeriesOf, board: Board, plan: Plan, config: Config
) -> None:
    item = Item("odd", Section.STABLE, "caf\udce9", "", 1)
    ledger = replace(plan.ledger, sections={Section.STABLE: (item,)})
    board.adopt(make_plan(config, ledger), {})
    assert series("evidenced_claim_info", "title") == {("caf?",): 1}


def test_the_ledger_as_it_was_read(series: SeriesOf, board: Board) -> None:
    assert series("evidenced_ledger_items", "section") == {
        ("closed",): 18,
        ("stable",): 9,
        ("in_progress",): 0,
        ("blocked",): 0,
        ("next",): 0,
    }
    assert series("evidenced_ledger_updated_timestamp_seconds") == {(): 1_799_919_000}
    assert series("evidenced_ledger_readable") == {(): 1}
    assert series("evidenced_ledger_believed") == {(): 1}
    board.reading = Reading(False, START, ledger_readable=False, ledger_believed=False)
    assert series("evidenced_ledger_readable") == {(): 0}
    assert series("evidenced_ledger_believed") == {(): 0}


def test_each_rule_that_was_judged_has_its_violations(series: SeriesOf, board: Board) -> None:
    assert series("evidenced_ledger_violations", "rule", "severity") == {}
    board.linted = Linted(
        {"wip-limit": Severity.ERROR, "size": Severity.WARNING},
        tuple(Violation("wip-limit", Severity.ERROR, line, "m", "h") for line in (3, 4)),
    )
    assert series("evidenced_ledger_violations", "rule", "severity") == {
        ("wip-limit", "error"): 2,
        ("size", "warning"): 0,
    }


def test_a_ledger_without_a_time_has_none(
    series: SeriesOf, board: Board, plan: Plan, config: Config
) -> None:
    board.adopt(make_plan(config, replace(plan.ledger, updated=None)), {})
    assert series("evidenced_ledger_updated_timestamp_seconds") == {}
