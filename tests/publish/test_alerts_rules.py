from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.config.rulefile import RuleFile
from evidenced.ledger.lint.model import Linted, Violation
from evidenced.ledger.lint.model import Severity as Level
from evidenced.ledger.model import Ledger
from evidenced.probes.attempt import Attempt, Judgement, Reason
from evidenced.publish.alerts_board import matters
from evidenced.publish.alerts_history import Sources, Working
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_rules import RuleBook, proof_url
from evidenced.publish.alerts_slow import Slowness
from evidenced.publish.metrics_daemon import BUCKETS
from evidenced.publish.rules import rules
from evidenced.publish.rules_daemon import WATCHDOG
from evidenced.publish.rules_model import Severity
from evidenced.watch.board import Board
from evidenced.watch.vantage import View
from evidenced.watch.verdict import Standing
from publish.test_rules_cases import CASES

START = 1_800_000_000.0
LISTEN = "127.0.0.1:9321"
LINKED = {
    "ledger": {"path": "STATE.md"},
    "external_url": "https://rad.example/evidenced/",
    "rules": {
        "runbook_url": "https://rad.example/runbooks/",
        "dashboard_url": "https://rad.example/dashboard",
    },
}
LEDGER = Ledger(updated=None, sections={}, headings=frozenset())


@pytest.fixture
def ailing(board: Board, observe: Callable[..., None], good: Attempt, bad: Attempt) -> Board:
    """A board on which everything is the matter that can be told."""
    for at in (60.0, 120.0):
        observe("repairs", bad, at=at)
    board.claims["stable-2"] = replace(board.claims["stable-2"], standing=Standing.STALE)
    late = Judgement("arrival", False, "a push", "none", Reason.TIMEOUT)
    observe("hub", replace(bad, judgements=(late,)))
    hub = board.checks["hub"]
    flapping = replace(hub.state, flapping_since=START)
    board.checks["hub"] = replace(hub, state=flapping, check=replace(hub.check, kind="push"))
    places = (Violation("wip-limit", Level.ERROR, 3, "two at once", "end one"),) * 2
    board.linted = Linted({"wip-limit": Level.ERROR, "done-without-date": Level.WARNING}, places)
    board.view = View(lost=START)
    board.reading = replace(
        board.reading, config_loaded=False, ledger_readable=False, ledger_believed=False
    )
    return board


EXPIRIES = {"bells": (START + 90_000, START), "repairs": (START, START)}
TOLD = {
    "EvidencedStableClaimContradicted",
    "EvidencedClosedClaimContradicted",
    "EvidencedClaimNotVerified",
    "EvidencedCertificateExpires",
    "EvidencedCertificateExpired",
    "EvidencedCheckFlapping",
    "EvidencedCheckStale",
    "EvidencedPushSilent",
    "EvidencedLedgerRuleBroken",
    "EvidencedLedgerUnreadable",
    "EvidencedLedgerDisbelieved",
    "EvidencedClaimsWithoutCheck",
    "EvidencedReloadFailed",
    "EvidencedVantageDown",
    WATCHDOG,
}


