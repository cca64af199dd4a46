"""What is brought back from the store, also from one that cannot be read when the daemon starts."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from evidenced.app import keeper as keeping
from evidenced.app.life import running
from evidenced.evidence.records import Saved
from evidenced.evidence.store import Store

WaitFor = Callable[..., Awaitable[float]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "STATE.md").write_text("# State\n\n## STABLE\n\n- **Cart**: the cart works\n")
    path = tmp_path / "evidenced.yaml"
    check = {"name": "cart", "claims": ["cart"], "file": {"path": str(tmp_path / "cart")}}
    settings = {"listen": "127.0.0.1:0", "ledger": {"path": "STATE.md"}, "checks": [check]}
    path.write_text(yaml.safe_dump(settings))
    return path


async def kept(folder: Path) -> dict[tuple[str, str], object]:
    async with Store("sqlite:///evidence.db", folder) as store:
        return {(one.kind, one.name): one.state for one in await store.state()}


async def test_a_store_that_is_locked_at_the_start_brings_back_maintenance_later(
    config: Path, tmp_path: Path, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        store.put(Saved(kind="maintenance", name="cart", state={"until": 4e9, "why": "a new oven"}))
    monkeypatch.setattr(keeping, "BEAT", 0.05)
    with closing(sqlite3.connect(tmp_path / "evidence.db", isolation_level=None)) as lock:
        lock.execute("pragma locking_mode = exclusive")
        lock.execute("begin exclusive")
        lock.execute("update saved set name = name")
        async with running(config) as late:
            assert late.board.begun == ()
            lock.execute("rollback")
            lock.close()

            async def back() -> bool:
                return [one.why for one in late.board.begun] == ["a new oven"]

            await wait_for(back, 30)


async def test_maintenance_that_is_over_is_forgotten_and_what_is_malformed_too(
    config: Path, tmp_path: Path
) -> None:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        store.put(Saved(kind="maintenance", name="cart", state={"until": 12.0, "why": "long ago"}))
        store.put(Saved(kind="maintenance", name="shelf", state={"til": "tomorrow"}))
        store.put(Saved(kind="maintenance", name="oven", state={"until": 4e9, "why": "a new one"}))
    async with running(config) as daemon:
        assert [one.subject for one in daemon.board.begun] == ["oven"]
        await asyncio.wait_for(daemon.keeper.settled(), 10)
    left = {name for kind, name in await kept(tmp_path) if kind == "maintenance"}
    assert left == {"oven"}
