"""Rules on the file as a whole: how it was read, how large it is, what vanished from it."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches

from evidenced.ledger.lint.model import Broken, Subject

MOST_COMPARED = 1_000
"""Pairs of ids that are compared to find what a claim is called now."""


def found(rule: str) -> Callable[[Subject], Iterator[Broken]]:
    """What breaks a rule that reading the ledger keeps itself."""

    def find(subject: Subject) -> Iterator[Broken]:
        for finding in subject.ledger.findings:
            if finding.rule == rule:
                yield finding.line, finding.message

    return find


def size(subject: Subject) -> Iterator[Broken]:
    """The file, where it has more lines or bytes than it may."""
    ledger, limits = subject.ledger, subject.limits
    if ledger.lines > limits.lines:
        yield limits.lines + 1, f"the ledger has {ledger.lines} lines, the limit is {limits.lines}"
    if ledger.size > limits.size:
        yield 1, f"the ledger has {ledger.size} bytes, the limit is {limits.size}"


def claim_renamed(subject: Subject) -> Iterator[Broken]:
    """Each id of a claim that the previous reading had, and this one has nowhere."""
    if subject.previous is None:
        return
    held = {item.id for items in subject.ledger.sections.values() for item in items}
    before = {claim.id for claim in subject.previous.claims}
    lines = {claim.id: claim.line for claim in subject.ledger.claims if claim.id not in before}
    gone = [claim for claim in subject.previous.claims if claim.id not in held]
    is_small = len(gone) * len(lines) <= MOST_COMPARED
    for claim in gone:
        near = get_close_matches(claim.id, lines, 1) if is_small else []
        now = f"; is it {near[0]!r} now?" if near else ""
        line = lines[near[0]] if near else 1
        yield line, f"the claim {claim.id!r} is gone, and what is known of it with it{now}"
