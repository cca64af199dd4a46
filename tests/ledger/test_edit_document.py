"""Bytes to lines and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.edit_document import Document, EditError, shown

ODD = [
    "- **Tea**: warm ✅\r\n",
    "# State\n",
    "\ufeff## CLOSED\r",
    "no break at the end",
    "‚úÖ mojibake\n",
    "\x0b\x0c\x85\u2028\u2029 no line breaks here\n",
]
BYTES = st.one_of(
    st.binary(max_size=80),
    st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=20)), max_size=8).map(
        lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
    ),
    st.text(max_size=40).map(lambda text: text.encode("cp1252", "replace")),
    st.text(max_size=40).map(lambda text: text.encode("utf-16", "surrogatepass")),
)


@settings(deadline=None)
@given(BYTES)
def test_back_are_the_same_bytes(data: bytes) -> None:
    try:
        document = Document.of(data)
    except EditError:
        # Half a character of UTF-16 is the one thing that cannot be kept.
        assert data[:2] in (b"\xff\xfe", b"\xfe\xff")
        return
    assert document.data == data
    assert document.spliced(0, 0, ()).data == data
    for line in document.lines[:-1]:
        assert line.endswith(("\r", "\n"))


@settings(deadline=None)
@given(BYTES, st.data())
def test_a_splice_keeps_all_other_lines(data: bytes, draw: st.DataObject) -> None:
    try:
        document = Document.of(data)
    except EditError:
        return
    size = len(document.lines)
    begin = draw.draw(st.integers(0, size))
    end = draw.draw(st.integers(begin, size))
    edited = document.spliced(begin, end, ["new"])
    bare = [line.rstrip("\r\n") for line in document.lines]
    assert [line.rstrip("\r\n") for line in edited.lines] == [*bare[:begin], "new", *bare[end:]]
    assert edited.lines[: max(0, begin - 1)] == document.lines[: max(0, begin - 1)]
    assert edited.lines[begin + 1 :] == document.lines[end:]
    ended = not document.lines or document.lines[-1].endswith(("\r", "\n"))
    assert edited.lines[-1].endswith(("\r", "\n")) == ended


@pytest.mark.parametrize(
    ("text", "newline"),
    [("", "\n"), ("a\nb\r\nc\r\n", "\r\n"), ("a\rb", "\r"), ("a\nb\r\n", "\n")],
)
def test_the_newline_is_that_of_most_lines(text: str, newline: str) -> None:
    assert Document.of(text.encode()).newline == newline


def test_what_is_shown_can_be_printed() -> None:
    (line,) = shown(["a\tb\x1b[31m\udcff\u202e\r\n"])
    assert line == "a\tb\ufffd[31m\ufffd\ufffd"
    line.encode("utf-8")
