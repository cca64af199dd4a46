"""A report as JSON, and what of it the next report needs to know."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from evidenced.workflow.proof_text import moment
from evidenced.workflow.report import CheckFacts, ClaimFacts, Earlier, Moved, Report

MADE = '  "report": '
"""What the line begins with that is another one each time."""


def report_json(report: Report) -> str:
    """The report as JSON text; times are in UTC, durations in seconds.

    All that is another one each time stands on one line, under `report`.
    """
    made = {
        "made": moment(report.made),
        "compared_with": _moment(report.compared),
        "changes": report.fresh,
        "next_check": _moment(report.next_check),
        "next_report": _moment(report.next_report),
    }
    rest = {
        "location": report.location,
        "ledger_updated": _moment(report.updated),
        "failing": report.failing,
        "troubles": list(report.troubles),
        "changed": {
            "between": [moment(at) for at in report.between] if report.between else None,
            "what": [asdict(one) for one in report.moved],
        },
        "claims": [_claim(one) for one in report.claims],
        "checks": [_check(one) for one in report.checks],
    }
    lines = json.dumps(rest, indent=2, ensure_ascii=False).partition("\n")[2]
    return f"{{\n{MADE}{json.dumps(made)},\n{lines}\n"


def earlier_of(text: str) -> Earlier | None:
    """What the next report needs of one; None where the text is no such report."""
    try:
        data: Any = json.loads(text)
        changed = data["changed"]
        between = changed["between"]
        return Earlier(
            made=_seconds(data["report"]["made"]),
            standings=dict(_standings(data["claims"])),
            results={str(one["name"]): str(one["result"]) for one in data["checks"]},
            within={
                str(one["name"]): float(one["within"])
                for one in data["checks"]
                if one["within"] is not None
            },
            moved=tuple(
                Moved(*(str(one[key]) for key in ("what", "name", "before", "after")))
                for one in changed["what"]
            ),
            between=(_seconds(between[0]), _seconds(between[1])) if between else None,
        )
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError):
        return None


def _standings(claims: list[Any]) -> Iterator[tuple[str, tuple[str, float | None]]]:
    for one in claims:
        since = None if one["since"] is None else _seconds(one["since"])
        yield str(one["id"]), (str(one["standing"]), since)


def _claim(claim: ClaimFacts) -> Mapping[str, Any]:
    return {
        **asdict(claim),
        "since": _moment(claim.since),
        "why": [{"check": name, "failure": why} for name, why in claim.why],
    }


def _check(check: CheckFacts) -> Mapping[str, Any]:
    return {**asdict(check), "details": dict(check.details)}


def _moment(at: float | None) -> str | None:
    return None if at is None else moment(at)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
