"""The pages over HTTP: headers, files, forms of a claim's page, and what is made once for many."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from evidenced.config.model import Config
from evidenced.evidence.records import JSON, Evidence, Run
from evidenced.evidence.store import Store
from evidenced.probes.attempt import Attempt
from evidenced.publish.page.door import PageDoor
from evidenced.publish.page.histories import Histories
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.shared import Shared
from evidenced.publish.page.strip import DOWN
from evidenced.publish.proof import ProofDoor
from evidenced.watch.board import Board

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        yield store


@pytest.fixture
async def site(board: Board, config: Config, store: Store) -> AsyncIterator[str]:
    page = PageDoor(board, lambda: config, store, Recent())
    proofs = ProofDoor(board, lambda: config, store, page, store.flush)
    application = web.Application()
    application.add_routes([*page.routes(), *proofs.routes()])
    application.on_shutdown.append(page.close)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_page_lets_nothing_in(site: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(site) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = dict(part.split(" ", 1) for part in _policy(response))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        text = await response.text()
        for inline in (" style=", "<style", " onclick", "<script>", "http://", "https://"):
            assert inline not in text


def _policy(response: aiohttp.ClientResponse) -> list[str]:
    return [part.strip() for part in response.headers["Content-Security-Policy"].split(";")]


async def test_it_is_packed_for_those_who_take_it(site: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        async with session.get(site, headers={"Accept-Encoding": "gzip"}) as response:
            packed = await response.read()
            assert response.headers["Content-Encoding"] == "gzip"
        async with session.get(site, headers={"Accept-Encoding": "identity"}) as response:
            assert gzip.decompress(packed) == await response.read()


async def test_its_files_are_kept_by_browsers_until_they_change(site: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(site) as response:
            text = await response.text()
        for name in ("page.css", "page.js", "icon.svg"):
            href = text.split(f'"/static/{name}')[1].split('"')[0]
            async with session.get(f"{site}/static/{name}{href}") as response:
                assert response.status == 200
                assert "immutable" in response.headers["Cache-Control"]
                assert len(await response.read()) < 20_000
            async with session.get(f"{site}/static/{name}?v=old") as response:
                assert response.headers["Cache-Control"] == "no-cache"
        for name in ("other.css", "..%2Fdoor.py"):
            async with session.get(f"{site}/static/{name}") as response:
                assert response.status == 404


@pytest.mark.parametrize(
    ("accept", "query", "kind"),
    [
        (HTML["Accept"], "", "text/html"),
        ("*/*", "", "text/plain"),
        ("application/json", "", "application/json"),
        ("*/*", "?format=html", "text/html"),
        (HTML["Accept"], "?format=md", "text/plain"),
        (HTML["Accept"], "?format=json", "application/json"),
        (HTML["Accept"], "?format=pdf", "application/problem+json"),
    ],
)
async def test_forms_of_a_claim(site: str, accept: str, query: str, kind: str) -> None:
    url = f"{site}/claims/stable-2{query}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": accept}) as response,
    ):
        assert response.content_type == kind
        assert response.status == (400 if "pdf" in query else 200)


async def test_no_such_claim(site: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{site}/claims/<b>", headers=HTML) as response:
            assert response.status == 404
            assert "No such claim" in await response.text()
        async with session.get(f"{site}/claims/<b>") as response:
            assert response.content_type == "application/problem+json"


async def test_a_change_and_its_proof_are_there_at_once(
    site: str, board: Board, store: Store, observe: Callable[..., None], bad: Attempt
) -> None:
    for at in range(3):
        observe("bells", bad, at=time.time() - 1_800_000_000 - 3 + at)
    exchange: JSON = ["> GET /bells HTTP/1.1", "< HTTP/1.1 500 Oh", "< <script>alert(1)</script>"]
    attempt: JSON = {
        "outcome": "failure",
        "failure": {"reason": "status", "expectation": "status", "detail": "expected 200"},
        "expectations": [{"name": "status", "met": False, "expected": "200", "found": "500"}],
    }
    store.put(
        Evidence(
            at=time.time(),
            claim="stable-2",
            section="stable",
            check="bells",
            before="verified",
            standing="contradicted",
            proof={"kind": "http", "exchange": exchange, "attempts": [attempt]},
        )
    )
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{site}/claims/stable-2", headers=HTML) as response,
    ):
        text = await response.text()
    assert "Bicycle 2 of stable: contradicted" in text
    assert "&gt; GET /bells HTTP/1.1" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "curl --silent" in text
    assert "May it be worked on?" in text


async def test_without_its_store_a_claim_is_still_shown(board: Board, config: Config) -> None:
    page = PageDoor(board, lambda: config, Store("sqlite:///x.db", Path("/nowhere")), Recent())
    response = await page.claim(board.claims["stable-2"], None)
    assert isinstance(response.body, bytes)
    assert b"The store cannot be read just now" in response.body
    await page.close()


async def test_histories_come_when_they_are_read(board: Board, store: Store) -> None:
    now = time.time()
    run = Run(check="bells", status="failure", at=now - 30, duration=20.0, reach=60.0)
    store.put(run)
    histories = Histories(board, store)
    found = await histories.get(["bells", "hub", "unheard-of"], 10)
    assert set(found) == {"bells", "hub"}
    bells = found["bells"]
    assert bells is not None
    assert bells.days[-1] == DOWN or bells.days[-2] == DOWN
    assert await histories.get(["bells"], 0) == {"bells": bells}
    await histories.close()


async def test_what_many_ask_for_is_made_once() -> None:
    made = 0

    async def make(asked: str) -> str:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        if asked == "bad":
            raise ValueError(asked)
        return f"{asked} {made}"

    shared = Shared(make, lasts=60.0)
    assert await asyncio.gather(*(shared.get("a") for _ in range(50))) == ["a 1"] * 50
    shared.forget()
    assert await shared.get("a") == "a 2"
    with pytest.raises(ValueError, match="bad"):
        await shared.get("bad")
    with pytest.raises(ValueError, match="bad"):
        await shared.get("bad")
    assert made == 4
