from collections.abc import Callable
from pathlib import Path

from evidenced.ledger.model import Document, Item, Ledger, Section
from evidenced.watch.citations import missing_documents


def test_documents_are_looked_up_in_the_repository(
    tmp_path: Path, make_ledger: Callable[..., Ledger]
) -> None:
    repository = tmp_path / "repository"
    (repository / "docs").mkdir(parents=True)
    (repository / "docs" / "there.md").write_text("proof")
    (tmp_path / "outside.md").write_text("not in the repository")
    cited = ("docs/there.md", "docs/gone.md", "../outside.md", "docs", "a\0b", "x" * 5000)
    item = Item("a", Section.STABLE, "A", "", 1, references=tuple(Document(ref) for ref in cited))
    missing = missing_documents(make_ledger(item, "b"), repository)
    assert missing == {"a": ("docs/gone.md", "../outside.md", "a\0b", "x" * 5000)}