def test_every_alert_that_is_sent_is_one_of_the_rule_file(ailing: Board, config: Config) -> None:
    book = RuleBook.of(config, ailing.plan.ledger, LISTEN)
    found = list(matters(ailing, book, EXPIRIES, START + 90_000 - 60))
    written = {
        (rule["alert"], rule["labels"]["severity"]): rule["annotations"]["summary"]
        for group in yaml.safe_load(rules(config))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert {rule.name for _, rule in found} >= TOLD
    for matter, rule in found:
        assert matter.name == rule.name
        assert written[rule.name, rule.severity.value] == rule.summary
        assert matter.severity in (None, rule.severity)


NOT_SENT = {"EvidencedDown", "EvidencedLocationsDisagree"}
"""What no daemon can know of: docs/alertmanager-direct.md."""


def past(board: Board, sender: Sender, observe: Callable[..., None], good: Attempt) -> list[Matter]:
    """All that is the matter by how things went."""
    counts = {"skipped": 0.0, "failures": 0.0, "late": 0.0}
    sources = Sources(
        skipped=lambda: counts["skipped"],
        failures=lambda: counts["failures"],
        late=lambda: (*(0.0 for _ in BUCKETS), counts["late"]),
        missing=lambda: 1,
    )
    working, limits = Working(sources), RuleFile()
    list(working.matters(limits, sender, 0.0))
    counts.update(skipped=1.0, failures=1.0, late=1.0)
    observe("bells", replace(good, duration=9.0))
    slow = Slowness().seen(board.checks["bells"], limits, sender, 60.0)
    assert slow is not None
    return [*working.matters(limits, sender, 60.0), slow]


def test_every_rule_is_sent_or_cannot_be_and_the_labels_are_of_the_same_names(
    ailing: Board, config: Config, observe: Callable[..., None], good: Attempt
) -> None:
    """What the labels of the rules are, promtool has seen; those of SLOs have a test of theirs."""
    book = RuleBook.of(config, ailing.plan.ledger, LISTEN)
    found = list(matters(ailing, book, EXPIRIES, START + 90_000 - 60))
    told = past(ailing, book.sender, observe, good)
    hub = ailing.checks["hub"]
    failing = replace(hub.state, flapping_since=None, confirmed=Standing.CONTRADICTED)
    alone = replace(hub, state=failing, check=replace(hub.check, kind="http"))
    ailing.view, ailing.checks["hub"] = View(), alone
    found += matters(ailing, book, EXPIRIES, START + 2 * 86_400, told)
    names = {
        (rule.name, rule.severity.value): {"severity", *matter.labels} for matter, rule in found
    }
    assert names == {
        (case.alert, case.severity): {"severity", *case.labels}
        | ({"job"} if case.alert != WATCHDOG else set())
        for case in CASES
        if case.alert not in NOT_SENT
    }


def test_a_broken_rule_of_the_ledger_is_what_its_metric_says(
    ailing: Board, config: Config, series: Callable[..., dict[tuple[str, ...], float]]
) -> None:
    """And not what the ledger in force would be found to break: the file may be another by now."""
    book = RuleBook.of(config, ailing.plan.ledger, LISTEN)
    told = [
        one
        for one, _ in matters(ailing, book, EXPIRIES, START)
        if one.name == "EvidencedLedgerRuleBroken"
    ]
    assert [one.labels for one in told] == [{"job": "evidenced", "rule": "wip-limit"}]
    assert "the rule wip-limit, in 2 of its places" in told[0].description
    broken = {
        rule for (rule,), places in series("evidenced_ledger_violations", "rule").items() if places
    }
    assert broken == {"wip-limit"}
    assert ailing.plan.ledger.findings


def test_the_labels_of_the_settings_are_on_every_alert(ailing: Board) -> None:
    labels = {"job": "shop", "instance": "rad-1:9321", "team": "wheels"}
    config = Config.model_validate(
        {
            "ledger": {"path": "STATE.md"},
            "location": "fra1",
            "alertmanager": {"urls": "http://127.0.0.1:9093", "labels": labels},
        }
    )
    book = RuleBook.of(config, ailing.plan.ledger, LISTEN)
    assert book.sender == Sender("shop", "rad-1:9321", "fra1", {"team": "wheels"})
    for matter, _ in matters(ailing, book, EXPIRIES, START + 60):
        assert matter.labels["team"] == "wheels"
        if matter.name == WATCHDOG:
            assert matter.labels == {"team": "wheels"}, "one for all, as it is with Prometheus"
            continue
        assert matter.labels["job"] == "shop"
        own = {"claim", "check", "rule"}.isdisjoint(matter.labels)
        assert matter.labels.get("instance") == ("rad-1:9321" if own else None)
        assert matter.labels.get("location") == ("fra1" if own else None)


def test_without_labels_the_daemon_is_called_by_its_address(config: Config) -> None:
    assert RuleBook.of(config, LEDGER, LISTEN).sender == Sender("evidenced", LISTEN)


@pytest.mark.parametrize(
    ("matter", "links"),
    [
        (
            Matter("EvidencedStableClaimContradicted", {"claim": "a/b c"}, ""),
            {
                "runbook_url": "https://rad.example/runbooks/EvidencedStableClaimContradicted",
                "dashboard_url": "https://rad.example/dashboard",
                "proof_url": "https://rad.example/evidenced/claims/a%2Fb+c",
            },
        ),
        (
            Matter("EvidencedVantageDown", {}, ""),
            {
                "runbook_url": "https://rad.example/runbooks/EvidencedVantageDown",
                "dashboard_url": "https://rad.example/dashboard",
            },
        ),
    ],
    ids=["claim", "daemon"],
)
def test_links(matter: Matter, links: dict[str, str]) -> None:
    book = RuleBook.of(Config.model_validate(LINKED), LEDGER, LISTEN)
    assert book.rule(matter).links == links


def test_a_runbook_of_the_claim_goes_before_that_of_the_alert() -> None:
    book = RuleBook.of(Config.model_validate(LINKED), LEDGER, LISTEN)
    own = replace(book, settings=replace(book.settings, runbooks={"bells": "https://b.example/"}))
    for claim, runbook in (
        ("bells", "https://b.example/"),
        ("brakes", "https://rad.example/runbooks/EvidencedClaimNotVerified"),
    ):
        rule = own.rule(Matter("EvidencedClaimNotVerified", {"claim": claim}, ""))
        assert rule.links["runbook_url"] == runbook


def test_a_severity_picks_one_of_several_rules_of_a_name(config: Config) -> None:
    book = RuleBook.of(config, LEDGER, LISTEN)
    for severity in (Severity.WARNING, Severity.CRITICAL):
        matter = Matter("EvidencedCertificateExpires", {}, "", severity=severity)
        assert book.rule(matter).severity is severity
    with pytest.raises(LookupError, match="EvidencedNothing"):
        book.rule(Matter("EvidencedNothing", {}, ""))


def test_no_address_no_proof() -> None:
    assert proof_url(None, "brakes") is None
