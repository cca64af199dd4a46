"""What the commands print for programs: the shapes behind `--json`."""

from collections.abc import Iterable
from typing import Any

from evidenced.config.kinds.base import KindSettings
from evidenced.probes.attempt import Outcome
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Plan


def observations_json(found: Iterable[Observation]) -> dict[str, Any]:
    """The observations, every expectation with what was expected and found."""
    listed = [_observation_json(one) for one in found]
    met = all(one["result"] == Outcome.SUCCESS for one in listed)
    return {"met": met, "checks": listed}


def _observation_json(one: Observation) -> dict[str, Any]:
    failure = one.failure
    return {
        "check": one.check.name,
        "kind": one.check.kind,
        "target": one.check.target,
        "claims": list(one.check.claims),
        "result": one.result.value,
        "attempts": len(one.attempts),
        "started": round(one.started, 3),
        "duration_seconds": round(one.duration, 6),
        "failure": failure
        and {
            "reason": failure.reason.value,
            "expectation": failure.expectation,
            "detail": failure.detail,
        },
        "expectations": [
            {"name": j.name, "met": j.met, "expected": j.expected, "found": j.found}
            for j in one.last.judgements
        ],
        "phases_seconds": {name: round(value, 6) for name, value in one.last.phases.items()},
        "facts": dict(one.last.facts),
    }


def plan_json(made: Plan) -> dict[str, Any]:
    """The plan, for a program."""
    return {
        "checks": [
            {
                "name": check.name,
                "kind": check.kind,
                "target": check.target,
                "claims": list(check.claims),
                "origin": check.origin.value,
                "interval_seconds": check.timing.interval,
                "timeout_seconds": check.timing.timeout,
                "expect": expectations(check.settings),
            }
            for check in made.checks
        ],
        "underived": [
            {"claim": u.claim, "line": u.line, "phrase": u.phrase, "why": u.why}
            for u in made.underived
        ],
        "strays": [
            {"check": check, "claim": claim, "nearest": nearest or None}
            for check, claim, nearest in made.strays
        ],
        "unmet": [
            {"by": who, "name": name, "nearest": nearest or None}
            for who, name, nearest in made.unmet
        ],
        "silent": [
            {"claim": item.id, "section": item.section.value, "line": item.line}
            for item in made.silent
        ],
    }


def expectations(settings: KindSettings) -> dict[str, Any]:
    """What a check expects, as the configuration writes it."""
    dumped: dict[str, Any] = settings.model_dump(
        mode="json", by_alias=True, exclude_unset=True, include={"expect"}
    )
    found: dict[str, Any] = dumped.get("expect", {})
    return found
