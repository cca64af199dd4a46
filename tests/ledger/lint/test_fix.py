"""Mending: what is mojibake becomes what it was, and no other byte changes."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.lint.fix import fix, fixed
from evidenced.ledger.lint.model import Subject
from evidenced.ledger.lint.run import lint
from evidenced.ledger.model import LedgerError
from evidenced.ledger.parse import read

GOOD = "# Ops ✅\r\n## CLOSED →\n- **A**: x — y\t\r- “B”  \n\n"


def spoiled(text: str) -> bytes:
    return text.encode().decode("mac_roman").encode()


def test_mojibake_is_mended_and_nothing_else() -> None:
    assert fixed(spoiled(GOOD)) == GOOD.encode()
    assert fixed(b"\xef\xbb\xbf" + spoiled(GOOD)) == b"\xef\xbb\xbf" + GOOD.encode()


def test_a_stray_byte_stays_what_it_is() -> None:
    assert fixed(spoiled("✅ → ") + b"caf\xe9\n") == "✅ → ".encode() + b"caf\xe9\n"


@pytest.mark.parametrize(
    "data",
    [b"", GOOD.encode(), b"caf\xe9\xff\n", GOOD.encode("utf-16"), b"\xff\xfe\x00", b"\xef\xbb\xbf"],
    ids=["empty", "good", "stray bytes", "utf-16", "broken utf-16", "mark alone"],
)
def test_what_is_no_mojibake_stays_as_it_is(data: bytes) -> None:
    assert fixed(data) == data


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_can_be_mended(data: bytes) -> None:
    after = fixed(data)
    if data.isascii():
        assert after == data
    breaks = [bytes([byte]) for byte in data if byte in b"\r\n"]
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    assert utf16 or [bytes([byte]) for byte in after if byte in b"\r\n"] == breaks


def test_the_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    file, link = tmp_path / "real.md", tmp_path / "STATE.md"
    file.write_bytes(spoiled(GOOD))
    file.chmod(0o640)
    link.symlink_to(file)
    assert "mojibake" in {one.rule for one in lint(Subject(read(link))).violations}
    assert fix(link)
    assert file.read_bytes() == GOOD.encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["STATE.md", "real.md"]
    assert not fix(link)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"nothing\.md: cannot be fixed: No such file"):
        fix(tmp_path / "nothing.md")
