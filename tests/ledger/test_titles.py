import pytest

from evidenced.ledger.parse import parse
from evidenced.ledger.titles import MAX_TITLE, trim


@pytest.mark.parametrize(
    ("bullet", "title", "text"),
    [
        ("**A/b**: text", "A/b", "text"),
        ("**A/b:** text", "A/b", "text"),
        ("**A** : text", "A", "text"),
        ("**A**", "A", ""),
        ("**A** ✅ DONE", "A", "✅ DONE"),
        ("**A** - text", "A", "text"),
        ("**A: b**: text", "A: b", "text"),
        ("**A (PR #3)**: text", "A (PR #3)", "text"),
        ("**A**: **LOUD**: text", "A", "LOUD: text"),
        ("✅ **A**: text", "A", "text"),
        ("**✅ A ✅**: text", "A", "text"),
        ("**A `b.py`**: text", "A b.py", "text"),
        ("A: text", "A", "text"),
        ("A：text", "A", "text"),
        ("Fixed it. More text: yes", "Fixed it", "More text: yes"),
        ("Fixed it, e.g. that. More", "Fixed it, e.g. that", "More"),
        ("Runs at 10:30 daily", "Runs at 10:30 daily", ""),
        ("See https://a.example/b for it", "See https://a.example/b for it", ""),
        ("`a: b` works: text", "a: b works", "text"),
        ("A (see: b): text", "A (see: b)", "text"),
        ("/cart returns 200 ✅", "/cart returns 200", ""),
        ("Cart — /cart returns 200", "Cart", "/cart returns 200"),
        ("Stage 2 - more of it", "Stage 2 - more of it", ""),
        ("404 - not found page: works", "404 - not found page", "works"),
        ("v1.2 is out", "v1.2 is out", ""),
        ("**12** tests pass: yes", "12 tests pass", "yes"),
        ("**✅**: text", "text", ""),
        ("注文。次", "注文", "次"),
    ],
)
def test_title_and_text(bullet: str, title: str, text: str) -> None:
    (claim,) = parse(f"## CLOSED\n- {bullet}\n").claims
    assert (claim.title, claim.text) == (title, text)


def test_long_plain_text_is_cut_at_a_word_and_kept_as_text() -> None:
    sentence = "word " * 60
    (claim,) = parse(f"## CLOSED\n- {sentence}\n").claims
    assert len(claim.title) <= MAX_TITLE
    assert claim.title.split() == ["word"] * 24
    assert claim.text == sentence.strip()


def test_bold_title_is_never_cut() -> None:
    title = "word " * 60
    (claim,) = parse(f"## CLOSED\n- **{title.strip()}**: text\n").claims
    assert claim.title == title.strip()


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("1) Refunds", "Refunds"),
        ("2. Refunds: partial ones", "Refunds: partial ones"),
        ("#3 Refunds", "Refunds"),
        ("(4) Refunds", "Refunds"),
        ("5 — Refunds", "Refunds"),
        ("6) **Refunds**: at last", "Refunds"),
        ("7) Refunds (optional) 🚀", "Refunds (optional)"),
        ("8) 2FA", "2FA"),
        ("404 - not found page", "404 - not found page"),
    ],
)
def test_title_in_a_heading(heading: str, title: str) -> None:
    ledger = parse(f"## NEXT\n### {heading}\n- **DoD**: a\n")
    assert [item.title for items in ledger.sections.values() for item in items] == [title]


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [("✅ a ⚠️", "a"), ("a", "a"), ("हिन्दी", "हिन्दी"), ("ή", "ή"), ("→ a →", "a"), ("✅", "")],
)
def test_trim(text: str, trimmed: str) -> None:
    assert trim(text) == trimmed
