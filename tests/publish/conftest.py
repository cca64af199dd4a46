"""A bicycle shop's ledger with 27 claims, a plan that looks at some, and what probes may see."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from evidenced.config.model import Config
from evidenced.ledger.model import (
    Document,
    Finding,
    Http,
    Item,
    Ledger,
    PullRequest,
    Reference,
    Section,
    TestRun,
)
from evidenced.probes.attempt import Attempt, Failure, Judgement, Outcome, Reason
from evidenced.publish.exposition import render
from evidenced.publish.metrics import Metrics
from evidenced.publish.metrics_alerts import Delivered
from evidenced.publish.metrics_daemon import Sent
from evidenced.publish.metrics_tracker import Filed
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Plan, make_plan

START = 1_800_000_000.0
UPDATED = datetime(2027, 1, 14, 9, 30, tzinfo=UTC)
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _item(section: Section, number: int, *references: Reference) -> Item:
    return Item(
        id=f"{section}-{number}",
        section=section,
        title=f"Bicycle {number} of {section}",
        text="rides",
        line=10 + number,
        closed=date(2027, 1, number) if section is Section.CLOSED else None,
        references=references,
    )


def _ledger() -> Ledger:
    proof = (
        PullRequest("7"),
        PullRequest("8"),
        Document("docs/proof.md"),
        TestRun(12, 40),
        TestRun(5),
    )
    closed = [_item(Section.CLOSED, 1, *proof), *(_item(Section.CLOSED, n) for n in range(2, 19))]
    stable = [
        _item(Section.STABLE, 1, Http("/repairs", 200)),
        *(_item(Section.STABLE, n) for n in range(2, 10)),
    ]
    findings = [Finding("closed-without-date", 3, "x"), Finding("closed-without-date", 4, "x")]
    return Ledger(
        updated=UPDATED,
        sections={Section.CLOSED: tuple(closed), Section.STABLE: tuple(stable)},
        headings=frozenset({Section.CLOSED, Section.STABLE}),
        findings=tuple(findings),
    )


CONFIG = {
    "ledger": {"path": "STATE.md", "base_url": "https://rad.example"},
    "checks": [
        {
            "name": "repairs",
            "claims": ["stable-1", "closed-1"],
            "labels": {"team": "workshop", "job": "spokes"},
            "http": {"url": "/repairs"},
        },
        {
            "name": "bells",
            "claims": ["stable-2"],
            "labels": {"tier": "1"},
            "http": {"url": "/bells"},
        },
        {"name": "hub", "http": {"url": "https://hub.example/up"}},
    ],
}


@pytest.fixture
def config() -> Config:
    return Config.model_validate(CONFIG)


@pytest.fixture
def plan(config: Config) -> Plan:
    return make_plan(config, _ledger())


@pytest.fixture
def board(plan: Plan) -> Board:
    missing = {"closed-1": ("docs/proof.md",)}
    return Board.of(plan, missing, Reading(config_loaded=True, config_loaded_at=START))


@pytest.fixture
def observe(board: Board) -> Callable[..., None]:
    """Record a run of a check: `observe("bells", attempt, …, at=seconds after the start)`."""

    def observe(name: str, *attempts: Attempt, at: float = 0.0) -> None:
        check = board.checks[name].check
        board.record(Observation(check, START + at, sum(a.duration for a in attempts), attempts))

    return observe


@pytest.fixture
def good() -> Attempt:
    """All that a look over HTTPS can see."""
    return Attempt(
        Outcome.SUCCESS,
        START,
        0.5,
        judgements=(
            Judgement("status", True, "200", "200", Reason.STATUS),
            Judgement("body", True, "“bell”", "it", Reason.BODY),
            Judgement("body", True, "“ring”", "it", Reason.BODY),
        ),
        phases={"resolve": 0.01, "connect": 0.02, "tls": 0.03, "processing": 0.4, "transfer": 0.04},
        facts={
            "status_code": 200,
            "redirects": 1,
            "content_length": 4096,
            "body_bytes": 12000,
            "last_modified": START - 3600,
            "ssl": True,
            "version": 1.1,
            "addresses": 2,
            "addresses_failed": 0,
            "ip_protocol": 6,
            "address": "2001:db8::1",
            "final_url": "https://rad.example/bells/",
            "cert_expiry": START + 86400,
            "cert_chain_expiry": START + 90000,
            "cert_subject": "CN=rad.example",
            "cert_issuer": "CN=R11,O=Let's Encrypt",
            "cert_names": "rad.example,www.rad.example",
            "cert_serial": "a1",
            "cert_fingerprint": "b2",
            "tls_version": "TLS 1.3",
            "tls_cipher": "TLS_AES_256_GCM_SHA384",
        },
    )


@pytest.fixture
def bad() -> Attempt:
    """An answer that breaks an expectation."""
    judgements = (
        Judgement("status", False, "200", "500", Reason.STATUS),
        Judgement("body", True, "“bell”", "it", Reason.BODY),
        Judgement("body", False, "“ring”", "nothing like it", Reason.BODY),
    )
    return Attempt(
        Outcome.FAILURE,
        START,
        0.25,
        failure=Failure.of(judgements[0]),
        judgements=judgements,
        phases={"connect": 0.02, "processing": 0.2},
        facts={"status_code": 500, "ssl": False, "version": 2.0},
    )


@pytest.fixture
def blind() -> Attempt:
    """A look that could not be taken."""
    failure = Failure(Reason.INTERNAL, "", "no file descriptors left")
    return Attempt(Outcome.UNKNOWN, START, 0.001, failure=failure)


@pytest.fixture
def metrics(board: Board) -> Metrics:
    sent = Sent(failures=2, last_success=START)
    told = (Delivered("http://127.0.0.1:9093", alerts=7, failures=1),)
    return Metrics(
        board,
        location=None,
        in_flight=lambda: 3,
        skipped=lambda: 4,
        heartbeat=lambda: sent,
        alerts=lambda: told,
        tracker=lambda: Filed(opened=5, failures=2, waiting=1),
    )


@pytest.fixture
def scrape() -> Callable[[CollectorRegistry], Series]:
    """All series of a scrape in the text format, read back: (name, labels) -> number."""

    def scrape(registry: CollectorRegistry) -> Series:
        body, _ = render(registry, "", "")
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(body.decode())
            for sample in family.samples
        }

    return scrape


@pytest.fixture
def series(
    metrics: Metrics, scrape: Callable[[CollectorRegistry], Series]
) -> Callable[..., dict[tuple[str, ...], float]]:
    """Series of one name: `series("probe_success", "check")` gives numbers by these labels' values.

    Labels named as keywords select, and two series that only other labels tell apart are an error.
    """

    def series(name: str, *by: str, **where: str) -> dict[tuple[str, ...], float]:
        found: dict[tuple[str, ...], float] = {}
        for (sample, pairs), value in scrape(metrics.registry).items():
            labels = dict(pairs)
            if sample == name and where.items() <= labels.items():
                key = tuple(labels[label] for label in by)
                assert key not in found, f"{name} has {key} twice"
                found[key] = value
        return found

    return series
