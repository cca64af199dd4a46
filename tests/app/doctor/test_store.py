import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evidenced.app.doctor import store
from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store


class Usage(NamedTuple):
    total: int
    used: int
    free: int


async def _keep(folder: Path, records: int) -> None:
    async with Store("sqlite:///evidence.db", folder, keep=1e12) as kept:
        for number in range(records):
            kept.put(
                Evidence(
                    at=float(number),
                    claim="orders",
                    section="stable",
                    check="orders",
                    before="verified",
                    standing="contradicted",
                )
            )
        await kept.flush()


async def test_none_is_there_yet(read: Callable[..., Any], said: Callable[..., Any]) -> None:
    found = said(await store.examine(await read()))
    assert [verdict for verdict, _ in found] == ["ok", "warning"]
    assert found[1][1].endswith("evidence.db is not there yet")


async def test_the_newest_records_are_whole(
    read: Callable[..., Any],
    said: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "NEWEST", 3)
    await _keep(tmp_path, 7)
    found = said(await store.examine(await read()))
    assert [verdict for verdict, _ in found] == ["ok", "ok"]
    assert "the chain is whole in its newest 3 records" in found[1][1]


async def test_an_empty_store_is_fine(
    read: Callable[..., Any], said: Callable[..., Any], tmp_path: Path
) -> None:
    await _keep(tmp_path, 0)
    found = said(await store.examine(await read()))
    assert found[1] == ("ok", f"{tmp_path}/evidence.db is readable, without records yet")


async def test_a_record_that_was_changed(
    read: Callable[..., Any], said: Callable[..., Any], tmp_path: Path
) -> None:
    await _keep(tmp_path, 5)
    with closing(sqlite3.connect(tmp_path / "evidence.db")) as database, database:
        database.execute("UPDATE evidence SET standing = 'verified' WHERE id = 4")
    _, (verdict, what) = said(await store.examine(await read()))
    assert verdict == "problem"
    assert what.startswith("the chain of evidence is broken: record 4: changed")


async def test_a_file_that_is_no_store(
    read: Callable[..., Any], said: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "evidence.db").write_bytes(b"tulips" * 1000)
    _, (verdict, what) = said(await store.examine(await read()))
    assert verdict == "problem"
    assert "the store cannot be read" in what


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(10 * 1024**3, "ok"), (500 * 1024**2, "warning"), (10 * 1024**2, "problem")],
    ids=["plenty", "scarce", "last"],
)
async def test_the_space_that_is_left(
    free: int,
    verdict: str,
    read: Callable[..., Any],
    said: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(2 * free, free, free))
    found = said(await store.examine(await read()))
    assert found[0][0] == verdict
    assert f"{free / 1024**2:.0f} MiB free" in found[0][1]


async def test_a_folder_that_may_not_be_written(
    read: Callable[..., Any], said: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # root may write everywhere, so what the kernel would say is said for it
    monkeypatch.setattr("os.access", lambda path, mode: not mode & os.W_OK)
    found = said(await store.examine(await read()))
    assert found[0][0] == "problem"
    assert "cannot be written by this user" in found[0][1]


async def test_a_password_in_the_address_is_not_shown(read: Callable[..., Any]) -> None:
    url = "postgresql://shop:swordfish-7@127.0.0.1:1/evidence"
    found = await store.examine(await read(store={"url": url}))
    assert found[-1].verdict == "problem"
    assert "swordfish" not in str(found)


async def test_a_server_that_says_nothing(
    read: Callable[..., Any], said: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://shop@127.0.0.1:{port}/evidence"
        found = said(await store.examine(await read(store={"url": url})))
    assert found == [("problem", "127.0.0.1/evidence does not answer within 0.2 s")]
