"""A reading that is not believed is taken over on purpose, and stays so."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from command_line import Ran, beside
from evidenced.app.daemon import Daemon
from evidenced.app.life import running

WaitFor = Callable[..., Any]
WORD = "open sesame"
TOKEN = {"tokens": {"admin": WORD}}
SHORT = """\
## CLOSED

## STABLE
- **Health**: /api/health returns 200
- **Kiosk**: /kiosk returns 200
"""
JOURNAL = (
    "## 2026-02-21 — Tea\n**Status**: ✅ DONE, PR #7\n\n## 2026-02-20 — Milk\n**Status**: done\n"
)


async def ask(daemon: Daemon, token: str | None = WORD) -> tuple[int, Any]:
    url = "http://{}:{}/api/v1/ledger/accept".format(*daemon.address)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url) as response:
        return response.status, await response.json(content_type=None)


async def violations(daemon: Daemon) -> dict[tuple[str, str], float]:
    """How often each rule is broken, as /metrics says, by rule and severity."""
    url = "http://{}:{}/metrics".format(*daemon.address)
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    found = {}
    for line in text.splitlines():
        if line.startswith("evidenced_ledger_violations{"):
            labels, _, value = line.partition("{")[2].rpartition("} ")
            pairs = dict(label.split("=", 1) for label in labels.split(","))
            found[json.loads(pairs["rule"]), json.loads(pairs["severity"])] = float(value)
    return found


async def command(config: Path, daemon: Daemon) -> Ran:
    url = "http://{}:{}".format(*daemon.address)
    return await beside("ledger", "accept", "-c", config, "--url", url)


def doubted(daemon: Daemon) -> Callable[[], Any]:
    async def condition() -> bool:
        return not daemon.board.reading.ledger_believed

    return condition


async def test_what_is_accepted_stays_over_reloads_and_a_restart(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        before = set(daemon.board.claims)
        (config.parent / "STATE.md").write_text(SHORT, "utf-8")
        await wait_for(doubted(daemon), 30)
        assert set(daemon.board.claims) == before
        renamed = (await violations(daemon))["claim-renamed", "warning"]
        assert renamed == len(before - {"health"})
        status, out, err = await command(config, daemon)
        assert (status, err) == (0, "")
        assert out.startswith(f"taken: 2 claims, {len(before) - 1} gone, 1 new\n")
        assert "  + kiosk\n" in out
        assert set(daemon.board.claims) == {"health", "kiosk"}
        assert daemon.board.reading.ledger_believed
        assert await daemon.in_force.reload() == ()
        assert set(daemon.board.claims) == {"health", "kiosk"}
        assert (await violations(daemon))["claim-renamed", "warning"] == renamed
        assert await ask(daemon) == (200, {"claims": 2, "gone": [], "new": []})
    async with running(config) as daemon:
        assert set(daemon.board.claims) == {"health", "kiosk"}
        assert ("claim-renamed", "warning") not in await violations(daemon)


async def test_a_ledger_that_became_a_journal(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        before = set(daemon.board.claims)
        (config.parent / "STATE.md").write_text(JOURNAL, "utf-8")
        await wait_for(doubted(daemon), 30)
        assert (await violations(daemon))["layout-drift", "error"] == 1
        # What a start would refuse is refused, with what to set.
        status, answer = await ask(daemon)
        assert status == 409
        assert answer["detail"].endswith("it looks like ledger.layout: journal")
        assert set(daemon.board.claims) == before
        settings = yaml.safe_load(config.read_text("utf-8"))
        settings["ledger"]["layout"] = "journal"
        config.write_text(yaml.safe_dump(settings), "utf-8")
        status, answer = await ask(daemon)
        assert (status, answer["claims"], answer["new"]) == (200, 2, ["milk", "tea"])
        assert set(answer["gone"]) == before
        assert (await violations(daemon))["layout-drift", "error"] == 0
    async with running(config) as daemon:
        assert set(daemon.board.claims) == {"tea", "milk"}


@pytest.mark.parametrize(
    ("settings", "token", "status"), [(TOKEN, None, 401), (TOKEN, "wrong", 401), ({}, WORD, 403)]
)
async def test_it_takes_the_admin_token(
    settings: dict[str, object], token: str | None, status: int, configured: Callable[..., Path]
) -> None:
    config = configured(**settings)
    async with running(config) as daemon:
        before = set(daemon.board.claims)
        (config.parent / "STATE.md").write_text(SHORT, "utf-8")
        assert (await ask(daemon, token))[0] == status
        assert set(daemon.board.claims) == before


async def test_a_refusal_is_exit_1(configured: Callable[..., Path]) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        (config.parent / "STATE.md").write_text("", "utf-8")
        status, out, err = await command(config, daemon)
        assert (status, out) == (1, "")
        assert err.startswith("refused: 409 ")
        assert "is empty" in err
