import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp.plugin import AiohttpClient

from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store
from evidenced.publish.feed import FeedDoor, atom
from evidenced.watch.board import Board

A = "{http://www.w3.org/2005/Atom}"
START = 1_800_000_000.0
BASE = "https://evidence.rad.example"
RECORD = Evidence(
    at=START,
    claim="stable-2",
    section="stable",
    check="bells",
    before="verified",
    standing="contradicted",
    location="fra1",
    proof={"attempts": [{"failure": {"reason": "status", "detail": "expected 200, found 500"}}]},
    id=3,
    hash="ab" * 32,
)
Ask = Callable[..., Awaitable[tuple[int, Any, bytes]]]


def held_to_the_standard(document: bytes) -> Element:
    """The feed, once it has all that RFC 4287 asks of one (sections 4.1.1 and 4.1.2)."""
    feed = fromstring(document)  # noqa: S314  our own
    assert feed.tag == f"{A}feed"
    assert len(feed.findall(f"{A}author")) == 1
    assert feed.findtext(f"{A}author/{A}name")
    entries = feed.findall(f"{A}entry")
    for one in (feed, *entries):
        for name in ("id", "title", "updated"):
            (found,) = one.findall(f"{A}{name}")
            assert found.text
        assert (one.findtext(f"{A}id") or "").startswith("urn:uuid:")
        moment = datetime.fromisoformat(one.findtext(f"{A}updated") or "")
        assert moment.tzinfo is not None
        alternate = [link for link in one.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert len(alternate) == 1
        assert all(link.get("href") for link in one.findall(f"{A}link"))
        assert all(category.get("term") for category in one.findall(f"{A}category"))
    assert len(feed.findall(f"{A}link[@rel='self']")) == 1
    assert all(len(one.findall(f"{A}summary")) == 1 for one in entries)
    ids = [one.findtext(f"{A}id") for one in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    known = "author category entry generator id link name published summary title updated feed"
    assert {one.tag.removeprefix(A) for one in feed.iter()} <= set(known.split())
    return feed


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        yield store


@pytest.fixture
async def ask(board: Board, store: Store, aiohttp_client: AiohttpClient) -> Ask:
    application = web.Application()
    application.add_routes(FeedDoor(board, store, lambda: BASE).routes())
    client = await aiohttp_client(application)

    async def ask(query: str = "", **headers: str) -> tuple[int, Any, bytes]:
        async with client.get(f"/feed.atom{query}", headers=headers) as response:
            return response.status, response.headers, await response.read()

    return ask


async def keep(store: Store, *records: Evidence) -> None:
    for record in records:
        store.put(record)
    async with asyncio.timeout(30):
        await store.flush()


def test_an_entry_says_what_changed_and_links_to_its_proof() -> None:
    feed = held_to_the_standard(atom([RECORD], {"stable-2": "Bells ring"}, BASE, 0))
    entry = feed.find(f"{A}entry")
    assert entry is not None
    assert entry.findtext(f"{A}title") == "Bells ring: verified → contradicted"
    link = entry.find(f"{A}link")
    assert link is not None
    assert link.get("href") == f"{BASE}/claims/stable-2"
    assert entry.findtext(f"{A}updated") == "2027-01-15T08:00:00.000Z"
    assert entry.findtext(f"{A}summary") == (
        "Claim stable-2 (stable), by check bells at fra1. status: expected 200, found 500"
    )
    assert feed.findtext(f"{A}updated") == "2027-01-15T08:00:00.000Z"


def test_ids_stay_and_are_those_of_the_records() -> None:
    def ids(*records: Evidence, base: str = BASE) -> list[str | None]:
        feed = held_to_the_standard(atom(records, {}, base, 0))
        return [one.findtext(f"{A}id") for one in feed.iter(f"{A}entry")]

    other = replace(RECORD, hash="cd" * 32)
    assert ids(RECORD, other) == [*ids(RECORD), *ids(other)]
    assert ids(RECORD) == ids(RECORD, base="https://moved.example")
    assert ids(RECORD) == ["urn:uuid:bf99eab8-d6e2-5857-9f75-a3c62380d409"]


def test_a_drill_is_marked() -> None:
    feed = held_to_the_standard(atom([replace(RECORD, drill=True)], {}, "", 0))
    assert feed.findtext(f"{A}entry/{A}title") == "[drill] stable-2: verified → contradicted"
    terms = [one.get("term") for one in feed.iter(f"{A}category")]
    assert "drill" in terms
    summary = feed.findtext(f"{A}entry/{A}summary") or ""
    assert summary.startswith("This is only rehearsed. ")


def test_a_feed_without_entries_is_one_too() -> None:
    feed = held_to_the_standard(atom([], {}, BASE, START))
    assert feed.findtext(f"{A}updated") == "2027-01-15T08:00:00.000Z"


@given(st.text(), st.text(), st.text())
def test_whatever_a_ledger_says_it_is_xml(title: str, claim: str, check: str) -> None:
    record = replace(RECORD, claim=claim, check=check)
    feed = held_to_the_standard(atom([record], {claim: title}, BASE, 0, claim))
    assert len(feed.findall(f"{A}entry")) == 1


def test_markup_in_a_title_is_text() -> None:
    title = "]]></title><script>alert(1)</script>&amp;\x01"
    feed = held_to_the_standard(atom([RECORD], {"stable-2": title}, BASE, 0))
    found = feed.findtext(f"{A}entry/{A}title")
    assert found == f"{title[:-1]}\ufffd: verified → contradicted"


async def test_the_newest_come_first_and_each_once(ask: Ask, store: Store) -> None:
    made = [replace(RECORD, at=START + n, drill=n == 2, id=0, hash="") for n in range(4)]
    await keep(store, *made, replace(RECORD, claim="closed-1", id=0, hash=""))
    status, headers, body = await ask()
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = held_to_the_standard(body)
    titles = [one.findtext(f"{A}title") or "" for one in feed.iter(f"{A}entry")]
    assert len(titles) == 5
    assert titles[0].startswith("Bicycle 1 of closed")
    assert titles[2].startswith("[drill] ")
    feed = held_to_the_standard((await ask("?claim=stable-2&drills=false"))[2])
    assert len(feed.findall(f"{A}entry")) == 3
    assert feed.findtext(f"{A}title") == "evidenced: changes of standing of Bicycle 2 of stable"
    assert len(held_to_the_standard((await ask("?limit=1"))[2]).findall(f"{A}entry")) == 1


async def test_it_is_sent_once(ask: Ask, store: Store) -> None:
    _, headers, _ = await ask()
    known = {"If-None-Match": headers["ETag"]}
    assert (await ask(**known))[0] == 304
    await keep(store, replace(RECORD, id=0, hash=""))
    assert (await ask(**known))[0] == 200


async def test_what_is_refused(
    ask: Ask, board: Board, tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    status, headers, _ = await ask("?limit=0")
    assert (status, headers["Content-Type"].partition(";")[0]) == (400, "application/problem+json")
    application = web.Application()
    closed = Store("sqlite:///closed.db", tmp_path)
    application.add_routes(FeedDoor(board, closed, lambda: None).routes())
    client = await aiohttp_client(application)
    async with client.get("/feed.atom") as response:
        assert response.status == 503
