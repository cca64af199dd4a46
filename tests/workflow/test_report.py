from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from evidenced.config.model import Config
from evidenced.ledger.parse import parse
from evidenced.probes.attempt import Attempt, Fact, Failure, Judgement, Outcome, Reason
from evidenced.watch.board import Board, Reading
from evidenced.watch.drill import Drill
from evidenced.watch.lists import TargetList
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan
from evidenced.watch.single import for_one_look
from evidenced.workflow.report import (
    Ahead,
    Earlier,
    Moved,
    Report,
    as_earlier,
    make_report,
    settled,
)

LEDGER = """# State

Updated: 2026-03-01 12:00 UTC

## CLOSED
- Till counts twice - 2026-02-01, see `docs/till.md` <!-- id: till -->

## STABLE
- Ovens are hot <!-- id: ovens -->
- Bread is sold <!-- id: bread -->
"""
AT = datetime(2026, 3, 2, 7, tzinfo=UTC).timestamp()


def config(*names: str, **more: object) -> Config:
    checks = [
        {"name": name, "claims": [name], "http": {"url": f"https://bakery.example/{name}"}}
        for name in names
    ]
    ledger = {"path": "STATE.md"}
    return Config.model_validate({"ledger": ledger, "checks": checks, **more})


class Bakery:
    """A board, and runs of its checks."""

    def __init__(self, *names: str, ledger: str = LEDGER) -> None:
        plan = for_one_look(make_plan(config(*names), parse(ledger)))
        self.board = Board.of(plan, {"till": ("docs/till.md",)}, Reading(True, AT - 600))
        self.plan = plan

    def see(self, name: str, outcome: str = "success", at: float = AT, **attempt: Any) -> None:  # noqa: ANN401  any part of it
        check = next(one for one in self.board.plan.checks if one.name == name)
        failure = Failure(Reason.STATUS, "status", "expected status 200, found 502")
        given = {"duration": 0.2, "failure": failure if outcome == "failure" else None, **attempt}
        seen = Attempt(Outcome(outcome), started=at, **given)
        self.board.record(Observation(check, at, given["duration"], (seen,)))

    def report(self, earlier: Earlier | None = None, at: float = AT + 60) -> Report:
        return make_report(self.board, earlier, at, Ahead(at + 5, at + 86400), "oven-1")


def test_it_has_every_claim_and_every_check_in_order() -> None:
    bakery = Bakery("ovens", "bread")
    bakery.see("ovens")
    bakery.see("bread", "failure")
    report = bakery.report()
    assert [(one.id, one.section, one.standing) for one in report.claims] == [
        ("bread", "stable", "contradicted"),
        ("ovens", "stable", "verified"),
        ("till", "closed", "unverified"),
    ]
    assert [(one.name, one.result) for one in report.checks] == [
        ("bread", "failure"),
        ("ovens", "success"),
    ]
    assert report.claims[0].why == (("bread", "status: expected status 200, found 502"),)
    assert (report.claims[2].basis, report.claims[2].missing) == ("cited", ("docs/till.md",))
    assert report.updated == datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
    assert (report.location, report.next_check) == ("oven-1", AT + 65)


@pytest.mark.parametrize(
    ("outcome", "failing"), [("success", False), ("failure", True), ("unknown", True)]
)
def test_a_look_that_did_not_succeed_is_a_failing_fact(outcome: str, failing: bool) -> None:
    bakery = Bakery("ovens")
    assert bakery.report().failing
    bakery.see("ovens", outcome)
    assert bakery.report().failing is failing


def test_a_ledger_that_nothing_speaks_for_does_not_fail() -> None:
    assert not Bakery().report().failing


def test_what_is_in_maintenance_does_not_fail() -> None:
    window = {"claims": "bread", "cron": "0 6 * * *", "lasts": "3h", "why": "new flour"}
    plan = for_one_look(make_plan(config("bread", maintenance=[window]), parse(LEDGER)))
    bakery = Bakery("bread")
    bakery.board.plan = plan
    bakery.see("bread", "failure")
    assert bakery.report().failing
    bakery.board.sweep(AT + 10)
    report = bakery.report()
    assert not report.failing
    assert (report.checks[0].maintenance, report.claims[0].maintenance) == ("new flour",) * 2


def test_a_drill_is_told_and_changes_nothing() -> None:
    bakery = Bakery("ovens")
    bakery.see("ovens")
    drill = Drill(claim="ovens", section="stable", began=AT, until=AT + 900, who="b", why="")
    bakery.board.drills.begin(drill)
    ovens = next(one for one in bakery.report().claims if one.id == "ovens")
    assert (ovens.drill, ovens.standing) == (True, "verified")


