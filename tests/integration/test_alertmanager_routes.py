"""What the shipped configuration makes of alerts in a real Alertmanager: one page, or silence."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.alerting import Alertmanager, Inbox, alertmanager, caught, hurried, shipped
from integration.conftest import eventually

Labels = dict[str, str]
PAGES = "evidenced-pages"

DOWN = {"alertname": "EvidencedDown", "severity": "critical", "instance": "a:9321"}
BLIND = {"alertname": "EvidencedVantageDown", "severity": "critical", "instance": "a:9321"}
STABLE = {
    "alertname": "EvidencedStableClaimContradicted",
    "severity": "critical",
    "section": "stable",
    "claim": "cart",
}
CLOSED = {
    "alertname": "EvidencedClosedClaimContradicted",
    "severity": "critical",
    "section": "closed",
    "claim": "till",
}
NOT_VERIFIED = {
    "alertname": "EvidencedClaimNotVerified",
    "severity": "warning",
    "section": "stable",
    "claim": "cart",
}
LEDGER = {"alertname": "EvidencedLedgerUnreadable", "severity": "warning", "instance": "a:9321"}
SLOW = {"alertname": "EvidencedCheckSlow", "severity": "warning", "check": "cart", "kind": "http"}
FAILING = SLOW | {"alertname": "EvidencedCheckFailing"}
EXPIRED = {"alertname": "EvidencedCertificateExpired", "severity": "critical", "check": "cart"}
EXPIRES = {"alertname": "EvidencedCertificateExpires", "severity": "critical", "check": "cart"}
DRILL = {"drill": "true"}
ELSEWHERE = {"instance": "b:9321"}


def burn(tier: str, **more: str) -> Labels:
    severity = "critical" if tier.startswith("page") else "warning"
    labels = {"alertname": "EvidencedErrorBudgetBurn", "severity": severity, "slo": "cart-30d"}
    return labels | {"claim": "cart", "tier": tier} | more


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Alertmanager, Inbox]]:
    async with (
        Inbox.open() as inbox,
        alertmanager(caught(hurried(shipped()), inbox.url), tmp_path) as manager,
    ):
        yield manager, inbox


def alert(labels: Labels, job: str) -> dict[str, Any]:
    return {"labels": {"job": job, **labels}, "annotations": {"summary": "Something is wrong."}}


SILENT = {
    "a gone daemon: its own tickets": (DOWN, LEDGER),
    "a gone daemon: tickets on claims": (DOWN, NOT_VERIFIED),
    "a blind daemon: tickets on claims": (BLIND, NOT_VERIFIED),
    "a blind daemon: tickets on checks": (BLIND, SLOW),
    "a blind daemon: a failing check": (BLIND, FAILING),
    "a contradicted claim: that it is not verified": (STABLE, NOT_VERIFIED),
    "a contradicted claim: that its budget burns": (STABLE, burn("page-quick")),
    "a fast burn: a slower one": (burn("page-quick"), burn("page-slow")),
    "a fast burn: the slowest": (burn("page-quick"), burn("ticket-slow")),
    "a slow page: a ticket": (burn("page-slow"), burn("ticket-quick")),
    "a fast ticket: a slow one": (burn("ticket-quick"), burn("ticket-slow")),
    "a check with a page: its tickets": (EXPIRED, SLOW),
    "a check with a page: that it fails": (EXPIRED, FAILING),
    "a drill silences what belongs to the same drill": (STABLE | DRILL, NOT_VERIFIED | DRILL),
}
HEARD = {
    "a gone daemon: the tickets of another": (DOWN, LEDGER | ELSEWHERE),
    "a gone daemon: a claim that another contradicts": (DOWN, STABLE),
    "a blind daemon: a claim that another contradicts": (BLIND, CLOSED),
    "a contradicted claim: another": (STABLE, NOT_VERIFIED | {"claim": "till"}),
    "a fast burn: of another objective": (burn("page-quick"), burn("page-slow", slo="cart-7d")),
    "a contradicted claim: a check that speaks for none": (STABLE, FAILING),
    "a drill: the same claim in earnest": (STABLE | DRILL, NOT_VERIFIED),
    "an outage: a drill": (STABLE, NOT_VERIFIED | DRILL),
}


async def test_what_follows_from_something_else_is_silent(
    running: tuple[Alertmanager, Inbox],
) -> None:
    manager, _ = running
    # Each case is a job of its own, so that no case silences another.
    cases = SILENT | HEARD
    for case, (source, _) in cases.items():
        await manager.post(alert(source, case))
    # Alertmanager takes alerts in order: once this pair is silent it has seen all sources.
    await manager.post(alert(DOWN, "last"), alert(LEDGER, "last"))
    await manager.post(*(alert(target, case) for case, (_, target) in cases.items()))

    async def states() -> dict[frozenset[tuple[str, str]], str]:
        return {
            frozenset(one["labels"].items()): one["status"]["state"]
            for one in await manager.alerts()
        }

    def key(labels: Labels, job: str) -> frozenset[tuple[str, str]]:
        return frozenset({"job": job, **labels}.items())

    async def last() -> bool:
        return (await states()).get(key(LEDGER, "last")) == "suppressed"

    await eventually(last, 20)

    async def known() -> bool:
        return len(await states()) == 2 * len(cases) + 2

    await eventually(known, 20)
    found = await states()
    silent = {
        case for case, (_, target) in cases.items() if found[key(target, case)] == "suppressed"
    }
    assert silent == set(SILENT)
    assert "suppressed" not in {found[key(source, case)] for case, (source, _) in cases.items()}


CLAIMS = [STABLE | {"claim": f"page-{n}"} for n in range(20)]
OUTAGES = {
    "a site down": ([*CLAIMS, CLOSED, CLOSED | {"claim": "shelf"}], [22]),
    "two daemons gone": ([DOWN, DOWN | ELSEWHERE], [2]),
    "a blind daemon and a claim": ([BLIND, STABLE], [1, 1]),
    "an expired certificate, and the claim that it fells": ([EXPIRED, STABLE], [2]),
    "a certificate that will expire, and a claim": ([EXPIRES, STABLE], [1, 1]),
    "a claim, and the budget of another": ([STABLE, burn("page-slow", claim="till")], [2]),
    "a ticket": ([NOT_VERIFIED], []),
    "a failing check without a claim": ([FAILING], []),
    "a drill": ([one | DRILL for one in CLAIMS], []),
}


async def test_one_outage_is_one_page(running: tuple[Alertmanager, Inbox]) -> None:
    manager, inbox = running
    for job, (alerts, _) in OUTAGES.items():
        await manager.post(*(alert(labels, job) for labels in alerts))

    async def settled() -> bool:
        drills = [one for one in inbox.to("evidenced-drill") if len(one.alerts) == len(CLAIMS)]
        pages = sum(len(sizes) for _, sizes in OUTAGES.values())
        return bool(drills and inbox.to("evidenced-tickets") and len(inbox.to(PAGES)) >= pages)

    await eventually(settled, 20)
    # What is posted later is notified later: had there been more pages, they would be here.
    await manager.post(alert(DOWN, "last"))

    async def last() -> bool:
        return any(one.body["groupLabels"]["job"] == "last" for one in inbox.to(PAGES))

    await eventually(last, 20)
    pages = [one for one in inbox.to(PAGES) if one.body["groupLabels"]["job"] != "last"]
    sizes = {
        job: sorted(len(one.alerts) for one in pages if one.body["groupLabels"]["job"] == job)
        for job in OUTAGES
    }
    assert sizes == {job: expected for job, (_, expected) in OUTAGES.items()}
    assert max(Counter(one.group for one in pages).values()) == 1
    reopened = [claim for one in inbox.to("evidenced-ledger") for _, _, claim in one.named()]
    assert sorted(reopened) == ["shelf", "till"]
