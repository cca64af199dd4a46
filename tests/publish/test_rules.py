import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.publish.rules import default_rules, patience_of, rules
from evidenced.publish.rules_settings import Patience, RuleSettings

SHIPPED = Path(__file__).parents[2] / "config" / "prometheus"
NAMES = [
    "EvidencedStableClaimContradicted",
    "EvidencedClosedClaimContradicted",
    "EvidencedClaimNotVerified",
    "EvidencedClaimsWithoutCheck",
    "EvidencedLedgerUnreadable",
    "EvidencedLedgerDisbelieved",
    "EvidencedReloadFailed",
    "EvidencedVantageDown",
    "EvidencedDown",
    "EvidencedWatchdog",
]


def _config(checks: tuple[dict[str, Any], ...] = (), **defaults: object) -> Config:
    document = {"ledger": {"path": "STATE.md"}, "checks": checks, "defaults": defaults}
    return Config.model_validate(document)


def _check(**settings: object) -> dict[str, Any]:
    return {"name": "bells", "http": {"url": "https://rad.example/bells"}, **settings}


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def _alerts(text: str) -> dict[str, dict[str, Any]]:
    return {
        rule["alert"]: rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]
    }


@pytest.fixture
def slow() -> Config:
    return _config((_check(interval="1d", timeout="30s"),))


def test_the_shipped_rules_are_those_of_the_defaults() -> None:
    shipped = (SHIPPED / "evidenced.rules.yml").read_text("utf-8")
    assert shipped == default_rules() == rules(_config()), "run `make generate`"


def test_every_alert_says_whom_it_is_for_and_what_is_wrong() -> None:
    alerts = _alerts(rules(_config()))
    assert list(alerts) == NAMES
    for rule in alerts.values():
        assert set(rule["labels"]) == {"severity"}
        assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"}
        summary = rule["annotations"]["summary"]
        assert "{{" not in summary
        assert summary[0].isupper()
        assert summary.endswith(".")
        assert summary.count(".") == 1
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["annotations"]["description"]


def test_a_contradiction_wakes_someone_at_once_and_new_proof_is_named() -> None:
    alerts = _alerts(rules(_config()))
    for name in NAMES[:2]:
        assert alerts[name]["labels"]["severity"] == "critical"
        assert "for" not in alerts[name]
    assert "NEW proof" in alerts["EvidencedClosedClaimContradicted"]["annotations"]["description"]


@pytest.mark.parametrize(
    ("config", "patience"),
    [
        pytest.param(_config(), Patience(300, 300), id="defaults: 3 intervals of 60s, and 120s"),
        pytest.param(_config(interval="5s"), Patience(180, 180), id="quick, in whole minutes"),
        pytest.param(
            _config(confirm={"failures": 1, "successes": 4}), Patience(420, 420), id="successes"
        ),
        pytest.param(
            _config((_check(interval="10s"),)), Patience(300, 300), id="a check that is quicker"
        ),
        pytest.param(
            _config((_check(interval="1h"),)), Patience(300, 10920), id="a check that is slower"
        ),
        pytest.param(
            _config((_check(confirm={"failures": 9, "successes": 1}),)),
            Patience(300, 720),
            id="a check that confirms more",
        ),
    ],
)
def test_a_claim_is_given_time_to_come_to_a_standing(config: Config, patience: Patience) -> None:
    assert patience_of(config, margin=120) == patience


def test_a_slow_check_does_not_delay_what_was_once_verified(slow: Config) -> None:
    rule = _alerts(rules(slow))["EvidencedClaimNotVerified"]
    assert rule["for"] == "5m"
    assert "[3d2m]" in rule["expr"]
    assert "3d2m" in rules(slow).partition("groups:")[0]


def test_the_selector_is_in_every_expression() -> None:
    settings = RuleSettings(selector='job=~"evidenced-.*", env="prod"')
    for name, rule in _alerts(rules(_config(), settings)).items():
        if name != "EvidencedWatchdog":
            assert rule["expr"].count("{") == rule["expr"].count('{job=~"evidenced-.*", env="prod"')


@pytest.mark.parametrize("which", ["shipped", "slow"])
def test_promtool_accepts_the_rules(
    which: str, slow: Config, promtool: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(rules(slow if which == "slow" else _config()), "utf-8")
    found = _run(promtool, "check", "rules", "--lint=all", "--lint-fatal", path, cwd=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"SUCCESS: {len(NAMES)} rules found" in found.stdout


def test_the_unit_tests_of_the_shipped_rules_pass(promtool: Path) -> None:
    found = _run(promtool, "test", "rules", "evidenced.rules.test.yml", cwd=SHIPPED)
    assert found.returncode == 0, found.stdout + found.stderr


def _unit_test(series: dict[str, str], cases: dict[str, str]) -> dict[str, Any]:
    """A promtool test in steps of 4m: values of series, and the claim that fires at a time."""
    labels = {"severity": "warning", "job": "evidenced"}
    alert_rule_test = [
        {
            "alertname": "EvidencedClaimNotVerified",
            "eval_time": time,
            "exp_alerts": [{"exp_labels": labels | {"claim": claim}}] if claim else [],
        }
        for time, claim in cases.items()
    ]
    input_series = [{"series": name, "values": values} for name, values in series.items()]
    test = {
        "interval": "4m",
        "input_series": input_series,
        "alert_rule_test": alert_rule_test,
    }
    return {"rule_files": ["rules.yml"], "tests": [test]}


def test_a_claim_of_a_slow_check_may_wait_for_its_first_look(
    slow: Config, promtool: Path, tmp_path: Path
) -> None:
    status, live = "evidenced_claim_status{%s}", 'evidenced_claim_basis{%s, basis="live"}'
    daily, cart = 'job="evidenced", claim="daily"', 'job="evidenced", claim="cart"'
    series = {
        status % f'{daily}, status="unverified"': "1x1200",
        live % daily: "1x1200",
        status % f'{cart}, status="stale"': "0 1x5",
        live % cart: "1x6",
    }
    cases = {"8m": "", "9m": "cart", "3d6m": "", "3d7m": "daily"}
    # What the descriptions say is tested with the shipped rules.
    document = yaml.safe_load(rules(slow))
    for rule in [rule for group in document["groups"] for rule in group["rules"]]:
        del rule["annotations"]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(document), "utf-8")
    (tmp_path / "test.yml").write_text(yaml.safe_dump(_unit_test(series, cases)), "utf-8")
    found = _run(promtool, "test", "rules", "test.yml", cwd=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr


def test_there_is_a_unit_test_in_which_each_alert_fires() -> None:
    document = yaml.safe_load((SHIPPED / "evidenced.rules.test.yml").read_text("utf-8"))
    fired = {
        case["alertname"]
        for test in document["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    silent = {
        case["alertname"]
        for test in document["tests"]
        for case in test["alert_rule_test"]
        if not case.get("exp_alerts")
    }
    assert fired == set(NAMES)
    assert silent == set(NAMES) - {"EvidencedWatchdog"}


def test_promtool_accepts_the_shipped_configuration(promtool: Path) -> None:
    found = _run(
        promtool, "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml", cwd=SHIPPED
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{len(NAMES)} rules found" in found.stdout
