"""The file beside the ledger that has the NEXT items, where a team keeps them apart."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from evidenced.ledger.model import Ledger, LedgerError, Section
from evidenced.ledger.parse import read


def with_next(ledger: Ledger, path: Path | None) -> Ledger:
    """The ledger with the NEXT items of this file in place of its own; the same without a file.

    The lines of these items are those of that file. Nothing else of it is read. Raises LedgerError
    where the file cannot be read or has no heading NEXT.
    """
    if path is None:
        return ledger
    found = read(path)
    if Section.NEXT not in found.headings:
        raise LedgerError(f"{path}: has no section NEXT")
    items = {**ledger.sections, Section.NEXT: found.sections[Section.NEXT]}
    headings = ledger.headings | {Section.NEXT}
    return replace(ledger, sections=MappingProxyType(items), headings=headings)
