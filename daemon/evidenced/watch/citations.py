"""Whether the documents that claims cite stand in the repository."""

from collections.abc import Mapping
from pathlib import Path

from evidenced.ledger.model import Document, Ledger


def missing_documents(ledger: Ledger, repository: Path) -> Mapping[str, tuple[str, ...]]:
    """The documents that each claim cites and the repository lacks, by the claim's id.

    A path that leads out of the repository counts as missing. Reads the file system.
    """
    root = repository.resolve()
    return {
        item.id: lost
        for item in ledger.claims
        if (
            lost := tuple(
                reference.ref
                for reference in item.references
                if isinstance(reference, Document) and not _exists(root, reference.ref)
            )
        )
    }


def _exists(root: Path, ref: str) -> bool:
    try:
        path = (root / ref).resolve()
        return path.is_relative_to(root) and path.exists()
    except (OSError, ValueError):
        return False
