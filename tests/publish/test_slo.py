"""The rules of SLOs as a file: what is recorded, what the alerts say, and what promtool thinks."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.load import load
from evidenced.config.model import Config
from evidenced.config.slo import DAY, Slo
from evidenced.publish.rules import default_rules, rules
from evidenced.publish.slo_series import SERIES
from evidenced.publish.slo_tiers import TIERS
from rule_tests import rule_tests

DOCS = Path(__file__).parents[2] / "docs" / "slo.md"
RUNBOOK = "https://wiki.rad.example/bells"
DOCUMENT = {
    "ledger": {"path": "STATE.md"},
    "external_url": "https://evidenced.rad.example",
    "claims": {
        "bells-ring": {"slo": {"objective": 99.95, "latency": "2s"}, "runbook_url": RUNBOOK},
        "horns-honk": {"runbook_url": "https://wiki.rad.example/horns"},
    },
    "checks": [
        {
            "name": "bells",
            "http": {"url": "https://rad.example/bells"},
            "slo": {"objective": 99, "window": "28d"},
        },
        {
            "name": "horns",
            "interval": "1h",
            "http": {"url": "https://rad.example/horns"},
            "slo": {"objective": 99.9},
        },
        {"name": "wheels", "http": {"url": "https://rad.example/wheels"}},
    ],
}


@pytest.fixture
def text() -> str:
    return rules(Config.model_validate(DOCUMENT))


@pytest.fixture
def groups(text: str) -> dict[str, list[dict[str, Any]]]:
    """The groups of SLOs, by name."""
    groups = yaml.safe_load(text)["groups"]
    return {g["name"]: g["rules"] for g in groups if g["name"].startswith("evidenced-slo-")}


def alerts(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [rule for rule in found if "alert" in rule]


def test_there_are_two_groups_for_each_slo_and_none_without_one(
    text: str, groups: dict[str, list[dict[str, Any]]]
) -> None:
    subjects = ("claim-bells-ring", "check-bells", "check-horns")
    assert list(groups) == [
        f"evidenced-slo-{subject}{end}" for subject in subjects for end in ("", "-slow")
    ]
    assert "slo" not in default_rules()
    intervals = {g["name"]: g.get("interval") for g in yaml.safe_load(text)["groups"]}
    assert intervals["evidenced-slo-check-bells"] == "1m"
    assert intervals["evidenced-slo-check-bells-slow"] == "5m"


def test_all_series_are_recorded_once_and_are_those_that_are_described(
    groups: dict[str, list[dict[str, Any]]],
) -> None:
    for subject in ("claim-bells-ring", "check-bells"):
        every = {"1m": f"evidenced-slo-{subject}", "5m": f"evidenced-slo-{subject}-slow"}
        found = [
            (rule["record"], interval)
            for interval, group in every.items()
            for rule in groups[group]
            if "record" in rule
        ]
        assert sorted(found) == sorted((series.name, series.every) for series in SERIES)


def test_no_query_but_that_of_the_whole_window_reads_more_than_three_days(text: str) -> None:
    for line in text.splitlines():
        if "[30d]" in line or "[28d]" in line:
            assert "5m{" in line


def test_promtool_finds_nothing(text: str, promtool: Path, tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(text, "utf-8")
    found = subprocess.run(
        [promtool, "check", "rules", "--lint=all", "--lint-fatal", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.rstrip().endswith("rules found")


def test_a_name_that_looks_like_a_template_is_taken_literally(
    promtool: Path, tmp_path: Path
) -> None:
    name = '{{ringg}}"\\'
    check = {"name": name, "http": {"url": "https://rad.example/"}, "slo": {"objective": 99}}
    found = yaml.safe_load(rules(Config.model_validate({**DOCUMENT, "checks": [check]})))["groups"]
    ours = next(g["rules"] for g in found if g["name"] == f"evidenced-slo-check-{name}")
    rule = next(rule for rule in alerts(ours) if rule["labels"]["tier"] == "page-quick")
    del rule["annotations"]
    quoted = json.dumps(name)
    good = f'evidenced:slo_good:ratio{{job="evidenced", check={quoted}, slo={quoted}}}'
    labels = {"job": "evidenced", "severity": "critical", "tier": "page-quick"}
    fires = {"exp_labels": {**labels, "check": name, "slo": name}}
    asked = {"alertname": rule["alert"], "eval_time": "30m", "exp_alerts": [fires]}
    test = {
        "interval": "1m",
        "input_series": [{"series": good, "values": "0x30"}],
        "alert_rule_test": [asked],
    }
    kept = [rule for rule in ours if "ratio_rate" in rule.get("record", "")]
    groups = [{"name": "slo", "rules": [*kept, rule]}]
    assert rule_tests(promtool, tmp_path, json.dumps({"groups": groups}), [test]) == ""


def test_the_alerts_of_an_slo_are_one_a_tier(groups: dict[str, list[dict[str, Any]]]) -> None:
    pages, tickets = groups["evidenced-slo-check-bells"], groups["evidenced-slo-check-bells-slow"]
    both = [*alerts(pages), *alerts(tickets)]
    assert {rule["alert"] for rule in both} == {"EvidencedErrorBudgetBurn"}
    assert [rule["labels"] for rule in both] == [
        {"severity": t.severity.value, "check": "bells", "slo": "bells", "tier": t.name}
        for t in TIERS
    ]
    limits = ["13.44 * 0.01", "5.6 * 0.01", "2.8 * 0.01", "0.933333333 * 0.01"]
    for rule, limit in zip(both, limits, strict=True):
        assert rule["expr"].count(f"> {limit}\n") == 2
        assert "for" not in rule
    assert all(rule["labels"]["severity"] == "critical" for rule in alerts(pages))


def test_a_check_that_looks_once_an_hour_cannot_burn_within_one(
    groups: dict[str, list[dict[str, Any]]],
) -> None:
    tiers = [rule["labels"]["tier"] for rule in alerts(groups["evidenced-slo-check-horns"])]
    assert tiers == ["page-slow"]


def test_summaries_are_static_and_links_lead_to_the_proof(
    groups: dict[str, list[dict[str, Any]]],
) -> None:
    of_claim = alerts(groups["evidenced-slo-claim-bells-ring"])
    of_check = alerts(groups["evidenced-slo-check-bells"])
    for rule in (*of_claim, *of_check):
        assert rule["annotations"]["summary"] == "The error budget of an SLO burns too fast."
    for rule in of_claim:
        assert rule["annotations"]["proof_url"].startswith("https://evidenced.rad.example/claims/")
        assert rule["annotations"]["runbook_url"] == RUNBOOK
    for rule in of_check:
        assert "proof_url" not in rule["annotations"]


def test_the_documentation_has_the_tiers_and_the_series() -> None:
    page = DOCS.read_text("utf-8")
    for tier in TIERS:
        rates = " | ".join(f"{float(tier.factor(days * DAY)):.4g}" for days in (30, 28, 7))
        rates = rates.replace("0.9333", "0.93")
        assert f"| `{tier.name}` | {tier.severity.value} | {tier.percent} % |" in page
        assert f" | {rates} |\n" in page
    listed = re.findall("^[|] `(evidenced:[^`]*)` [|] ([^|]*) [|] ([^|]*) [|]$", page, re.MULTILINE)
    assert listed == [tuple(series) for series in SERIES]


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    example = DOCS.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "evidenced.yaml"
    path.write_text("ledger: {path: STATE.md}\n" + example, "utf-8")
    config = load(path, {})
    assert config.checks[0].slo == Slo(objective=99.9, window="30d", latency="500ms")
    assert config.claims["orders-are-taken"].slo == Slo(objective=99.5)


def test_what_a_page_says(
    groups: dict[str, list[dict[str, Any]]], promtool: Path, tmp_path: Path
) -> None:
    one = 'job="evidenced", instance="one", check="bells"'
    claim = 'job="evidenced", instance="one", claim="bells-ring"'
    series = {
        f"probe_success{{{one}}}": "1x59 0x40",
        f'probe_failure_info{{{one}, target="rad.example", reason="status", '
        'detail="expected 200, found 502"}': "_x60 1x40",
        f"probe_duration_seconds{{{one}}}": "1x99",
        f'evidenced_claim_check_info{{{one}, claim="bells-ring"}}': "1x99",
        f"evidenced_claim_verified{{{claim}}}": "1x59 0x40",
        f'evidenced_claim_status{{{claim}, status="contradicted"}}': "0x59 1x40",
        f'evidenced_claim_status{{{claim}, status="verified"}}': "1x59 0x40",
    }
    names = ("evidenced-slo-check-bells", "evidenced-slo-claim-bells-ring")
    expected = {
        "check": (
            "In the last 1h the check bells was bad for 26.23% of the time, in the last 5m as well."
            " Of its SLO (99 % over 28d) the error budget burns at a rate above 13.44; at 1 it "
            "lasts for all of that.\nNow rad.example: expected 200, found 502 (status)."
        ),
        "claim": (
            "In the last 1h the claim bells-ring was bad for 26.23% of the time, in the last 5m as "
            "well. Of its SLO (99.95 % over 30d) the error budget burns at a rate above 14.4; at 1 "
            "it lasts for all of that.\nNow check bells of rad.example: expected 200, found 502 "
            "(status)."
        ),
    }
    ours = []
    for name in names:
        for rule in groups[name]:
            if "alert" in rule:
                rule["annotations"] = {"description": rule["annotations"]["description"]}
        kept = [rule for rule in groups[name] if rule.get("labels", {}).get("tier") != "page-slow"]
        ours.append({"name": name, "rules": kept})
    labels = {"job": "evidenced", "severity": "critical", "tier": "page-quick"}
    exp_alerts = [
        {
            "exp_labels": {**labels, kind: name, "slo": name},
            "exp_annotations": {"description": expected[kind]},
        }
        for kind, name in (("check", "bells"), ("claim", "bells-ring"))
    ]
    test = {
        "interval": "1m",
        "input_series": [{"series": key, "values": text} for key, text in series.items()],
        "alert_rule_test": [
            {
                "alertname": "EvidencedErrorBudgetBurn",
                "eval_time": "75m",
                "exp_alerts": exp_alerts,
            }
        ],
    }
    assert rule_tests(promtool, tmp_path, json.dumps({"groups": ours}), [test]) == ""


def test_burn_rate_and_budget_left(
    groups: dict[str, list[dict[str, Any]]], promtool: Path, tmp_path: Path
) -> None:
    """A day is good, then two hours are half bad: what is left of the budget of 28 days."""
    ours = [
        {"name": name, "rules": [rule for rule in groups[name] if "record" in rule]}
        for name in ("evidenced-slo-check-bells", "evidenced-slo-check-bells-slow")
    ]
    series = 'evidenced:slo_good:ratio{job="evidenced", check="bells", slo="bells"}'
    # 60 bad minutes of 403.2 allowed; pieces of five minutes overlap at their edges here.
    asked = {
        "evidenced:slo_objective:ratio == bool 0.99": 1,
        "evidenced:slo_window:seconds == bool 2419200": 1,
        "round(evidenced:slo_burn_rate:ratio_rate1h, 0.1)": 50,
        "evidenced:slo_errors:ratio_window > bool 0.037": 1,
        "evidenced:slo_errors:ratio_window < bool 0.039": 1,
        "evidenced:slo_budget_left:ratio > bool 0.8": 1,
        "evidenced:slo_budget_left:ratio < bool 0.87": 1,
        "absent(evidenced:slo_errors:ratio_rate5m)": None,
    }
    labels = '{check="bells", job="evidenced", slo="bells"}'
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": "1x1440 0.5x119"}],
        "promql_expr_test": [
            {
                "expr": expr,
                "eval_time": "1560m",
                "exp_samples": [] if value is None else [{"labels": labels, "value": value}],
            }
            for expr, value in asked.items()
        ],
    }
    assert rule_tests(promtool, tmp_path, json.dumps({"groups": ours}), [test], "5m") == ""
