"""The alerts on error budgets, played by promtool: when they fire, when they end, and when not."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.publish.rules import rules
from evidenced.publish.slo_alerts import NAME
from evidenced.publish.slo_tiers import TIERS
from rule_tests import rule_tests

SEVERITY = {tier.name: tier.severity.value for tier in TIERS}
CHECK = 'job="evidenced", instance="one", check="bells", kind="http", target="rad.example"'
CLAIM = 'job="evidenced", instance="one", claim="bells-ring", section="stable"'
GOOD = 'evidenced:slo_good:ratio{job="evidenced", check="bells", slo="bells"}'


def bells(objective: float = 99.9, **slo: object) -> dict[str, Any]:
    return {
        "name": "bells",
        "http": {"url": "https://rad.example/bells"},
        "slo": {"objective": objective, **slo},
    }


def config(*checks: dict[str, Any], **claims: dict[str, Any]) -> Config:
    document = {"ledger": {"path": "STATE.md"}, "checks": checks, "claims": claims}
    return Config.model_validate(document)


@dataclass
class Played:
    """Series by the minute, and what must be so at some of them.

    `firing` are the tiers by minute, `values` numbers by expression and minute (None: no sample).
    """

    series: Mapping[str, str]
    firing: Mapping[int, Sequence[str]] = field(default_factory=dict)
    values: Mapping[tuple[str, int], float | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=lambda: {"check": "bells", "slo": "bells"})

    def test(self) -> dict[str, Any]:
        return {
            "interval": "1m",
            "input_series": [{"series": key, "values": text} for key, text in self.series.items()],
            "alert_rule_test": [
                {
                    "alertname": NAME,
                    "eval_time": f"{minute}m",
                    "exp_alerts": [{"exp_labels": self._labels(tier)} for tier in tiers],
                }
                for minute, tiers in self.firing.items()
            ],
            "promql_expr_test": [
                {
                    "expr": expr,
                    "eval_time": f"{minute}m",
                    "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
                }
                for (expr, minute), value in self.values.items()
            ],
        }

    def _labels(self, tier: str) -> dict[str, str]:
        return {"job": "evidenced", "severity": SEVERITY[tier], "tier": tier, **self.labels}


Play = Callable[..., None]


def _long(rule: dict[str, Any]) -> bool:
    return any(name in rule.get("record", "") for name in (":sum5m", ":count5m", "_window", "left"))


def _plain(rule: dict[str, Any], *, kept: bool) -> dict[str, Any]:
    without = {"annotations"} if kept else {"annotations", "keep_firing_for"}
    return {key: value for key, value in rule.items() if key not in without}


@pytest.fixture
def play(promtool: Path, tmp_path: Path) -> Play:
    """Play cases against the rules of a configuration, evaluated by Prometheus' own engine.

    All groups at the same pace, whatever their intervals are: so what is made of pieces of five
    minutes is there only where it is asked for. So is the time for which a page goes on when it is
    over, which would blur when that is.
    """

    def play(
        config: Config,
        *cases: Played,
        whole: bool = False,
        kept: bool = False,
        every: str = "1m",
    ) -> None:
        document = yaml.safe_load(rules(config))
        ours = [group for group in document["groups"] if "slo" in group["name"]]
        for group in ours:
            group["rules"] = [
                _plain(rule, kept=kept) for rule in group["rules"] if whole or not _long(rule)
            ]
        written = json.dumps({"groups": ours})
        assert rule_tests(promtool, tmp_path, written, [case.test() for case in cases], every) == ""

    return play


LEAST = 3
"""Bad minutes that a check with a look a minute must have seen before any alert."""


@pytest.mark.parametrize(
    ("objective", "rate", "detection", "before"),
    [
        # Minutes by tier: factor x budget x long window / error rate.
        pytest.param("99", 1, [8.64, 21.6, 43.2, 43.2], 1500, id="99 %, all is bad"),
        pytest.param("99", "1/5", [43.2, 108, 216, 216], 400, id="99 %, a fifth is bad"),
        pytest.param("99", "1/10", [None, 216, 432, 432], 400, id="99 %, a tenth is bad"),
        pytest.param("99", "1/20", [None, None, 864, 864], 400, id="99 %, 1 of 20 is bad"),
        pytest.param("99", "1/50", [None, None, None, 2160], 400, id="99 %, 1 of 50 is bad"),
        pytest.param("99.9", 1, [0.864, 2.16, 4.32, 4.32], 400, id="99.9 %, all is bad"),
        pytest.param("99.9", "1/10", [8.64, 21.6, 43.2, 43.2], 400, id="99.9 %, a tenth is bad"),
    ],
)
def test_detection_and_reset_are_those_of_the_workbook(
    play: Play, objective: str, rate: str, detection: list[float | None], before: int
) -> None:
    """Good minutes, then errors at a rate until the slowest tier fires, then good ones again.

    No alert comes before `LEAST` bad minutes, which matters where the budget is small.
    """
    budget, bad = 1 - Fraction(objective) / 100, Fraction(rate)
    lasts = int(max(minute for minute in detection if minute)) + 30
    spans: dict[str, tuple[float, float]] = {}
    for tier, minute in zip(TIERS, detection, strict=True):
        threshold = tier.factor(30 * 86_400.0) * budget
        if minute is None:
            assert threshold >= bad
            continue
        assert minute == pytest.approx(float(threshold / bad) * tier.long / 60)
        reset = lasts + float(1 - threshold / bad) * tier.short / 60
        spans[tier.name] = (max(minute, float(LEAST / bad)), reset)
    firing: dict[int, list[str]] = {before - 1: [], before + lasts + 400: []}
    for begin, end in spans.values():
        # A sample stands for a minute, and a window has one more at its edge.
        for edge, slack in ((begin, 0.02 * begin), (end, 0.02 * (end - lasts))):
            for at in (int(edge - slack) - 2, int(edge + slack) + 3):
                firing[before + at] = [
                    n for n, (begin, end) in spans.items() if begin - 1 <= at < end
                ]
    values = f"1x{before - 1} {float(1 - bad)}x{lasts - 1} 1x401"
    # Of hours, an evaluation now and then shows the same edges as one in each minute.
    pace = "5m" if bad <= Fraction(1, 20) else "2m" if lasts > 60 else "1m"
    case = Played({GOOD: values}, dict(sorted(firing.items())))
    play(config(bells(float(objective))), case, every=pace)


UP = {
    f"probe_maintenance{{{CHECK}}}": "0x999",
    'evidenced_vantage_up{job="evidenced", instance="one"}': "1x999",
}
SUCCESS, SECONDS = f"probe_success{{{CHECK}}}", f"probe_duration_seconds{{{CHECK}}}"
PAGES, ALL = ["page-quick", "page-slow"], [tier.name for tier in TIERS]


@pytest.mark.parametrize(
    ("values", "firing"),
    [
        pytest.param("1 0 stale _x60", {1: [], 2: [], 30: []}, id="1 bad of 2 since the start"),
        pytest.param("0 1x90", {0: [], 1: [], 5: [], 60: []}, id="the first one is bad"),
        pytest.param("1x60 0 1x60", {60: [], 61: [], 65: []}, id="1 bad of many"),
        pytest.param("1x60 0x1 1x60", {61: [], 62: [], 65: []}, id="one run, seen twice"),
        pytest.param("0x60", {1: [], 2: PAGES, 4: ALL, 60: ALL}, id="bad from the start"),
        pytest.param("_x60", {0: [], 60: []}, id="no series"),
        pytest.param("1x60 stale _x90", {61: [], 120: []}, id="a series that ends"),
    ],
)
def test_few_samples(play: Play, values: str, firing: dict[int, list[str]]) -> None:
    play(config(bells()), Played({SUCCESS: values, **UP}, firing))


@pytest.mark.parametrize(
    ("series", "firing"),
    [
        pytest.param(
            {SUCCESS: "1x60 0x2 stale _x2 0x30"},
            {62: [], 63: PAGES, 64: PAGES, 67: PAGES, 69: ALL, 80: ALL},
            id="a restart amid an outage",
        ),
        pytest.param(
            {
                SUCCESS: "1x60 0x2 stale",
                SUCCESS.replace("one", "two"): "_x67 0x30",
                **{key.replace("one", "two"): value for key, value in UP.items()},
            },
            {62: [], 63: PAGES, 66: PAGES, 68: ALL, 80: ALL},
            id="a restart under another address",
        ),
        pytest.param(
            {SUCCESS: "1x60 0x10 stale _x60 1x360"},
            {70: ALL, 80: ["page-slow", "ticket-quick", "ticket-slow"], 110: ALL[2:], 480: []},
            id="a gap after an outage",
        ),
    ],
)
def test_restarts_and_gaps(
    play: Play, series: dict[str, str], firing: dict[int, list[str]]
) -> None:
    play(config(bells()), Played({**UP, **series}, firing))


@pytest.mark.parametrize(
    ("kept", "between"),
    [
        pytest.param(True, PAGES, id="one page"),
        pytest.param(False, PAGES[1:], id="it would be two"),
    ],
)
def test_bad_minutes_that_come_again_soon_are_the_same_page(
    play: Play, kept: bool, between: list[str]
) -> None:
    series = {SUCCESS: "1x60 0x2 1x7 0x2 1x60", **UP}
    firing = {62: [], 63: PAGES, 68: PAGES, 70: between, 75: ALL, 78: ALL, 87: ALL[1:]}
    play(config(bells()), Played(series, firing), kept=kept)
