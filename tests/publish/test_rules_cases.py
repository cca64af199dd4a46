"""What the alerts do over time, by promtool: each fires, resolves, and outlives a restart."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.types import parse_duration
from evidenced.publish.rules import default_rules
from rule_tests import rule_tests

SHIPPED = Path(__file__).parents[2] / "config" / "prometheus"
UNIT_TESTS = sorted(SHIPPED.glob("*.test.yml"))

Alert = tuple[str, str]
"""An alert's name and severity."""

CLAIM = 'claim="cart",section="stable"'
CHECK = 'check="cart",kind="http",target="https://rad.example/cart"'
PUSH = 'check="nightly",kind="push",target="/api/v1/push/nightly"'
OF_CLAIM = {"claim": "cart", "section": "stable"}
OF_CHECK = {"check": "cart", "kind": "http", "target": "https://rad.example/cart"}
OF_DAEMON = {"instance": "a:9321"}


@dataclass(frozen=True, slots=True)
class Case:
    """Series that make one alert fire, and its labels beside the job and the severity.

    Each value of a series is a number, or a first one and what it grows by in each minute (`0+2`);
    `calm` are the values at which nothing is wrong. `also` are the severities at which the same
    alert fires then, too.
    """

    alert: str
    severity: str
    labels: dict[str, str]
    firing: dict[str, str]
    calm: dict[str, str]
    also: tuple[str, ...] = ()
    up: dict[str, str] = field(default_factory=lambda: {"firing": "up", "calm": "up"})


def _claim(section: str) -> Case:
    series = f'evidenced_claim_status{{claim="cart",section="{section}",status="contradicted"}}'
    return Case(
        f"Evidenced{section.title()}ClaimContradicted",
        "critical",
        {"claim": "cart", "section": section},
        {series: "1"},
        {series: "0"},
    )


def _daemon(alert: str, severity: str, metric: str, firing: str = "0", calm: str = "1") -> Case:
    return Case(alert, severity, OF_DAEMON, {metric: firing}, {metric: calm})


def _certificate(alert: str, severity: str, expiry: str, *also: str) -> Case:
    series = f"probe_ssl_earliest_cert_expiry{{{CHECK}}}"
    return Case(alert, severity, OF_CHECK, {series: expiry}, {series: "9000000"}, also)


def _lateness(bound: str, grows: str) -> tuple[str, str]:
    return f'evidenced_schedule_lateness_seconds_bucket{{le="{bound}"}}', grows


STALE = f'evidenced_claim_status{{{CLAIM},status="stale"}}'
LIVE = f'evidenced_claim_basis{{{CLAIM},basis="live"}}'
VERIFIED = f"evidenced_claim_verified{{{CLAIM}}}"
ELSEWHERE = f'evidenced_claim_verified{{{CLAIM},instance="b:9321",location="nyc1"}}'
LAST_RUN, MAX_AGE = (
    f"{name}{{{CHECK}}}" for name in ("probe_last_run_timestamp_seconds", "probe_max_age_seconds")
)
NOW, CONTRADICTED = "evidenced_time_seconds{}", f"probe_contradicted{{{CHECK}}}"
TOOK, TIMEOUT, GOOD = (
    f"probe_{name}{{{CHECK}}}" for name in ("duration_seconds", "timeout_seconds", "success")
)
ARRIVAL = f'probe_expectation_met{{{PUSH},expectation="arrival"}}'
FLAPPING = f"probe_flapping{{{CHECK}}}"
BROKEN = 'evidenced_ledger_violations{rule="wip-limit",severity="error"}'
UNCHECKED = f"evidenced_claim_checks{{{CLAIM}}}"
MISSING = "evidenced_shards_missing{}"

