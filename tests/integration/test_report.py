"""A daemon that keeps its report beside the ledger."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from evidenced.app import daemon as made_of
from evidenced.app.life import running
from evidenced.app.reporting import Reporting
from evidenced.demo.shop import Shop
from integration.conftest import eventually


async def test_a_change_of_standing_is_in_the_report(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(made_of, "Reporting", partial(Reporting, quiet=0.1))
    report = tmp_path / "FACTS.md"

    def says(*lines: str) -> Callable[[], Awaitable[object]]:
        async def condition() -> bool:
            text = report.read_text("utf-8") if report.exists() else ""
            return all(line in text for line in lines)

        return condition

    async with running(configured(report={"path": "FACTS.md"}, location="fra1")):
        await eventually(says("Location: `fra1`", "- Facts: none fails", "; next check "), 20)
        shop[0].broken["/cart"] = "500"
        await eventually(says("- claim `cart`: verified → contradicted"), 20)
        shop[0].broken.clear()
        await eventually(says("- claim `cart`: contradicted → verified"), 20)
