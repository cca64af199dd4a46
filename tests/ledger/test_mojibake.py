import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.jsonform import to_json
from evidenced.ledger.mojibake import repair
from evidenced.ledger.parse import parse, read

WINDOWS = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""What browsers make of each byte: Windows-1252, with control characters where it has nothing."""

DAMAGES = ["mac_roman", "latin-1", "windows"]


def damaged(text: str, how: str) -> str:
    """The text, its UTF-8 read as something else."""
    data = text.encode("utf-8")
    return "".join(WINDOWS[byte] for byte in data) if how == "windows" else data.decode(how)


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize(
    "text",
    [
        "✅",
        "⚠️ BLOCKED",
        "📋 next",
        "/login → /auth/login (307)",
        "“quoted” – and … more",
        "café",
        "Größe & Maß",
        "½ × 3 £",
        "5 €",
        "a\u00a0b",
        "Έλεγχος πληρωμών ή όχι",
        "Заказы и оплата",
        "注文ページ",
        "안녕하세요",
        "हिन्दी",
        "Łódź",
        "👩‍💻 x",
        "İstanbul ✅ → ə",
    ],
)
def test_damage_is_undone(text: str, how: str) -> None:
    repaired, findings = repair(f"one\r\ntwo {damaged(text, how)}\n")
    assert repaired == f"one\r\ntwo {text}\n"
    assert [(finding.rule, finding.line) for finding in findings] == [("mojibake", 2)]


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_of_some_lines_is_undone_and_the_others_stay(how: str) -> None:
    honest = "- „Spaß“ — l’école: « résumé » coûte 5 € → ✅ Ελληνικά 漢字\n"
    hurt = "- Prüfung ✅ → Έλεγχος “ok” 漢字\n"
    assert repair(honest + damaged(hurt, how) + honest)[0] == honest + hurt + honest


@pytest.mark.parametrize("how", DAMAGES)
def test_signs_are_mended_even_beside_honest_letters(how: str) -> None:
    assert repair(f"é{damaged('✅', how)} — ok é")[0] == "é✅ — ok é"


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "« résumé » validé »",
        "l’école, d’été, l’État",
        "„Spaß“ und „Maß“ – fertig…",
        "CAFÉ™ — ÉTÉ…",
        "”PÅ” och ”ÖÅ”",
        "√π ≈ 1.77, ∑ © ® ™ § ¶ •",
        "¿Qué? ¡Sí! “Ñ”",
        "MAÇÃ” e não",
        "hâlâ…” diyor",
        "–éléments —à",
        "oui—également; non—à",
        "«École» «État»",
        "Ελληνικά → ✅",
        "Привет — мир…",
        "漢字 ✅",
        "1 µm ± 2 ° ½ ¼ ×",
        "Ã and Â and â€ alone",
        "ï¸ and ðŸ cut short",
    ],
)
def test_honest_text_stays(text: str) -> None:
    assert repair(f"one\n{text}\n") == (f"one\n{text}\n", ())


@pytest.mark.parametrize("how", DAMAGES)
def test_whole_ledger_gives_the_very_same_json(saltmarsh: Path, how: str, tmp_path: Path) -> None:
    path = tmp_path / "STATE.md"
    path.write_bytes(damaged(saltmarsh.read_text("utf-8"), how).encode("utf-8"))
    assert to_json(read(path)) == to_json(read(saltmarsh))
    assert [finding.line for finding in read(path).findings if finding.rule == "mojibake"] == [9]


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("start", [0, 1, 2])
def test_ledger_damaged_in_every_third_line(saltmarsh: Path, how: str, start: int) -> None:
    text = saltmarsh.read_text("utf-8")
    lines = text.split("\n")
    lines[start::3] = [damaged(line, how) for line in lines[start::3]]
    assert to_json(parse("\n".join(lines))) == to_json(parse(text))


LETTERS = st.sampled_from("abc XYZ 12 .,:()*`/-\n✅→⚠️📋“”…éüßñ°Έλεγχοςζаказы注文")


@settings(deadline=None)
@given(st.text(LETTERS, max_size=80), st.sampled_from(DAMAGES))
def test_round_trip(text: str, how: str) -> None:
    text = f"## CLOSED ✅\n- **A → B**: {text}\n"
    assert repair(damaged(text, how))[0] == text


@settings(deadline=None)
@given(st.text())
def test_line_breaks_and_ascii_stay(text: str) -> None:
    repaired, _ = repair(text)
    ascii_only = re.compile(r"[^\x00-\x7f]+")
    assert ascii_only.sub("", repaired) == ascii_only.sub("", text)