CASES = (
    _claim("stable"),
    _claim("closed"),
    Case(
        "EvidencedClaimNotVerified",
        "warning",
        OF_CLAIM,
        {STALE: "1", LIVE: "1"},
        {STALE: "0", LIVE: "1"},
    ),
    Case(
        "EvidencedLocationsDisagree",
        "info",
        OF_CLAIM,
        {VERIFIED: "1", ELSEWHERE: "0"},
        {VERIFIED: "1", ELSEWHERE: "1"},
    ),
    _certificate("EvidencedCertificateExpires", "warning", "864000"),
    _certificate("EvidencedCertificateExpires", "critical", "86400", "warning"),
    _certificate("EvidencedCertificateExpired", "critical", "-86400"),
    Case(
        "EvidencedCheckStale",
        "warning",
        OF_CHECK,
        {LAST_RUN: "0", MAX_AGE: "60", NOW: "0+60"},
        {LAST_RUN: "0+60", MAX_AGE: "300", NOW: "0+60"},
    ),
    Case("EvidencedCheckFailing", "warning", OF_CHECK, {CONTRADICTED: "1"}, {CONTRADICTED: "0"}),
    Case("EvidencedCheckFlapping", "warning", OF_CHECK, {FLAPPING: "1"}, {FLAPPING: "0"}),
    Case(
        "EvidencedCheckSlow",
        "warning",
        OF_CHECK,
        {TOOK: "9", TIMEOUT: "10", GOOD: "1"},
        {TOOK: "8", TIMEOUT: "10", GOOD: "1"},
    ),
    Case(
        "EvidencedPushSilent",
        "warning",
        {"check": "nightly", "kind": "push", "target": "/api/v1/push/nightly"},
        {ARRIVAL: "0"},
        {ARRIVAL: "1"},
    ),
    _daemon("EvidencedLedgerUnreadable", "warning", "evidenced_ledger_readable{}"),
    _daemon("EvidencedLedgerDisbelieved", "warning", "evidenced_ledger_believed{}"),
    Case(
        "EvidencedLedgerRuleBroken", "warning", {"rule": "wip-limit"}, {BROKEN: "1"}, {BROKEN: "0"}
    ),
    Case("EvidencedClaimsWithoutCheck", "info", OF_DAEMON, {UNCHECKED: "0"}, {UNCHECKED: "1"}),
    _daemon("EvidencedReloadFailed", "warning", "evidenced_config_last_reload_successful{}"),
    _daemon("EvidencedVantageDown", "critical", "evidenced_vantage_up{}"),
    Case(
        "EvidencedScheduleLate",
        "warning",
        OF_DAEMON,
        dict([_lateness("5", "0"), _lateness("10", "0+9"), _lateness("+Inf", "0+9")]),
        dict([_lateness("5", "0+9"), _lateness("10", "0+9"), _lateness("+Inf", "0+9")]),
    ),
    _daemon(
        "EvidencedRunsSkipped", "warning", "evidenced_schedule_skipped_runs_total{}", "0+1", "7"
    ),
    _daemon(
        "EvidencedStoreFailing", "warning", "evidenced_store_write_failures_total{}", "0+1", "7"
    ),
    Case("EvidencedDown", "critical", OF_DAEMON, {}, {}, up={"firing": "down", "calm": "up"}),
    Case("EvidencedShardMissing", "warning", {}, {MISSING: "1"}, {MISSING: "0"}),
    Case("EvidencedWatchdog", "none", {}, {}, {}),
)
ALWAYS = "EvidencedWatchdog"

RESTART = "{0}x60 stale _ {1}x20"
"""An hour, then two minutes in which the daemon starts anew and no scrape succeeds, then more."""
UP = {"up": "1x60 0 0 1x20", "down": "0x82"}
BEFORE, DURING, AFTER = ("60m",), ("61m", "62m"), ("63m", "64m", "70m", "80m")


def _promtool(
    promtool: Path, folder: Path, tests: list[dict[str, Any]], groups: list[dict[str, Any]]
) -> str:
    """What promtool says of these tests of these groups of rules; nothing where they pass.

    What the descriptions say is tested with the shipped tests.
    """
    for rule in [rule for group in groups for rule in group["rules"]]:
        rule.pop("annotations", None)
    return rule_tests(promtool, folder, json.dumps({"groups": groups}), tests)


def _groups() -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(default_rules())["groups"]
    return groups


def _series(name: str, value: str) -> dict[str, str]:
    metric, _, own = name.partition("{")
    daemon = ['job="evidenced"', *(['instance="a:9321"'] if "instance=" not in own else [])]
    labels = ",".join([*daemon, *([own.removesuffix("}")] if own != "}" else [])])
    # A time goes on in a restart; whatever is counted begins at nothing again.
    anew = value.replace("0+", "3780+") if "time" in metric else value
    return {"series": f"{metric}{{{labels}}}", "values": RESTART.format(value, anew)}


def _expected(case: Case) -> list[dict[str, Any]]:
    job = {} if case.alert == ALWAYS else {"job": "evidenced"}
    return [
        {"exp_labels": {"severity": severity, **job, **case.labels}}
        for severity in (case.severity, *case.also)
    ]


