"""What counts as a sample of an SLO, and how good it is, evaluated by promtool."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.publish.rules import rules
from rule_tests import rule_tests

CHECK = 'job="evidenced", instance="%s", check="bells", kind="http", target="rad.example"'
CLAIM = 'job="evidenced", instance="%s", claim="bells-ring", section="stable"'
Values = list[float | None]
Holds = Callable[[dict[str, Any], Mapping[str, str], Values], None]


def check(name: str, daemon: str = "one", more: str = "") -> str:
    """A series of the check."""
    return f"{name}{{{CHECK % daemon}{more}}}"


def claim(name: str, daemon: str = "one", more: str = "") -> str:
    """A series of the claim."""
    return f"{name}{{{CLAIM % daemon}{more}}}"


def view(daemon: str = "one") -> str:
    """The series of a daemon's view."""
    return f'evidenced_vantage_up{{job="evidenced", instance="{daemon}", location="{daemon}"}}'


def of_check(**slo: object) -> dict[str, Any]:
    """A configuration with an SLO on the check."""
    url = "https://rad.example/bells"
    return {"checks": [{"name": "bells", "http": {"url": url}, "slo": {"objective": 99, **slo}}]}


def of_claim(**slo: object) -> dict[str, Any]:
    """A configuration with an SLO on the claim."""
    return {"claims": {"bells-ring": {"slo": {"objective": 99, **slo}}}}


@pytest.fixture
def holds(promtool: Path, tmp_path: Path) -> Holds:
    """Assert how good the subject of an SLO is, minute by minute; None where nobody can tell."""

    def holds(slos: dict[str, Any], series: Mapping[str, str], expected: Values) -> None:
        document = {"ledger": {"path": "STATE.md"}, **slos}
        written = yaml.safe_load(rules(Config.model_validate(document)))
        groups = [group for group in written["groups"] if "slo" in group["name"]]
        sample = groups[0]["rules"][0]
        assert sample["record"] == "evidenced:slo_good:ratio"
        labels = {"job": "evidenced", **sample["labels"]}
        written = ", ".join(f"{key}={json.dumps(value)}" for key, value in labels.items())
        name = f"{sample['record']}{{{written}}}"
        asked = [
            {
                # Not what an earlier minute recorded: a promtest looks back for five minutes.
                "expr": f"last_over_time({sample['record']}[30s])",
                "eval_time": f"{minute}m",
                "exp_samples": [] if value is None else [{"labels": name, "value": value}],
            }
            for minute, value in enumerate(expected)
        ]
        test = {
            "interval": "1m",
            "input_series": [{"series": key, "values": text} for key, text in series.items()],
            "promql_expr_test": asked,
        }
        recorded = {"groups": [{"name": "slo", "rules": [sample]}]}
        assert rule_tests(promtool, tmp_path, json.dumps(recorded), [test]) == ""

    return holds


