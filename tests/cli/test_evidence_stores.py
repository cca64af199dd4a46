"""The commands on stores of other kinds, and on those that are gone."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store
from postgresql_server import Server


def config_with(folder: Path, url: str) -> Path:
    (folder / "STATE.md").write_text("# State\n\n## STABLE\n\n- **Oven**: bakes at 230 degrees\n")
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump({"ledger": {"path": "STATE.md"}, "store": {"url": url}}))
    return path


async def one_record(address: str, folder: Path) -> None:
    async with Store(address, folder) as store:
        store.put(
            Evidence(
                at=time.time() - 60,
                claim="oven",
                section="stable",
                check="oven",
                before="verified",
                standing="contradicted",
                proof={"kind": "http", "target": "https://shop.example/oven"},
            )
        )
        await store.flush()


@pytest.fixture
def postgresql(server: Server) -> str:
    name = f"commands-{time.monotonic_ns()}"
    asyncio.run(server.create(name))
    return server.address(name)


def test_they_read_a_store_in_postgresql(
    evidenced: Callable[..., Any], postgresql: str, tmp_path: Path
) -> None:
    config = config_with(tmp_path, postgresql)
    asyncio.run(one_record(postgresql, tmp_path))
    ran = evidenced("evidence", "verify", "-c", config)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("1 record, chain whole, head ")
    assert "verified → contradicted" in evidenced("evidence", "list", "-c", config).out
    pack = evidenced("proof", "oven", "-c", config)
    assert pack.status == 0
    assert "https://shop.example/oven" in pack.out


def test_a_server_that_is_gone_is_one_line(evidenced: Callable[..., Any], tmp_path: Path) -> None:
    config = config_with(tmp_path, "postgresql+asyncpg://ops:hunter2@127.0.0.1:1/evidence")
    ran = evidenced("evidence", "verify", "-c", config)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "unreachable" in ran.err
    assert "127.0.0.1" in ran.err
    assert "hunter2" not in ran.err


@pytest.mark.parametrize(
    "command",
    [["evidence", "verify"], ["evidence", "list"], ["proof", "oven"], ["gate", "oven"], ["status"]],
    ids=" ".join,
)
def test_a_store_of_a_newer_program_is_one_line(
    evidenced: Callable[..., Any], tmp_path: Path, command: list[str]
) -> None:
    config = config_with(tmp_path, "sqlite:///evidence.db")
    asyncio.run(one_record("sqlite:///evidence.db", tmp_path))
    with closing(sqlite3.connect(tmp_path / "evidence.db")) as connection:
        connection.execute("UPDATE evidence_version SET version_num = '9999'")
        connection.commit()
    ran = evidenced(*command, "-c", config)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "written by a newer evidenced (revision 9999" in ran.err
