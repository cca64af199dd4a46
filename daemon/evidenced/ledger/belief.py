"""Whether a reading of the ledger is to be believed: files get cut short, emptied, overwritten."""

from evidenced.ledger.journal import LAYOUT_DRIFT
from evidenced.ledger.model import CLAIMED, Layout, Ledger


def disbelief(previous: Ledger | None, reading: Ledger) -> str | None:
    """Why the reading is not to be believed, in one sentence; None where it is.

    A ledger has a heading CLOSED or STABLE, keeps the headings under which there were claims, and
    does not lose more than half of its claims from one reading to the next; what moved to another
    section under its id, as what is reopened does, is not lost. `previous` is the last reading that
    was believed; None where there is none. A ledger that is laid out in another way than it should
    be is told what to set.
    """
    reason = _reason(previous, reading)
    drifted = any(finding.rule == LAYOUT_DRIFT for finding in reading.findings)
    if reason and drifted:
        other = "journal" if reading.layout is Layout.SECTIONS else "sections"
        return f"{reason}; it looks like ledger.layout: {other}"
    return reason


def _reason(previous: Ledger | None, reading: Ledger) -> str | None:
    if not reading.headings & set(CLAIMED):
        return "the ledger has neither a CLOSED nor a STABLE section"
    if previous is None:
        return None
    for section in CLAIMED:
        held = len(previous.sections.get(section, ()))
        if held and section not in reading.headings:
            claims = "a claim" if held == 1 else f"{held} claims"
            return f"the section {section.value.upper()}, which held {claims}, is gone"
    known = {claim.id for claim in previous.claims}
    gone = known - {item.id for items in reading.sections.values() for item in items}
    if len(gone) * 2 > len(known):
        return f"{len(gone)} of {len(known)} claims are gone"
    return None
