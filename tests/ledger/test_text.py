import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.text import decode, line_of


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("## CLOSED ✅\n".encode(), "## CLOSED ✅\n"),
        ("\ufeffa → b".encode(), "a → b"),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n"),
        (codecs.BOM_UTF16_LE + "a → b".encode("utf-16-le"), "a → b"),
        (codecs.BOM_UTF16_BE + "a → b".encode("utf-16-be"), "a → b"),
        (codecs.BOM_UTF16_LE + b"a", "\ufffd"),
    ],
)
def test_decode(data: bytes, text: str) -> None:
    assert decode(data) == (text, ())


def test_stray_bytes_do_not_spoil_the_rest() -> None:
    text, findings = decode("✅ Größe\n".encode() + b"caf\xe9 \x93ok\x94 \x81\n")
    assert text == "✅ Größe\ncafé “ok” \x81\n"
    assert [(finding.rule, finding.line) for finding in findings] == [("not-utf8", 2)]


def test_mark_at_the_start_may_be_mojibake_too() -> None:
    text, findings = decode("\ufeff## CLOSED ✅".encode().decode("mac_roman").encode())
    assert text == "## CLOSED ✅"
    assert [(finding.rule, finding.line) for finding in findings] == [("mojibake", 1)]


def test_lines_end_at_nothing_but_line_breaks() -> None:
    text = "a\u2028b\x0cc\x85\r\nd\re\nf"
    assert [line_of(text, text.index(letter)) for letter in "abcdef"] == [1, 1, 1, 2, 3, 4]


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_text(data: bytes) -> None:
    text, _ = decode(data)
    text.encode("utf-8")


@settings(deadline=None)
@given(st.text())
def test_utf8_without_mojibake_comes_back_as_it_is(text: str) -> None:
    data = text.encode("utf-8")
    decoded, findings = decode(data)
    if not findings and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        assert decoded == text.removeprefix("\ufeff")
