"""Which alerts fire when: the real rules, evaluated by Prometheus' own code.

The gathered series are given to `promtool test rules`, which evaluates the groups step by step as a
server does: recorded series, the time that `for` waits, and staleness are those of Prometheus. It
is asked at each step which alerts fire, against the expectation that none does, so what it reports
is the timeline. A real server would have to run as long as the scenario lasts: `promtool tsdb` can
lay old samples under it, but nothing evaluates alerts over them, and to apply `for` here would be
to test our own idea of it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidenced.config.types import format_duration
from replay.series import Gathered
from rule_tests import rule_tests

SUBJECTS = ("claim", "check", "slo")
"""The labels that say what an alert is about, the first of them that it has."""

# The sample without labels is there at each step: a step that is not reported was not evaluated.
_ASKED = (
    f"max by (alertname, severity, {', '.join(SUBJECTS)}) "
    '(ALERTS{alertstate="firing", alertname!="EvidencedWatchdog"}) or vector(1)'
)
# This is how promtool 2 reports a test that failed.
_STEP = re.compile(r"time: (\S+),\s+exp: nil\s+got: (.*)")
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
_SERIES = re.compile(r"\{((?:[^\"{}]|\"(?:[^\"\\]|\\.)*\")*)\}")


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fired without a break; times in seconds of the scenario.

    `ended` is when it no longer did, None where it still does at the end.
    """

    alert: str
    about: str
    severity: str
    began: float
    ended: float | None


def firings(
    promtool: Path, folder: Path, rules: str, gathered: Gathered, every: float
) -> list[Firing]:
    """All alerts that fire on these series, in the order in which they begin.

    `every` is the time between two scrapes in seconds; each is followed by an evaluation.
    """
    pace = format_duration(every)
    found = rule_tests(promtool, folder, rules, [_unit_test(gathered, every)], pace)
    steps = _STEP.findall(found)
    assert len(steps) == gathered.scrapes, found[-4000:]
    return sorted(_spans([_alerts(got) for _, got in steps], every), key=lambda one: one.began)


def _unit_test(gathered: Gathered, every: float) -> dict[str, object]:
    asked = [
        {"expr": _ASKED, "eval_time": format_duration(step * every)}
        for step in range(gathered.scrapes)
    ]
    return {
        "interval": format_duration(every),
        "input_series": gathered.written(),
        "promql_expr_test": asked,
    }


def _alerts(got: str) -> frozenset[tuple[str, str, str]]:
    """The alerts of one step: name, subject, severity."""
    labels = [
        {name: str(json.loads(f'"{value}"')) for name, value in _LABEL.findall(series)}
        for series in _SERIES.findall(got)
    ]
    return frozenset(
        (
            each["alertname"],
            next((each[name] for name in SUBJECTS if each.get(name)), ""),
            each["severity"],
        )
        for each in labels
        if "alertname" in each
    )


def _spans(steps: list[frozenset[tuple[str, str, str]]], every: float) -> Iterator[Firing]:
    began: dict[tuple[str, str, str], float] = {}
    for step, alerts in enumerate((*steps, None)):
        at = step * every
        over = set(began) if alerts is None else set(began) - alerts
        for alert in over:
            yield Firing(*alert, began.pop(alert), None if alerts is None else at)
        for alert in alerts or ():
            began.setdefault(alert, at)