def _test(case: Case, state: str) -> dict[str, Any]:
    """Whether the alert fires, or keeps calm, before a restart of the daemon, in it and after."""
    series = case.firing if state == "firing" else case.calm
    expected = _expected(case) if state == "firing" or case.alert == ALWAYS else []
    up = {"series": 'up{job="evidenced",instance="a:9321"}', "values": UP[case.up[state]]}
    return {
        "name": f"{case.alert} ({case.severity}), {state}",
        "interval": "1m",
        "input_series": [up, *(_series(name, value) for name, value in series.items())],
        "alert_rule_test": [
            {"alertname": case.alert, "eval_time": time, "exp_alerts": expected}
            for time in (*BEFORE, *DURING, *AFTER)
        ],
    }


def _alerts() -> list[Alert]:
    return [
        (rule["alert"], rule["labels"]["severity"])
        for group in _groups()
        for rule in group["rules"]
        if "alert" in rule
    ]


def test_there_is_a_case_of_every_alert() -> None:
    assert [(case.alert, case.severity) for case in CASES] == _alerts()


@pytest.mark.parametrize("state", ["firing", "calm"])
def test_a_restart_of_the_daemon_resolves_nothing_and_fires_nothing(
    state: str, promtool: Path, tmp_path: Path
) -> None:
    # No group asks for what another one records, so each alert's own is enough.
    for group in _groups():
        names = {rule.get("alert") for rule in group["rules"]}
        tests = [_test(case, state) for case in CASES if case.alert in names]
        assert _promtool(promtool, tmp_path, tests, [group]) == ""


def test_series_that_are_missing_are_no_alert(promtool: Path, tmp_path: Path) -> None:
    """A daemon of another version, or one that has seen nothing yet."""
    names = {case.alert for case in CASES}
    calm = [
        {"alertname": name, "eval_time": "80m", "exp_alerts": []}
        for name in sorted(names - {ALWAYS})
    ]
    up = {"series": 'up{job="evidenced",instance="a:9321"}', "values": "1x80"}
    test = {"interval": "1m", "input_series": [up], "alert_rule_test": calm}
    assert _promtool(promtool, tmp_path, [test], _groups()) == ""


def test_without_any_series_the_daemon_is_down(promtool: Path, tmp_path: Path) -> None:
    down = [{"exp_labels": {"severity": "critical", "job": "evidenced"}}]
    names = sorted({case.alert for case in CASES} - {ALWAYS})
    cases = [
        {
            "alertname": name,
            "eval_time": "80m",
            "exp_alerts": down if name == "EvidencedDown" else [],
        }
        for name in names
    ]
    series = [{"series": 'up{job="node"}', "values": "1x80"}]
    test = {"interval": "1m", "input_series": series, "alert_rule_test": cases}
    assert _promtool(promtool, tmp_path, [test], _groups()) == ""


@pytest.mark.parametrize("path", UNIT_TESTS, ids=[path.name for path in UNIT_TESTS])
def test_the_shipped_unit_tests_pass(path: Path, promtool: Path) -> None:
    command = (promtool, "test", "rules", path.name)
    found = subprocess.run(command, cwd=SHIPPED, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.fixture(scope="module")
def fates() -> dict[Alert, list[list[bool]]]:
    """Of each alert and each shipped unit test: whether it fires, in the order of the times."""
    found: dict[Alert, list[list[bool]]] = {alert: [] for alert in _alerts()}
    for path in UNIT_TESTS:
        for test in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["tests"]:
            cases = sorted(
                test["alert_rule_test"], key=lambda case: parse_duration(_duration(case))
            )
            for (name, severity), fate in found.items():
                fate.append(
                    [severity in _severities(case) for case in cases if case["alertname"] == name]
                )
    return found


def _duration(case: dict[str, Any]) -> str:
    time: str = case["eval_time"]
    return "0" if time == "0m" else time


def _severities(case: dict[str, Any]) -> set[str]:
    return {alert["exp_labels"]["severity"] for alert in case.get("exp_alerts") or ()}


@pytest.mark.parametrize("alert", _alerts(), ids=" ".join)
def test_each_alert_is_shown_below_its_threshold_firing_and_resolved(
    alert: Alert, fates: dict[Alert, list[list[bool]]]
) -> None:
    shown = ["".join("+" if fires else "-" for fires in fate) for fate in fates[alert]]
    if alert[0] == ALWAYS:
        assert any("+" in fate for fate in shown)
    else:
        assert any("-+-" in fate.replace("++", "+") for fate in shown), shown
