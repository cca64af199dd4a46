"""The configuration of Alertmanager that comes with the project: what goes where, and reads how."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.publish.rules import default_rules

ROOT = Path(__file__).parents[2]
AMTOOL = ROOT / ".parts/root/usr/bin/amtool"
SHIPPED = ROOT / "config" / "alertmanager"
CONFIG = SHIPPED / "alertmanager.yml"
TEMPLATES = SHIPPED / "templates" / "*.tmpl"

Render = Callable[..., str]

STABLE = "EvidencedStableClaimContradicted"
CLOSED = "EvidencedClosedClaimContradicted"
SUMMARY = "Production contradicts a claim that the ledger holds as STABLE."


def amtool(*command: str | Path) -> str:
    assert AMTOOL.is_file(), f"{AMTOOL} is missing: `make test` fetches it"
    done = subprocess.run([AMTOOL, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def receivers(**labels: str) -> list[str]:
    """The receivers to which an alert with these labels goes, in order."""
    pairs = [f"{name}={value}" for name, value in labels.items()]
    out = amtool("config", "routes", "test", f"--config.file={CONFIG}", *pairs)
    return out.strip().split(",")


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CONFIG.read_text("utf-8"))
    return loaded


def test_it_loads_with_its_templates() -> None:
    out = amtool("check-config", CONFIG)
    assert "1 templates" in out
    assert out.count("SUCCESS") == 2


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param(
            {"alertname": STABLE, "severity": "critical", "section": "stable", "claim": "cart"},
            ["evidenced-pages"],
            id="a stable claim is a page",
        ),
        pytest.param(
            {"alertname": CLOSED, "severity": "critical", "section": "closed", "claim": "till"},
            ["evidenced-ledger", "evidenced-pages"],
            id="a closed claim is a page and goes to whoever keeps the ledger",
        ),
        pytest.param(
            {"alertname": CLOSED, "severity": "critical", "section": "closed", "drill": "true"},
            ["evidenced-drill"],
            id="a drill wakes nobody",
        ),
        pytest.param(
            {"alertname": "EvidencedClaimNotVerified", "severity": "warning", "drill": "true"},
            ["evidenced-drill"],
            id="a drill files no ticket",
        ),
        pytest.param(
            {"alertname": "EvidencedClaimNotVerified", "severity": "warning", "section": "closed"},
            ["evidenced-tickets"],
            id="a warning is a ticket in whichever section",
        ),
        pytest.param(
            {"alertname": "EvidencedCheckFailing", "severity": "warning", "check": "hub"},
            ["evidenced-tickets"],
            id="a failing check that speaks for no claim is a ticket",
        ),
        pytest.param(
            {"alertname": "EvidencedErrorBudgetBurn", "severity": "critical", "slo": "cart"},
            ["evidenced-pages"],
            id="a budget that burns fast is a page",
        ),
        pytest.param(
            {"alertname": "EvidencedErrorBudgetBurn", "severity": "warning", "slo": "cart"},
            ["evidenced-tickets"],
            id="a budget that burns slowly is a ticket",
        ),
        pytest.param(
            {"alertname": "EvidencedDown", "severity": "critical", "instance": "a:9321"},
            ["evidenced-pages"],
            id="a daemon that is gone is a page",
        ),
        pytest.param(
            {"alertname": "EvidencedDown", "severity": "critical", "section": ""},
            ["evidenced-pages"],
            id="a job without any daemon is a page",
        ),
        pytest.param(
            {"alertname": "EvidencedClaimsWithoutCheck", "severity": "info"},
            ["evidenced-notes"],
            id="an info is a note",
        ),
        pytest.param(
            {"alertname": "EvidencedWatchdog", "severity": "none"},
            ["evidenced-watchdog"],
            id="the watchdog goes outside",
        ),
        pytest.param(
            {"alertname": "EvidencedOfTomorrow", "severity": "unheard-of"},
            ["evidenced-tickets"],
            id="a severity that nobody knows is not lost",
        ),
        pytest.param(
            {"alertname": "NodeFilesystemAlmostOutOfSpace", "severity": "critical"},
            ["evidenced-tickets"],
            id="what is not of evidenced is left to the root",
        ),
    ],
)
def test_an_alert_goes_to(labels: dict[str, str], expected: list[str]) -> None:
    assert receivers(job="evidenced", **labels) == expected


def test_every_generated_alert_goes_where_its_severity_says() -> None:
    receiver = {
        "critical": "evidenced-pages",
        "warning": "evidenced-tickets",
        "info": "evidenced-notes",
        "none": "evidenced-watchdog",
    }
    groups = yaml.safe_load(default_rules())["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    assert len(alerts) >= 10
    for alert in alerts:
        labels = alert["labels"] | {"alertname": alert["alert"], "job": "evidenced"}
        assert receivers(**labels) == [receiver[labels["severity"]]], labels


def _keys(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _keys(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, path)
    else:
        yield path, value


def test_secrets_stand_in_files_only(config: dict[str, Any]) -> None:
    names = ("password", "key", "token", "secret", "credentials", "api_url")
    found = {
        path[-1]: value
        for path, value in _keys(config)
        if any(name in path[-1] for name in names) and "matchers" not in path[-1]
    }
    assert set(found) == {
        "smtp_auth_password_file",
        "slack_api_url_file",
        "routing_key_file",
        "credentials_file",
    }
    assert all(str(value).startswith("/etc/prometheus/secrets/") for value in found.values())


def test_all_four_ways_are_shown(config: dict[str, Any]) -> None:
    ways = {way for one in config["receivers"] for way in one if way != "name"}
    assert ways == {"email_configs", "pagerduty_configs", "slack_configs", "webhook_configs"}


def test_a_drill_silences_nothing_real(config: dict[str, Any]) -> None:
    assert config["inhibit_rules"]
    for rule in config["inhibit_rules"]:
        assert {"job", "drill"} <= set(rule["equal"]), rule


def _seconds(duration: str) -> float:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    return timedelta(**{units[duration[-1]]: int(duration[:-1])}).total_seconds()


def test_repeats_come_before_alertmanager_forgets_what_it_said(config: dict[str, Any]) -> None:
    retention = 120 * 3600
    repeats = [_seconds(str(v)) for path, v in _keys(config) if path[-1] == "repeat_interval"]
    assert len(repeats) >= 5
    assert max(repeats) < retention


def _alert(claim: str, status: str = "firing", **annotations: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": STABLE, "claim": claim, "section": "stable", "job": "evidenced"},
        "annotations": {
            "summary": SUMMARY,
            "description": f'The STABLE claim {claim} ("The bakery\'s {claim}") is contradicted.\n'
            f"Check {claim} of https://bread.example: expected 200, found <!channel> & 500.",
            "proof_url": f"https://proof.example/claims/{claim}",
            "runbook_url": "https://runbooks.example/bread",
            **annotations,
        },
        "startsAt": "2027-01-15T09:00:30+01:00",
        "endsAt": "2027-01-15T08:10:30Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph",
    }


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Render one of the templates as Alertmanager does, for these alerts of one group."""

    def rendered(
        template: str, *alerts: dict[str, Any], kind: str = "text", drill: str = ""
    ) -> str:
        def common(part: str) -> dict[str, str]:
            first = alerts[0][part].items()
            return {k: v for k, v in first if all(a[part].get(k) == v for a in alerts)}

        firing = any(alert["status"] == "firing" for alert in alerts)
        data = {
            "receiver": "evidenced-pages",
            "status": "firing" if firing else "resolved",
            "groupLabels": {"job": "evidenced"},
            "commonLabels": common("labels") | ({"drill": drill} if drill else {}),
            "commonAnnotations": common("annotations"),
            "externalURL": "http://alerts.example",
            "alerts": alerts,
        }
        (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
        return amtool(
            "template",
            "render",
            f"--template.glob={TEMPLATES}",
            f"--template.type={kind}",
            f'--template.text={{{{ template "{template}" . }}}}',
            f"--template.data={tmp_path / 'data.json'}",
        )

    return rendered


@pytest.mark.parametrize(
    ("alerts", "drill", "expected"),
    [
        pytest.param([_alert("cart")], "", f"[FIRING:1] {SUMMARY} (cart)", id="one"),
        pytest.param(
            [_alert("cart"), _alert("till", "resolved")],
            "",
            f"[FIRING:1] {SUMMARY} (cart)",
            id="one of two",
        ),
        pytest.param(
            [_alert(f"c{n}") for n in range(20)],
            "",
            f"[FIRING:20] {SUMMARY} (c0, c1, c2, c3, c4 and 15 more)",
            id="a site down",
        ),
        pytest.param(
            [_alert("cart"), _alert("till", summary="Another.")],
            "",
            "[FIRING:2] More than one kind of alert. (cart, till)",
            id="of two kinds",
        ),
        pytest.param(
            [_alert("cart", "resolved")], "", f"[RESOLVED] {SUMMARY} (cart)", id="resolved"
        ),
        pytest.param(
            [_alert("cart")],
            "true",
            f"DRILL, nothing is broken: [FIRING:1] {SUMMARY} (cart)",
            id="drill",
        ),
        pytest.param(
            [_alert("") | {"labels": {"alertname": "EvidencedDown", "instance": "a:9321"}}],
            "",
            f"[FIRING:1] {SUMMARY} (a:9321)",
            id="a daemon",
        ),
    ],
)
def test_the_title(alerts: list[dict[str, Any]], drill: str, expected: str, render: Render) -> None:
    assert render("evidenced.title", *alerts, drill=drill) == expected


def test_the_text_shows_the_proof(render: Render) -> None:
    assert render("evidenced.text", _alert("cart"), _alert("till", "resolved")) == (
        f"cart: {SUMMARY}\n"
        'The STABLE claim cart ("The bakery\'s cart") is contradicted.\n'
        "Check cart of https://bread.example: expected 200, found <!channel> & 500.\n"
        "Fires since 2027-01-15 08:00:30 UTC\n"
        "Proof: https://proof.example/claims/cart\n"
        "Runbook: https://runbooks.example/bread\n\n"
        "RESOLVED\n\n"
        f"till: no longer. {SUMMARY}\n"
        "It was so from 2027-01-15 08:00:30 to 2027-01-15 08:10:30 UTC\n"
        "Proof: https://proof.example/claims/till\n\n"
    )


def test_what_a_site_answered_is_no_mention_in_slack(render: Render) -> None:
    text = render("evidenced.slack", _alert("cart"), _alert("till", "resolved"))
    assert "expected 200, found &lt;!channel&gt; &amp; 500." in text
    assert "<https://proof.example/claims/cart|Proof>" in text
    assert "<https://proof.example/claims/till|Proof>" in text
    assert "<!" not in text


def test_what_a_site_answered_is_no_markup_in_mail(render: Render) -> None:
    text = render("evidenced.html", _alert("cart"), _alert("till", "resolved"), kind="html")
    assert "expected 200, found &lt;!channel&gt; &amp; 500." in text
    assert '<a href="https://proof.example/claims/cart">Proof</a>' in text
    assert "<!channel" not in text
    assert "till: no longer" in text


@pytest.mark.parametrize("template", ["evidenced.text", "evidenced.slack", "evidenced.html"])
def test_a_drill_says_so(template: str, render: Render) -> None:
    kind = "html" if template.endswith("html") else "text"
    says = "This is a DRILL: somebody tries the alerting, nothing is broken."
    assert says in render(template, _alert("cart"), kind=kind, drill="true")
    assert "DRILL" not in render(template, _alert("cart"), kind=kind)


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        pytest.param([_alert("cart")], "https://proof.example/claims/cart", id="its proof"),
        pytest.param(
            [_alert("cart"), _alert("till")], "https://runbooks.example/bread", id="what all share"
        ),
        pytest.param(
            [_alert("cart"), _alert("till", runbook_url="")], "http://alerts.example", id="nothing"
        ),
    ],
)
def test_the_link(alerts: list[dict[str, Any]], expected: str, render: Render) -> None:
    assert render("evidenced.link", *alerts) == expected
