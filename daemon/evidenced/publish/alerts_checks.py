"""What is the matter with single checks: certificates, failures, flapping, silence.

Times stand in the texts as moments, not as durations: these would be other ones at every look.
"""

from collections.abc import Iterator, Mapping

from evidenced.config.rulefile import CertificateRules
from evidenced.probes.attempt import Reason
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_text import found, moment, the_check
from evidenced.publish.metrics_checks import check_labels
from evidenced.publish.rules_model import Severity
from evidenced.watch.board import Board, CheckStatus
from evidenced.watch.verdict import Standing

REMEMBERED = 3600.0
"""Seconds for which a certificate counts that is not seen any more, as when nothing answers."""

Expiries = Mapping[str, tuple[float, float]]
"""When the certificate of each check expires, and when it was last seen, in Unix time."""

_EXPIRY = ("cert_chain_expiry", "cert_expiry")
"""The facts, the better one first: the chain that was verified, else what is shown."""


def seen_expiries(before: Expiries, board: Board, now: float) -> Expiries:
    """When certificates expire, as seen by the last runs, or else as remembered from before."""
    found: dict[str, tuple[float, float]] = {}
    for name, status in list(board.own_checks.items()):
        facts = status.last.last.facts if status.last else {}
        expiry = next((float(facts[key]) for key in _EXPIRY if key in facts), None)
        if expiry is not None:
            found[name] = (expiry, now)
        elif name in before and now - before[name][1] <= REMEMBERED:
            found[name] = before[name]
    return found


def check_matters(
    board: Board, sender: Sender, limits: CertificateRules, expiries: Expiries, now: float
) -> Iterator[Matter]:
    """What is the matter with the checks of a board; times are in seconds since the epoch.

    All of thousands of checks are looked at each second: of most there is nothing to be said.
    """
    for name, status in list(board.own_checks.items()):
        expiry = expiries.get(name)
        if expiry is not None and expiry[0] - now < limits.warning:
            labels = _labels(status, sender)
            yield from _certificate(expiry[0], labels, the_check(status), limits, now)
        if status.state.flapping_since is not None:
            yield Matter(
                "EvidencedCheckFlapping",
                _labels(status, sender),
                f"The {the_check(status)} changes to and fro so often that it is held as "
                f"contradicted until it is calm.{_what(status)}",
                since=status.state.flapping_since,
            )
        if not status.check.claims:
            yield from _silence(status, sender, now)
            if _is_failing(status, board):
                yield _failing(status, sender)


def _certificate(
    expiry: float, labels: Mapping[str, str], what: str, limits: CertificateRules, now: float
) -> Iterator[Matter]:
    shown = f"The certificate that the {what} is shown"
    if now >= expiry:
        yield Matter(
            "EvidencedCertificateExpired",
            labels,
            f"{shown} expired at {moment(expiry)}: it has expired, and stays so until it is "
            "replaced.",
            since=expiry,
        )
        return
    for limit, severity in (
        (limits.warning, Severity.WARNING),
        (limits.critical, Severity.CRITICAL),
    ):
        if expiry - now < limit:
            yield Matter(
                "EvidencedCertificateExpires",
                labels,
                f"{shown} expires at {moment(expiry)}.",
                since=expiry - limit,
                severity=severity,
            )


def _is_failing(status: CheckStatus, board: Board) -> bool:
    """Whether it fails, and nothing else is told of it, nor anything in its way."""
    return (
        status.standing is Standing.CONTRADICTED
        and status.state.flapping_since is None
        and status.maintenance is None
        and board.view.up
        and status.check.name not in board.plan.sentinels
        and not _is_silent(status)
        and all(reason != Reason.DEPENDENCY.value for reason, _ in found(status))
    )


def _failing(status: CheckStatus, sender: Sender) -> Matter:
    return Matter(
        "EvidencedCheckFailing",
        _labels(status, sender),
        f"The {the_check(status)} is contradicted; no claim of the ledger rests on it."
        f"{_what(status)}",
        since=status.state.since,
    )


def _is_silent(status: CheckStatus) -> bool:
    """Whether what should have been pushed was not."""
    judged = status.last.last.judgements if status.last else ()
    late = any(one.name == "arrival" and not one.met for one in judged)
    return late and status.check.kind == "push"


def _silence(status: CheckStatus, sender: Sender, now: float) -> Iterator[Matter]:
    """What is told of checks alone that speak for no claim: a claim's own alert says it already."""
    last = status.last
    if last is None:
        return
    if now - last.ended > status.check.timing.max_age:
        yield Matter(
            "EvidencedCheckStale",
            _labels(status, sender),
            f"The {the_check(status)} last looked at {moment(last.ended)}: what it says is stale.",
        )
    if _is_silent(status):
        yield Matter(
            "EvidencedPushSilent",
            _labels(status, sender),
            f"Nothing was pushed to {status.check.name} in time.{_what(status)}",
        )


def _labels(status: CheckStatus, sender: Sender) -> dict[str, str]:
    return {"job": sender.job, **check_labels(status)}


def _what(status: CheckStatus) -> str:
    return "".join(f"\nFound: {detail} ({reason})." for reason, detail in found(status))
