import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evidenced.workflow.markdown import code, code_cell, fenced, one_line, plain, table

HOSTILE = st.text(st.sampled_from("`~|\\<>&*_[]()#!-+=1.\n\r\t é\u202eab:/")) | st.text()
SAFE = {"paragraph_open", "paragraph_close", "inline"}


def inlines(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert {token.type for token in tokens} <= SAFE, text
    return [child.type for token in tokens for child in token.children or ()]


@given(HOSTILE)
def test_plain_text_is_text(text: str) -> None:
    assert set(inlines(plain(text))) <= {"text", "text_special"}


@given(HOSTILE)
def test_plain_text_says_what_it_said(text: str) -> None:
    for begin in ("", "# ", "> "):
        tokens = MarkdownIt("commonmark").parse(begin + plain(text))
        said = [child.content for token in tokens for child in token.children or ()]
        assert "".join(said) == one_line(text)


@given(HOSTILE)
def test_a_code_span_is_one_and_nothing_else(text: str) -> None:
    assert set(inlines(f"a {code(text)} b")) <= {"text", "code_inline"}


@given(HOSTILE)
def test_nothing_ends_a_fence(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(text)}\n\nend")
    assert [token.type for token in tokens][:2] == ["fence", "paragraph_open"]
    assert len(tokens) == 4


@given(HOSTILE, HOSTILE)
def test_nothing_ends_a_cell(first: str, second: str) -> None:
    text = "\n".join(table(("a", "b"), [(f"x{plain(first)}", f"y {code_cell(second)}")]))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert [token.type for token in tokens].count("td_open") == 2
    cells = [t for t in tokens if t.type == "inline"][2:]
    kinds = {child.type for cell in cells for child in cell.children or ()}
    assert kinds <= {"text", "text_special", "code_inline"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a  b\nc", "`a b c`"), ("`", "`` ` ``"), ("a``b", "```a``b```"), ("\u202ex", "`\ufffdx`")],
)
def test_code(text: str, expected: str) -> None:
    assert code(text) == expected
