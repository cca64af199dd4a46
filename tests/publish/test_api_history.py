import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from evidenced.evidence.records import Evidence, Run
from evidenced.evidence.store import Store
from evidenced.publish.api import Api
from evidenced.publish.api_answer import api_answers
from evidenced.publish.api_history import History
from evidenced.watch.board import Board

Ask = Callable[..., Awaitable[tuple[int, Any]]]
START = 1_800_000_000.0
FAILED = {"attempts": [{"failure": {"reason": "status", "detail": "expected 200, found 500"}}]}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        yield store


@pytest.fixture
async def ask(board: Board, store: Store, aiohttp_client: AiohttpClient) -> Ask:
    application = web.Application(middlewares=[api_answers])
    application.add_routes([*History(board, store).routes(), *Api(board).routes()])
    client = await aiohttp_client(application)

    async def ask(path: str) -> tuple[int, Any]:
        async with client.get(f"/api/v1/{path}") as response:
            return response.status, await response.json(content_type=None)

    return ask


async def keep(store: Store, *records: Evidence | Run) -> None:
    for record in records:
        store.put(record)
    async with asyncio.timeout(30):
        await store.flush()


def change(second: int, claim: str = "stable-2", **more: Any) -> Evidence:  # noqa: ANN401  any field
    fields = {"at": START + second, "claim": claim, "section": "stable", "check": "bells"}
    return Evidence(**{**fields, "before": "verified", "standing": "contradicted", **more})


async def test_records_come_newest_first_in_pages(ask: Ask, store: Store) -> None:
    await keep(store, *(change(n, "stable-2" if n % 2 else "closed-1") for n in range(7)))
    _, found = await ask("evidence?limit=3")
    assert [one["id"] for one in found["evidence"]] == [7, 6, 5]
    _, found = await ask(f"evidence?limit=3&cursor={found['next']}")
    assert [one["id"] for one in found["evidence"]] == [4, 3, 2]
    _, found = await ask(f"evidence?limit=3&cursor={found['next']}")
    assert ([one["id"] for one in found["evidence"]], found["next"]) == ([1], None)


async def test_records_of_one_claim(ask: Ask, store: Store) -> None:
    await keep(store, *(change(n, "stable-2" if n % 2 else "closed-1") for n in range(6)))
    assert await ask("evidence?claim=stable-2") == await ask("claims/stable-2/history")
    _, found = await ask("claims/closed-1/history?since=2027-01-15T08:00:03Z")
    assert [one["at"] for one in found["evidence"]] == ["2027-01-15T08:00:04Z"]
    assert (await ask("claims/none/history"))[0] == 404
    # What has gone from the ledger is still to be had.
    assert (await ask("evidence?claim=none")) == (200, {"evidence": [], "next": None})


async def test_a_record_has_its_proof_and_is_held_to_its_hash(ask: Ask, store: Store) -> None:
    await keep(store, change(1, proof={**FAILED, "seen": float("nan")}, drill=True, check=""))
    _, found = await ask("evidence/1")
    assert found["proof"] == {**FAILED, "seen": "NaN"}
    assert (found["intact"], found["drill"], found["check"]) == (True, True, None)
    assert found["why"] == "status: expected 200, found 500"
    assert len(found["hash"]) == 64
    assert "proof" not in (await ask("evidence"))[1]["evidence"][0]


@pytest.mark.parametrize("id_", ["0", "2", "-1", "x", "9" * 30, "²", "1/2"])
async def test_a_record_that_is_not_there(id_: str, ask: Ask, store: Store) -> None:
    await keep(store, change(1))
    assert (await ask(f"evidence/{id_}"))[0] == 404


async def test_how_a_check_went(ask: Ask, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = START + 400
    monkeypatch.setattr("time.time", lambda: now)
    ends = ["success", "success", "failure", "success"]
    runs = [
        Run(check="bells", status=s, at=START + 100 * n, duration=0.5 + n, reach=150)
        for n, s in enumerate(ends)
    ]
    await keep(store, *runs)
    status, found = await ask("checks/bells/history?period=1h&limit=2")
    assert status == 200
    assert found["uptime"] == {"up": 203.5, "down": 100, "unseen": 3296.5, "ratio": 203.5 / 303.5}
    assert [(one["status"], one["runs"]) for one in found["spans"]] == [
        ("success", 1),
        ("failure", 1),
    ]
    _, found = await ask(f"checks/bells/history?period=1h&limit=2&cursor={found['next']}")
    (oldest,) = found["spans"]
    assert (oldest["runs"], oldest["shortest"], oldest["longest"]) == (2, 0.5, 1.5)
    assert found["next"] is None
    assert (await ask("checks/none/history"))[0] == 404


@pytest.mark.parametrize(
    "path", ["evidence", "evidence/1", "claims/stable-2/history", "checks/bells/history"]
)
async def test_a_store_that_cannot_be_read_is_said(
    path: str, board: Board, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    application = web.Application()
    application.add_routes(History(board, Store("sqlite:///closed.db", tmp_path)).routes())
    client = await aiohttp_client(application)
    async with client.get(f"/api/v1/{path}") as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        found = await response.json(content_type="application/problem+json")
    assert found["detail"] == "the store cannot be read just now: try again later"