@pytest.mark.parametrize(
    ("facts", "details"),
    [
        ({"status_code": 200, "version": 1.1, "content_length": 12},
         (("status", "200"), ("HTTP", "1.1"))),
        ({"active_state": "failed", "sub_state": "failed"},
         (("unit", "failed"), ("sub-state", "failed"))),
        ({"cert_expiry": 1_800_000_000.0}, (("certificate until", "2027-01-15"),)),
        ({"cert_expiry": 1e300}, ()),
        ({"age": 12.5}, ()),
    ],
    ids=str,
)  # fmt: skip
def test_details_are_those_that_last(
    facts: Mapping[str, Fact], details: tuple[tuple[str, str], ...]
) -> None:
    bakery = Bakery("ovens")
    bakery.see("ovens", facts=facts)
    assert bakery.report().checks[0].details == details


def test_expectations_say_what_was_found_only_where_that_matters() -> None:
    def judged(name: str, met: bool, reason: Reason) -> Judgement:
        return Judgement(name, met, f"good {name}", f"some {name}", reason)

    bakery = Bakery("ovens")
    judgements = (
        judged("status", True, Reason.STATUS),
        judged("json:$.heat", False, Reason.JSON),
        judged("latency", False, Reason.LATENCY),
    )
    bakery.see("ovens", "failure", judgements=judgements)
    found = [(one.name, one.met, one.found) for one in bakery.report().checks[0].judged]
    assert found == [
        ("status", True, ""),
        ("json:$.heat", False, "some json:$.heat"),
        ("latency", False, ""),
    ]


@pytest.mark.parametrize(
    ("durations", "step"),
    [
        ([0.02], 0.1),
        ([0.2], 0.25),
        ([0.2, 0.3], 0.5),
        ([0.2, 0.3, 0.2], 0.5),
        ([0.2, 0.3, 0.13], 0.5),
        ([0.2, 0.3, 0.12], 0.25),
        ([9000.0], 300.0),
    ],
    ids=str,
)
def test_a_duration_is_a_step_that_does_not_come_and_go(
    durations: list[float], step: float
) -> None:
    bakery, earlier = Bakery("ovens"), None
    for n, duration in enumerate(durations):
        bakery.see("ovens", at=AT + 60 * n, duration=duration)
        earlier = as_earlier(bakery.report(earlier, AT + 60 * n))
    assert earlier is not None
    assert earlier.within == {"ovens": step}


def test_what_changed_stands_there_until_something_else_does() -> None:
    bakery = Bakery("ovens", "bread")
    bakery.see("ovens")
    bakery.see("bread")
    first = bakery.report()
    assert (first.compared, first.fresh, first.moved, first.between) == (None, 0, (), None)
    bakery.see("bread", "failure", at=AT + 120)
    second = bakery.report(as_earlier(first), AT + 180)
    moved = (
        Moved("claim", "bread", "verified", "contradicted"),
        Moved("check", "bread", "success", "failure"),
    )
    assert (second.fresh, second.moved) == (2, moved)
    assert (second.compared, second.between) == (AT + 60, (AT + 60, AT + 180))
    third = bakery.report(as_earlier(second), AT + 240)
    assert (third.compared, third.fresh) == (AT + 180, 0)
    assert (third.moved, third.between) == (second.moved, second.between)
    assert replace(third, made=0, compared=0, fresh=0, next_check=0, next_report=0) == replace(
        second, made=0, compared=0, fresh=0, next_check=0, next_report=0
    )


def test_claims_and_checks_that_came_and_went_are_changes() -> None:
    before = Bakery("ovens").report()
    ledger = LEDGER.replace("- Ovens are hot <!-- id: ovens -->\n", "")
    after = Bakery("bread", ledger=ledger).report(as_earlier(before))
    assert set(after.moved) == {
        Moved("claim", "ovens", "unverified", ""),
        Moved("check", "bread", "", "not looked at"),
        Moved("check", "ovens", "not looked at", ""),
    }


def test_a_single_look_keeps_since_when_a_claim_stands_as_it_does() -> None:
    bakery = Bakery("ovens", "bread")
    bakery.see("ovens")
    bakery.see("bread")
    first = bakery.report()
    again = Bakery("ovens", "bread")
    again.see("ovens", at=AT + 3600)
    again.see("bread", "failure", at=AT + 3600)
    earlier = as_earlier(first)
    second = settled(again.report(earlier, AT + 3660), earlier)
    since = {one.id: one.since for one in second.claims}
    assert since == {"ovens": AT + 0.2, "bread": AT + 3600.2, "till": None}


def test_trouble_of_the_daemon_itself_is_told() -> None:
    bakery = Bakery("ovens")
    bakery.board.reading = Reading(False, AT, ledger_readable=False, ledger_believed=False)
    bakery.board.view = replace(bakery.board.view, lost=AT)
    bakery.board.lists = (
        TargetList("tills", "tills.json", 0, good=False, succeeded=None),
        TargetList("mills", "mills.json", 3, good=True, succeeded=AT),
    )
    assert [one.split(":")[0] for one in bakery.report().troubles] == [
        "The configuration cannot be read",
        "The ledger cannot be read",
        "Too much of the ledger is gone",
        "The daemon itself cannot see",
        "The targets of tills cannot be listed",
    ]
