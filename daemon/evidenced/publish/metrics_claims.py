"""The families of a claim, and of the ledger that it stands in."""

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from evidenced.ledger.model import Reference, Section, TestRun
from evidenced.publish.metrics_family import Family, Value, encodable, given, states
from evidenced.watch.board import Basis, Board, ClaimStatus
from evidenced.watch.verdict import Standing

REFERENCE_KINDS: tuple[str, ...] = tuple(kind.kind for kind in get_args(Reference))


def _info(claim: ClaimStatus) -> Iterator[Value]:
    closed = claim.item.closed
    yield (claim.item.title, closed.isoformat() if closed else ""), 1.0


def _check_info(claim: ClaimStatus) -> Iterator[Value]:
    for check in claim.checks:
        yield (check,), 1.0


def _references(claim: ClaimStatus) -> Iterator[Value]:
    counts = Counter(reference.kind for reference in claim.item.references)
    for kind in REFERENCE_KINDS:
        yield (kind,), counts[kind]


def _test_runs(claim: ClaimStatus) -> list[TestRun]:
    return [reference for reference in claim.item.references if isinstance(reference, TestRun)]


def _tests(claim: ClaimStatus) -> tuple[Value, ...]:
    counts = [run.tests or 0 for run in _test_runs(claim)]
    return given(sum(counts))


def _assertions(claim: ClaimStatus) -> tuple[Value, ...]:
    counts = [run.assertions or 0 for run in _test_runs(claim)]
    return given(sum(counts))


def _blind(claim: ClaimStatus) -> Iterator[Value]:
    if claim.blind is not None:
        yield (claim.blind.value,), 1.0


CLAIM_FAMILIES: tuple[Family[ClaimStatus], ...] = (
    Family(
        "evidenced_claim_info",
        "info",
        "The claim's title, and the day on which it was closed (empty where the ledger has none).",
        _info,
        labels=("title", "closed_on"),
    ),
    Family(
        "evidenced_claim_verified",
        "gauge",
        "Whether the claim is verified: 1 or 0.",
        lambda claim: given(float(claim.standing is Standing.VERIFIED)),
    ),
    Family(
        "evidenced_claim_status",
        "gauge",
        "The claim's standing: 1 for the one of "
        f"{', '.join(Standing)} that it has, 0 for the others.",
        lambda claim: states(Standing, claim.standing),
        labels=("status",),
    ),
    Family(
        "evidenced_claim_last_verified_timestamp_seconds",
        "gauge",
        "When all of the claim's checks last held: the time of the one that did so longest ago, "
        "in Unix time.",
        lambda claim: given(claim.last_verified),
        unit="seconds",
        present="once all checks of the claim have held",
    ),
    Family(
        "evidenced_claim_contradicted_timestamp_seconds",
        "gauge",
        "When a check of the claim was last contradicted, in Unix time.",
        lambda claim: given(claim.contradicted),
        unit="seconds",
        present="once a check of the claim was contradicted",
    ),
    Family(
        "evidenced_claim_basis",
        "gauge",
        "What the claim's standing can rest on: live (a check speaks for it), cited (it only "
        "cites something, which proves that this exists, not that it works) or none; 1 for the "
        "one that holds, 0 for the others.",
        lambda claim: states(Basis, claim.basis),
        labels=("basis",),
    ),
    Family(
        "evidenced_claim_blind_info",
        "info",
        "Why the claim is unknown: vantage (the daemon's own view is gone) or dependency (a check "
        "that its check depends on fails).",
        _blind,
        labels=("reason",),
        present="while the daemon knows why it cannot see",
    ),
    Family(
        "evidenced_claim_checks",
        "gauge",
        "Checks that speak for the claim.",
        lambda claim: given(len(claim.checks)),
    ),
    Family(
        "evidenced_claim_check_info",
        "info",
        "A check that speaks for the claim; joins evidenced_claim_* with probe_*.",
        _check_info,
        labels=("check",),
        present="where checks speak for the claim",
    ),
    Family(
        "evidenced_claim_references",
        "gauge",
        f"References that the claim cites, by kind: {', '.join(REFERENCE_KINDS)}.",
        _references,
        labels=("kind",),
    ),
    Family(
        "evidenced_claim_references_missing",
        "gauge",
        "Documents that the claim cites and the repository does not have.",
        lambda claim: given(len(claim.missing)),
    ),
    Family(
        "evidenced_claim_tests",
        "gauge",
        "Passed tests that the claim cites, as far as it counts them.",
        _tests,
    ),
    Family(
        "evidenced_claim_assertions",
        "gauge",
        "Assertions in the tests that the claim cites, as far as it counts them.",
        _assertions,
    ),
)


def claim_labels(claim: ClaimStatus) -> dict[str, str]:
    """The labels that say which claim it is."""
    return {"claim": encodable(claim.item.id), "section": claim.item.section.value}


def _items(board: Board) -> Iterator[Value]:
    for section in Section if board.share.keeps_ledger else ():
        yield (section.value,), len(board.plan.ledger.sections.get(section, ()))


def _violations(board: Board) -> Iterator[Value]:
    if not board.share.keeps_ledger:
        return
    counts = Counter(violation.rule for violation in board.linted.violations)
    for rule, severity in sorted(board.linted.judged.items()):
        yield (rule, severity.value), counts[rule]


def _sentinels(board: Board) -> Iterator[Value]:
    for name in board.plan.sentinels:
        if name in board.checks and board.share.has_check(name):
            yield (name,), 1.0


def _updated(board: Board) -> tuple[Value, ...]:
    updated = board.plan.ledger.updated if board.share.keeps_ledger else None
    return given(updated.timestamp() if updated else None)


LEDGER_FAMILIES: tuple[Family[Board], ...] = (
    Family(
        "evidenced_ledger_items",
        "gauge",
        f"Items by section: {', '.join(Section)}.",
        _items,
        labels=("section",),
    ),
    Family(
        "evidenced_ledger_violations",
        "gauge",
        "Places in the ledger file, as it was last read, that break this rule; the severity is "
        "warning or error.",
        _violations,
        labels=("rule", "severity"),
        present="for the rules that are not off and could be judged",
    ),
    Family(
        "evidenced_ledger_readable",
        "gauge",
        "Whether the ledger could be read the last time; while it cannot, the last good reading "
        "stays in force.",
        lambda board: given(float(board.reading.ledger_readable)),
    ),
    Family(
        "evidenced_ledger_believed",
        "gauge",
        "Whether the last reading of the ledger is believed; one in which too much is gone is "
        "not, and the last good reading stays in force.",
        lambda board: given(float(board.reading.ledger_believed)),
    ),
    Family(
        "evidenced_vantage_up",
        "gauge",
        "Whether the daemon's own view of the network is believed: enough of its sentinels hold.",
        lambda board: given(float(board.view.up)),
    ),
    Family(
        "evidenced_vantage_sentinel_info",
        "info",
        "A check that is a sentinel of the daemon's view.",
        _sentinels,
        labels=("check",),
        present="for each check under `vantage`",
    ),
    Family(
        "evidenced_ledger_updated_timestamp_seconds",
        "gauge",
        "When the ledger says that it was last updated, in Unix time.",
        _updated,
        unit="seconds",
        present="where the ledger says so",
    ),
)
