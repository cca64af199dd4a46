import pytest

from evidenced.ledger.belief import disbelief
from evidenced.ledger.parse import parse


def ledger(closed: int | None, stable: int | None, rest: str = "") -> str:
    """The text of a ledger with that many claims; None: without the heading."""
    text = "# Ops\n"
    for name, count in (("CLOSED", closed), ("STABLE", stable)):
        if count is not None:
            text += f"## {name}\n" + "".join(f"- **{name} {n}**: x\n" for n in range(count))
    return text + rest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ledger(1, 1)),
        (None, ledger(0, None)),
        (None, ledger(None, 3)),
        (ledger(4, 4), ledger(4, 4)),
        (ledger(4, 4), ledger(4, 0)),
        (ledger(4, 0), ledger(4, None)),
        (ledger(0, 0), ledger(0, None)),
        (ledger(1, 1), ledger(9, 9)),
        (ledger(4, 4), ledger(4, 4).replace("STABLE 1", "Other")),
        (ledger(1, 0), ledger(0, 0, "## IN PROGRESS\n- **CLOSED 0**: reopened\n")),
    ],
)
def test_believed(before: str | None, after: str) -> None:
    assert disbelief(parse(before) if before else None, parse(after)) is None


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (None, "# Ops\n\n## NEXT\n- A\n", "neither a CLOSED nor a STABLE section"),
        (None, "garbage", "neither a CLOSED nor a STABLE section"),
        (ledger(1, 1), ledger(None, None), "neither a CLOSED nor a STABLE section"),
        (ledger(8, 1), ledger(8, None), "the section STABLE, which held a claim, is gone"),
        (ledger(2, 8), ledger(None, 8), "the section CLOSED, which held 2 claims, is gone"),
        (ledger(4, 4), ledger(3, 0), "5 of 8 claims are gone"),
        (ledger(1, 0), ledger(0, 0), "1 of 1 claims are gone"),
        (ledger(1, 0), ledger(0, 0, "## NEXT\n- **Else**: x\n"), "1 of 1 claims are gone"),
        (ledger(2, 0), ledger(2, 0).replace("CLOSED ", "Renamed "), "2 of 2 claims are gone"),
    ],
)
def test_not_believed(before: str | None, after: str, reason: str) -> None:
    said = disbelief(parse(before) if before else None, parse(after))
    assert said is not None
    assert reason in said