CHECK_CASES = {
    "as the run was": ({check("probe_success"): "1 0 1"}, [1, 0, 1]),
    "in maintenance": (
        {check("probe_success"): "1 0 0 1", check("probe_maintenance"): "0 1 1 0"},
        [1, None, None, 1],
    ),
    "a run that could not look": ({check("probe_success"): "1 stale _ 0"}, [1, None, None, 0]),
    "the view is gone": (
        {check("probe_success"): "1 0 0 1", view(): "1 0 0 1"},
        [1, None, None, 1],
    ),
    "what it depends on fails": (
        {
            check("probe_success"): "1 0 0 0",
            check(
                "probe_failure_info", more=', reason="dependency", detail="gateway"'
            ): "_ 1 stale _",
            check("probe_failure_info", more=', reason="status", detail="500"'): "_ _ 1 1",
        },
        [1, None, 0, 0],
    ),
    "one of two daemons sees it": (
        {
            check("probe_success", "one"): "1 1 1 1 0",
            check("probe_success", "two"): "1 0 0 0 stale",
            check("probe_maintenance", "two"): "0 0 1 0 0",
            view("one"): "1 1 1 0 1",
        },
        [1, 0.5, 1, 0, 0],
    ),
    "another check": ({check("probe_success").replace("bells", "horns"): "0 0"}, [None, None]),
    "another job": ({check("probe_success").replace("evidenced", "blackbox"): "0 0"}, [None, None]),
    "a drill": (
        {check("probe_success"): "1 1", check("probe_success", more=', drill="true"'): "0 0"},
        [1, 1],
    ),
}
SLOW_CASES = {
    "quick": ({check("probe_success"): "1 0", check("probe_duration_seconds"): "0.5 0.1"}, [1, 0]),
    "slow": ({check("probe_success"): "1 0", check("probe_duration_seconds"): "0.501 9"}, [0, 0]),
}
STATUS = {
    state: claim("evidenced_claim_status", more=f', status="{state}"')
    for state in ("verified", "contradicted", "stale", "unverified", "unknown")
}
SPOKEN_FOR = {
    f'evidenced_claim_check_info{{{CLAIM % "one"}, check="{name}"}}': "1x9"
    for name in ("bells", "horns")
}
VERIFIED = {
    claim("evidenced_claim_verified"): "1 1 1 1",
    STATUS["verified"]: "1 1 1 1",
    **SPOKEN_FOR,
}
CLAIM_CASES = {
    "verified, then contradicted": (
        {
            claim("evidenced_claim_verified"): "1 0 1",
            STATUS["verified"]: "1 0 1",
            STATUS["contradicted"]: "0 1 0",
        },
        [1, 0, 1],
    ),
    "unknown, stale, unverified": (
        {
            claim("evidenced_claim_verified"): "1 0 0 0",
            STATUS["verified"]: "1 0 0 0",
            STATUS["contradicted"]: "0 0 0 0",
            STATUS["unknown"]: "0 1 0 0",
            STATUS["stale"]: "0 0 1 0",
            STATUS["unverified"]: "0 0 0 1",
        },
        [1, None, None, None],
    ),
    "a check of it in maintenance": (
        {
            **VERIFIED,
            check("probe_maintenance"): "0 1 0 0",
            check("probe_maintenance").replace("bells", "horns"): "0 0 1 0",
            check("probe_maintenance").replace("bells", "brakes"): "0 0 0 1",
        },
        [1, None, None, 1],
    ),
    "contradicted before the view was gone": (
        {
            claim("evidenced_claim_verified"): "0 0 0",
            STATUS["contradicted"]: "1 1 1",
            view(): "1 0 1",
        },
        [0, None, 0],
    ),
    "a drill": (
        {
            **VERIFIED,
            claim("evidenced_claim_verified", more=', drill="true"'): "0 0 0 0",
            claim(
                "evidenced_claim_status", more=', status="contradicted", drill="true"'
            ): "1 1 1 1",
        },
        [1, 1, 1, 1],
    ),
}


@pytest.mark.parametrize(("series", "expected"), CHECK_CASES.values(), ids=CHECK_CASES)
def test_a_sample_of_a_check(holds: Holds, series: Mapping[str, str], expected: Values) -> None:
    holds(of_check(), series, expected)


@pytest.mark.parametrize(("series", "expected"), SLOW_CASES.values(), ids=SLOW_CASES)
def test_a_slow_answer_is_no_good_one(
    holds: Holds, series: Mapping[str, str], expected: Values
) -> None:
    holds(of_check(latency="500ms"), series, expected)


@pytest.mark.parametrize(("series", "expected"), CLAIM_CASES.values(), ids=CLAIM_CASES)
def test_a_sample_of_a_claim(holds: Holds, series: Mapping[str, str], expected: Values) -> None:
    holds(of_claim(), series, expected)


def test_a_claim_is_as_slow_as_the_slowest_of_its_checks(holds: Holds) -> None:
    series = {
        **VERIFIED,
        check("probe_duration_seconds"): "0.1 0.6 0.1 0.1",
        check("probe_duration_seconds").replace("bells", "horns"): "0.1 0.1 0.6 0.1",
        check("probe_duration_seconds").replace("bells", "brakes"): "0.1 0.1 0.1 0.6",
    }
    holds(of_claim(latency="500ms"), series, [1, 0, 0, 1])


def test_names_are_quoted(holds: Holds) -> None:
    name = 'say-"{{ringg}}"\\\u00e9'
    slo = {"name": name, "http": {"url": "https://rad.example/"}, "slo": {"objective": 99}}
    series = check("probe_success").replace('"bells"', json.dumps(name, ensure_ascii=False))
    holds({"checks": [slo]}, {series: "1 0"}, [1, 0])
