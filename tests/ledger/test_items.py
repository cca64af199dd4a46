import pytest

from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse


def titles(section: str, text: str) -> list[str]:
    ledger = parse(f"## {section}\n{text}")
    (found,) = ledger.headings
    return [item.title for item in ledger.sections[found]]


@pytest.mark.parametrize(
    "text",
    [
        "- **A**: a\n- **B**: b\n",
        "* **A:** a\n+ **B** : b\n",
        "1. __A__: a\n2. **B** — b\n",
        "- A: a\n- B: b\n",
        "- **A**: a\n\n\n- **B**: b",
        "- ✅ **A**: a\n- [x] **B**: b\n",
        "- **A:**glued\n- **[B](docs/b.md)**: b\n",
        "- *A*: a\n- `B`: b\n",
        "- ~~**A**~~: a\n- ***B***: b\n",
        "- **A**: a\n  - **C**: nested\n- **B**: b\n  1. **D**: nested\n",
        "- **A**: a\n```\n- **C**: code\n```\n- **B**: b\n",
        "- **A**: a\n\n| - **C**: c |\n|---|\n| d |\n\n- **B**: b\n",
        "- **A**: a\n\n<!--\n- **C**: hidden\n-->\n- **B**: b\n",
        "- **A**: a\n\n---\n\n- **B**: b\n",
        "### March\n- **A**: a\n### April\n- **B**: b\n",
        "**March**\n\n- **A**: a\n\n**April**:\n- **B**: b\n",
        "- (none)\n- **A**: a\n- \n- ✅\n- **B**: b\n",
        "All of these were looked at:\n- **A**: a\n- **B**: b\n",
        "\t- indented code\n\n- **A**: a\n- **B**: b\n",
        "- - **A**: a\n- **B**: b\n",
        "- ### A\n- **B**: b\n",
    ],
    ids=repr,
)
@pytest.mark.parametrize("section", ["CLOSED", "STABLE", "IN PROGRESS", "BLOCKED", "NEXT"])
def test_two_items_in_every_shape(section: str, text: str) -> None:
    assert titles(section, text) == ["A", "B"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- (none)\n",
        "(none)\n",
        "- (none currently)\n",
        "* _None_.\n",
        "- None — pick one from NEXT\n",
        "- n/a\n",
        "- nothing yet\n",
        "- **WIP**: None (waiting for keys)\n",
        "**WIP**: None (waiting for keys)\n",
        "- WIP: none\n",
        "### (none)\n",
        "```\n- A\n```\n",
        "| A | B |\n|---|---|\n| c | d |\n",
        "Only prose, with **bold**.\n",
        "**Evidence**: see `docs/x.md`\n",
        "**Status**: ✅ CLOSED\n",
        "<!-- - A -->\n",
    ],
    ids=repr,
)
@pytest.mark.parametrize("section", ["IN PROGRESS", "BLOCKED", "NEXT"])
def test_nothing_in_every_shape(section: str, text: str) -> None:
    assert titles(section, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "**Evidence**: see `docs/x.md`\n- more\n",
        "**Latest Verification** (2026-03-03 05:00 UTC):\n- All fine\n- **Cart**: fine\n",
        "**Latest Verification**:\n- one\n* two\n",
        "Notes:\n- one\n",
        "### Notes\n- **one**: a\n\n* **two**: b\n### Claims\n",
        "**How it was looked at**:\n- by curl\n- by eye\n",
        "- **Evidence**: see `docs/x.md`\n",
        "- **Status**: ✅ CLOSED\n",
    ],
    ids=repr,
)
@pytest.mark.parametrize("section", ["CLOSED", "STABLE"])
def test_notes_below_claims_are_no_items(section: str, text: str) -> None:
    assert titles(section, f"- **A**: a\n\n{text}\n---\n\n- **B**: b\n") == ["A", "B"]


def test_words_that_begin_like_nothing_are_items() -> None:
    text = "- None of the mails bounce\n- No. 7 is closed\n- Empty carts load\n- (b) Second half\n"
    assert titles("CLOSED", text) == [
        "None of the mails bounce",
        "No. 7 is closed",
        "Empty carts load",
        "(b) Second half",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- **WIP**: Returns: part one\n  - a\n", ["Returns: part one"]),
        ("- **WIP**: **Returns**: part one\n", ["Returns"]),
        ("- WIP: Returns\n", ["Returns"]),
        ("- **WIP** – Returns\n", ["Returns"]),
        ("- **WIP**:\n  Returns\n", ["Returns"]),
        ("**WIP**: Returns\n- a\n- b\n", ["Returns"]),
        ("**WIP**: Returns\n**DoD**: a\n**Status**: b\n", ["Returns"]),
        ("**WIP**: Returns\n\n**DoD**:\n- a\n\n**Owner**: Ann\n", ["Returns"]),
        ("### 1) Returns\n- **DoD**:\n  - a\n", ["Returns"]),
        ("1. **Returns**\n   - a\n", ["Returns"]),
        ("- **Returns**: a\n", ["Returns"]),
    ],
    ids=repr,
)
def test_work_in_progress(text: str, found: list[str]) -> None:
    assert titles("IN PROGRESS", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("### 1) A\n- **DoD**:\n  - x\n\n### 3) B\n- **DoD**:\n  - y\n", ["A", "B"]),
        ("### 1. A (optional) ✅\n- x\n### #2 B\ntext\n", ["A (optional)", "B"]),
        ("### A\n- **Priority**: P2\n- **DoD**: x\n### B\n- x\n- y\n", ["A", "B"]),
        ("### A\n**DoD**:\n1. x\n### B\n#### DoD\n- x\n", ["A", "B"]),
        ("1. **A**\n   - **DoD**:\n     - [ ] x\n2. **B**\n", ["A", "B"]),
        ("1. **A**\n- **DoD**:\n  - x\n2. **B**\n  - **DoD**: y\n", ["A", "B"]),
        ("- [ ] A\n- [x] B: b\n", ["A", "B"]),
        ("**A**\n- **DoD**:\n  - x\n\n**2) B**\n- **DoD**: y\n", ["A", "B"]),
        ("### Blocked (waiting)\n\n**Guide**: see it\n\n1. **A** ⚠️ WAITING\n   - x\n", ["A"]),
        ("### Actionable\n1. **A**\n  - **DoD**:\n    - x\n2. **B**\n  - **DoD**: y\n", ["A", "B"]),
        ("### Payments\n- **A**: a\n- **B**: b\n", ["A", "B"]),
        ("### Later\n- A\n- B\n", ["A", "B"]),
        ("### Blocked\n### Ready\n- A\n", ["A"]),
        ("### 1) A\n#### What\nx\n#### Why\ny\n### 2) B\n", ["A", "B"]),
    ],
    ids=repr,
)
def test_what_is_next(text: str, found: list[str]) -> None:
    assert titles("NEXT", text) == found


def test_details_beside_an_item_belong_to_it() -> None:
    (item,) = parse("## NEXT\n1. **A**: a\n- **Risk**: low `docs/risk.md`\n").sections[Section.NEXT]
    assert item.text == "a Risk: low docs/risk.md"
    assert len(item.references) == 1
