from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

Refuses = Callable[..., list[str]]


def _mistakes() -> list[tuple[str, str]]:
    """The pairs of a configuration and what is said of it."""
    pages = sorted(Path(__file__).parent.glob("mistakes*.md"))
    text = "\n".join(page.read_text("utf-8") for page in pages)
    fences = [token for token in MarkdownIt().parse(text) if token.type == "fence"]
    assert [token.info for token in fences] == ["yaml", "text"] * (len(fences) // 2)
    return [
        (wrong.content, said.content) for wrong, said in zip(fences[::2], fences[1::2], strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "lines"), _mistakes(), ids=[said.partition(":")[2][:60] for _, said in _mistakes()]
)
def test_what_is_wrong_is_said(refuses: Refuses, tmp_path: Path, text: str, lines: str) -> None:
    found = refuses(text, {"SECRET": "swordfish"})
    assert found == lines.replace("FOLDER", str(tmp_path)).splitlines()
    assert "swordfish" not in "".join(found)
