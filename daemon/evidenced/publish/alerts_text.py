"""What alerts on claims say, in plain text: the words of the rules' templates, read off the board.

The same alert must not read one way from Prometheus and another way from here, so what a check
failed of is what its metric says, and a test holds both texts together.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from evidenced.ledger.model import Section
from evidenced.publish.metrics_checks import CHECK_FAMILIES
from evidenced.watch.board import CheckStatus, ClaimStatus
from evidenced.watch.verdict import Standing

DRILL = "This is a drill. "
NEW_PROOF = "\nThis is NEW proof: the item may be reopened."

_FAILURE = next(family for family in CHECK_FAMILIES if family.name == "probe_failure_info")


def moment(at: float) -> str:
    """A time in seconds since the epoch, as alerts write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def the_check(status: CheckStatus) -> str:
    """Which check it is, and what it looks at."""
    return f"{status.check.kind} check {status.check.name} of {status.check.target}"


def the_claim(claim: ClaimStatus) -> str:
    """Which claim it is, and what it says."""
    item = claim.item
    closed = f", closed on {item.closed.isoformat()}" if item.closed else ""
    return f'The {item.section.value.upper()} claim {item.id} ("{item.title}"{closed})'


def contradicted(
    claim: ClaimStatus, checks: Iterable[CheckStatus], location: str | None, *, drill: bool
) -> str:
    """That production contradicts the claim: since when, what was expected and what was found.

    In a drill nothing was found, unless the claim is contradicted anyway.
    """
    truly = claim.standing is Standing.CONTRADICTED
    since = f" since {moment(claim.contradicted)}" if truly and claim.contradicted else ""
    told = f"{DRILL if drill else ''}{the_claim(claim)} is contradicted by production{since}."
    text = "\n".join((told, *(failures(checks, location) if truly else ())))
    return text + (NEW_PROOF if claim.item.section is Section.CLOSED else "")


def not_verified(claim: ClaimStatus, checks: Iterable[CheckStatus], location: str | None) -> str:
    """That nothing verifies the claim freshly, and when it was verified last."""
    verified = claim.last_verified
    last = (
        "It never was since this daemon began with it."
        if verified is None
        else f"It last was {moment(verified)}."
    )
    told = (
        f"{the_claim(claim)} is {claim.standing.value}: nothing contradicts it, but not all of its "
        f"checks verify it. {last}"
    )
    return "\n".join((told, *failures(checks, location)))


def failures(checks: Iterable[CheckStatus], location: str | None) -> Iterator[str]:
    """A line for each of these checks that fails: its target, what was expected and found.

    `location` is that of the daemon, for checks that have none of their own.
    """
    for status in sorted(checks, key=lambda status: status.check.name):
        place = status.check.location or location
        whence = f" from {place}" if place else ""
        for reason, detail in found(status):
            check = status.check
            yield f"Check {check.name} of {check.target}{whence}: {detail} ({reason})."


def found(status: CheckStatus) -> Iterator[tuple[str, str]]:
    """Why a check fails, if it does: the reason, and what was expected and found."""
    return ((reason, detail) for (reason, _, detail), _ in _FAILURE.read(status))
