import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.config.rulefile import RuleFile
from evidenced.ledger.model import Item, Ledger, PullRequest, Reference, Section, Url
from evidenced.publish.rules import default_rules, rules
from evidenced.publish.rules_links import linked, runbooks_of
from evidenced.publish.rules_model import Alert, Severity
from evidenced.publish.rules_patience import patience_of
from evidenced.publish.rules_settings import Patience, RuleSettings
from rule_tests import rule_tests

SHIPPED = Path(__file__).parents[2] / "config" / "prometheus"
CLAIM_ALERTS = (
    "EvidencedStableClaimContradicted",
    "EvidencedClosedClaimContradicted",
    "EvidencedClaimNotVerified",
    "EvidencedLocationsDisagree",
)
ALERT = Alert("EvidencedBells", "vector(1) > 0", Severity.INFO, "Bells ring.", "They do.")
WIKI = "https://wiki.rad.example/runbooks"


def _config(checks: tuple[dict[str, Any], ...] = (), **defaults: object) -> Config:
    document = {"ledger": {"path": "STATE.md"}, "checks": checks, "defaults": defaults}
    return Config.model_validate(document)


def _set(**rules: object) -> Config:
    return Config.model_validate({"ledger": {"path": "STATE.md"}, "rules": rules})


def _check(**settings: object) -> dict[str, Any]:
    return {"name": "bells", "http": {"url": "https://rad.example/bells"}, **settings}


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def _alerts(text: str) -> dict[str, dict[str, Any]]:
    return {
        rule["alert"]: rule
        for group in yaml.safe_load(text)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def _ledger(*references: Reference) -> Ledger:
    item = Item("cart", Section.STABLE, "Cart", "", 3, references=references)
    return Ledger(None, {Section.STABLE: (item,)}, frozenset({Section.STABLE}), ())


@pytest.fixture
def slow() -> Config:
    return _config((_check(interval="1d", timeout="30s"),))


def test_the_shipped_rules_are_those_of_the_defaults() -> None:
    shipped = (SHIPPED / "evidenced.rules.yml").read_text("utf-8")
    assert shipped == default_rules() == rules(_config()), "run `make generate`"


def test_a_contradiction_wakes_someone_at_once_and_new_proof_is_named() -> None:
    alerts = _alerts(rules(_config()))
    for name in CLAIM_ALERTS[:2]:
        assert alerts[name]["labels"] == {"severity": "critical"}
        assert "for" not in alerts[name]
    assert "NEW proof" in alerts[CLAIM_ALERTS[1]]["annotations"]["description"]


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


def test_the_selector_is_in_every_expression_and_in_every_query_of_a_description() -> None:
    selector = 'job=~"evidenced-.+", env="prod"'
    for name, rule in _alerts(rules(_set(selector=selector))).items():
        if name == "EvidencedWatchdog":
            continue
        expr, description = rule["expr"], rule["annotations"]["description"]
        # What is recorded here has the job alone of these labels.
        recorded = expr.count(':min{job=~"evidenced-.+"}')
        assert expr.count("{") - recorded == expr.count("{" + selector)
        if "printf" in description:
            kind = "check" if "Check" in name or "Push" in name else "claim"
            values = f"$labels.job $labels.{kind}"
            assert f"printf `{selector}, job=%q, {kind}=%q` {values}" in description


def test_a_percent_sign_in_the_selector_is_no_verb_of_a_template() -> None:
    text = rules(_set(selector='job="a", share="5%"'))
    assert 'printf `job="a", share="5%%", claim=%q` $labels.claim' in text
    assert 'evidenced_ledger_readable{job="a", share="5%"}' in text


@pytest.mark.parametrize(
    ("settings", "alert", "part"),
    [
        ({"certificate": {"warning": "30d"}}, "EvidencedCertificateExpires", "< 259200"),
        ({"certificate": {"critical": "1d"}}, "EvidencedCertificateExpires", "< 86400"),
        ({"slow_share": 0.5, "slow": "30m"}, "EvidencedCheckSlow", "0.5 * "),
        ({"late": "2500ms"}, "EvidencedScheduleLate", "> 2.5"),
        ({"held_up": "20m"}, "EvidencedRunsSkipped", "[20m]"),
        ({"store": "7m"}, "EvidencedStoreFailing", "[7m]"),
        ({"bridge": "9m"}, "EvidencedVantageDown", "[9m]"),
        ({"quorum": 3}, "EvidencedStableClaimContradicted", ">= 3"),
        ({"quorum": 3}, "EvidencedClaimNotVerified", ">= 3"),
    ],
)
def test_a_threshold_is_that_of_the_configuration(
    settings: dict[str, Any], alert: str, part: str
) -> None:
    assert part in _alerts(rules(_set(**settings)))[alert]["expr"]


@pytest.mark.parametrize(
    ("key", "alert"),
    [
        ("disagree", "EvidencedLocationsDisagree"),
        ("failing", "EvidencedCheckFailing"),
        ("ledger", "EvidencedLedgerRuleBroken"),
        ("ledger", "EvidencedClaimsWithoutCheck"),
        ("bad_file", "EvidencedReloadFailed"),
        ("store", "EvidencedStoreFailing"),
        ("held_up", "EvidencedScheduleLate"),
        ("bridge", "EvidencedCheckStale"),
        ("bridge", "EvidencedShardMissing"),
    ],
)
def test_what_must_last_lasts_as_long_as_is_configured(key: str, alert: str) -> None:
    assert _alerts(rules(_set(**{key: "11m"})))[alert]["for"] == "11m"


@pytest.mark.parametrize("name", CLAIM_ALERTS[:2])
def test_a_page_on_a_claim_goes_on_for_as_long_as_is_configured(name: str) -> None:
    """And no other alert does, but for those of error budgets."""
    alerts = _alerts(rules(_set(keep="7m")))
    assert alerts[name]["keep_firing_for"] == "7m"
    assert sum("keep_firing_for" in rule for rule in alerts.values()) == 2
    assert "keep_firing_for" not in _alerts(rules(_set(keep="0s")))[name]


def test_how_long_a_daemon_may_be_gone_is_configured() -> None:
    alerts = _alerts(rules(_set(down="4m")))
    assert alerts["EvidencedDown"]["for"] == alerts["EvidencedVantageDown"]["for"] == "4m"


@pytest.mark.parametrize(
    ("base", "link"),
    [
        (f"{WIKI}/", f"{WIKI}/EvidencedBells"),
        (f"{WIKI}?title=", f"{WIKI}?title=EvidencedBells"),
        (f"{WIKI}#", f"{WIKI}#EvidencedBells"),
        (WIKI, f"{WIKI}#evidencedbells"),
    ],
)
def test_a_runbook_is_that_of_the_alert(base: str, link: str) -> None:
    settings = RuleSettings(RuleFile(runbook_url=base))
    for claim in (True, False):
        assert linked(ALERT, settings, claim=claim).links["runbook_url"] == link


def test_without_links_there_are_none_and_those_of_its_own_stay() -> None:
    assert linked(ALERT, RuleSettings(), claim=True) == ALERT
    own = replace(ALERT, links={"dashboard_url": "https://rad.example/own"})
    settings = RuleSettings(RuleFile(dashboard_url="https://rad.example/all"))
    assert linked(own, settings, claim=False).links == own.links


def test_only_a_claim_leads_to_its_proof() -> None:
    config = {"ledger": {"path": "STATE.md"}, "external_url": "https://evidence.rad.example/"}
    alerts = _alerts(rules(Config.model_validate(config)))
    proofs = {name: rule["annotations"].get("proof_url") for name, rule in alerts.items()}
    link = "https://evidence.rad.example/claims/{{ $labels.claim | urlquery }}"
    assert {name for name, proof in proofs.items() if proof} == set(CLAIM_ALERTS)
    assert set(proofs.values()) == {None, link}


@pytest.mark.parametrize(
    ("references", "runbooks"),
    [
        ((), {}),
        ((PullRequest("7"), Url("https://rad.example/cart")), {}),
        ((Url("https://rad.example/"), Url(f"{WIKI}/1"), Url(f"{WIKI}/2")), {"cart": f"{WIKI}/1"}),
        ((Url(f"{WIKI}/{{{{x}}}}"), Url(f"{WIKI}/2")), {"cart": f"{WIKI}/2"}),
        ((Url("https://rad.example/RunBook.html"),), {"cart": "https://rad.example/RunBook.html"}),
    ],
)
def test_the_runbook_that_a_claim_cites(
    references: tuple[Reference, ...], runbooks: dict[str, str]
) -> None:
    assert runbooks_of(_ledger(*references)) == runbooks


def test_a_runbook_of_the_configuration_stands_before_the_one_that_is_cited() -> None:
    document = {"ledger": {"path": "STATE.md"}, "claims": {"cart": {"runbook_url": f"{WIKI}/own"}}}
    text = rules(Config.model_validate(document), _ledger(Url(f"{WIKI}/cited")))
    assert f"{WIKI}/own" in text
    assert f"{WIKI}/cited" not in text


def _promtool(promtool: Path, folder: Path, text: str, tests: list[dict[str, Any]]) -> str:
    """What promtool says of tests of alerts, of which only the links are looked at."""
    found = _alerts(text)
    ours = [
        found[name] for name in {one["alertname"] for t in tests for one in t["alert_rule_test"]}
    ]
    for rule in ours:
        rule["annotations"] = {k: v for k, v in rule["annotations"].items() if k.endswith("_url")}
    group = {"name": "evidenced-claims", "rules": ours}
    return rule_tests(promtool, folder, json.dumps({"groups": [group]}), tests)


def _status(claim: str, values: str, **labels: str) -> dict[str, str]:
    own = "".join(f',{name}="{value}"' for name, value in labels.items())
    status = "" if "status" in labels else ',status="contradicted"'
    series = (
        f'evidenced_claim_status{{job="evidenced",section="stable",claim="{claim}"{status}{own}}}'
    )
    return {"series": series, "values": values}


def _fires(time: str, *alerts: dict[str, Any], name: str = CLAIM_ALERTS[0]) -> dict[str, Any]:
    return {"alertname": name, "eval_time": time, "exp_alerts": list(alerts)}


def _claim(claim: str, severity: str = "critical", **labels: str) -> dict[str, str]:
    return {"job": "evidenced", "severity": severity, "section": "stable", "claim": claim, **labels}


def test_a_claims_links_lead_to_its_own_runbook_and_its_proof(
    promtool: Path, tmp_path: Path
) -> None:
    document = {
        "ledger": {"path": "STATE.md"},
        "external_url": "https://evidence.rad.example",
        "rules": {"runbook_url": f"{WIKI}/"},
        "claims": {"cart": {"runbook_url": f"{WIKI}/cart"}},
    }
    proof = "https://evidence.rad.example/claims/"
    alerts = [
        {
            "exp_labels": _claim("cart"),
            "exp_annotations": {"runbook_url": f"{WIKI}/cart", "proof_url": f"{proof}cart"},
        },
        {
            "exp_labels": _claim("a/b"),
            "exp_annotations": {
                "runbook_url": f"{WIKI}/EvidencedStableClaimContradicted",
                "proof_url": f"{proof}a%2Fb",
            },
        },
    ]
    test = {
        "interval": "1m",
        "input_series": [_status("cart", "1"), _status("a/b", "1")],
        "alert_rule_test": [_fires("0m", *alerts)],
    }
    text = rules(Config.model_validate(document))
    assert _promtool(promtool, tmp_path, text, [test]) == ""


def test_a_quorum_is_of_locations_and_a_drill_needs_none(promtool: Path, tmp_path: Path) -> None:
    """Two daemons at one location are one, and where fewer than two say so nobody is woken."""
    series = [
        _status("cart", "0 1 1 1 0", instance="a", location="fra1"),
        _status("cart", "0 1 1 1 1", instance="b", location="fra1"),
        _status("cart", "0 0 1 1 1", instance="c", location="nyc1"),
        _status("cart", "0 0 0 0 0 0 0", instance="d", location="sin1"),
        _status("search", "_ 1", instance="a", location="fra1", drill="true"),
    ]
    cart, search = ({"exp_labels": _claim(*it)} for it in (("cart",), ("search",)))
    search["exp_labels"]["drill"] = "true"
    cases = [_fires("0m"), _fires("1m", search), _fires("2m", cart, search)]
    test = {"interval": "1m", "input_series": series, "alert_rule_test": cases}
    assert _promtool(promtool, tmp_path, rules(_set(quorum=2)), [test]) == ""


def test_a_quorum_is_needed_for_what_is_not_verified_too(promtool: Path, tmp_path: Path) -> None:
    live = 'evidenced_claim_basis{job="evidenced",section="stable",basis="live",claim="%s",%s}'
    series = []
    for claim, values in (("cart", ("1x20", "1x20")), ("search", ("1x20", "0x20"))):
        for place, value in zip(("a", "b"), values, strict=True):
            series += [
                _status(claim, value, status="stale", instance=place, location=place),
                {
                    "series": live % (claim, f'instance="{place}",location="{place}"'),
                    "values": "1x20",
                },
            ]
    name = "EvidencedClaimNotVerified"
    alert = {"exp_labels": _claim("cart", "warning")}
    cases = [_fires("4m", name=name), _fires("5m", alert, name=name)]
    test = {"interval": "1m", "input_series": series, "alert_rule_test": cases}
    assert _promtool(promtool, tmp_path, rules(_set(quorum=2)), [test]) == ""


def test_a_claim_of_a_slow_check_may_wait_for_its_first_look(
    slow: Config, promtool: Path, tmp_path: Path
) -> None:
    live = 'evidenced_claim_basis{job="evidenced",section="stable",basis="live",claim="%s"}'
    series = [
        _status("daily", "1x1200", status="unverified"),
        {"series": live % "daily", "values": "1x1200"},
        _status("cart", "0 1x5", status="stale"),
        {"series": live % "cart", "values": "1x6"},
    ]
    name = "EvidencedClaimNotVerified"
    cases = [
        _fires(time, *({"exp_labels": _claim(claim, "warning")} for claim in claims), name=name)
        for time, claims in {"8m": [], "9m": ["cart"], "3d6m": [], "3d7m": ["daily"]}.items()
    ]
    test = {"interval": "4m", "input_series": series, "alert_rule_test": cases}
    assert _promtool(promtool, tmp_path, rules(slow), [test]) == ""


def test_promtool_accepts_the_shipped_configuration(promtool: Path) -> None:
    found = _run(
        promtool, "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml", cwd=SHIPPED
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "rules found" in found.stdout
