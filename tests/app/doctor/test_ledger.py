from collections.abc import Callable
from typing import Any

import pytest

from evidenced.app.doctor import ledger

CHECKED = {
    "name": "all",
    "claims": ["cold-room", "orders", "bouquets"],
    "tcp": {"address": "127.0.0.1:1"},
}
WORK = "\n## IN PROGRESS\n- **Vases**\n- **Cards**\n"


async def test_all_is_well(read: Callable[..., Any], said: Callable[..., Any]) -> None:
    found = said(await ledger.examine(await read(checks=[CHECKED])))
    assert [verdict for verdict, _ in found] == ["ok", "ok", "ok"]
    assert found[0][1].endswith("is readable and believed: 3 claims")


async def test_claims_that_nothing_speaks_for(
    read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    check = CHECKED | {"claims": ["orders"]}
    found = said(await ledger.examine(await read(checks=[check])))
    assert ("warning", "no check speaks for 2 claims: bouquets, cold-room") in found


async def test_broken_rules_are_counted(read: Callable[..., Any], said: Callable[..., Any]) -> None:
    text = f"# Flowers\n\n## CLOSED\n- **Cold room** PR #3 (Closed: 2026-03-02)\n{WORK}"
    check = CHECKED | {"claims": ["cold-room"]}
    found = said(await ledger.examine(await read(ledger=text, checks=[check])))
    assert ("warning", "its rules are broken: 1 error, 0 warnings") in found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("# Flowers\n\nNothing yet.\n", "neither a CLOSED nor a STABLE section"),
    ],
    ids=["empty", "no section"],
)
async def test_a_ledger_not_believed_is_a_problem(
    text: str, why: str, read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    subject = await read(ledger=text)
    assert subject.loaded is None
    (finding,) = said(await ledger.examine(subject))
    assert finding[0] == "problem"
    assert why in finding[1]
