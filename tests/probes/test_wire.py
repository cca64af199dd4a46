"""The two ways on which a request may go, and what connections of our own have to get right."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.exchange import Exchange
from evidenced.probes.http import probe
from evidenced.probes.plain import First
from evidenced.probes.resources import Resources
from evidenced.probes.visitor import Response

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]


@pytest.mark.parametrize(
    ("plain", "settings"),
    [
        (True, {}),
        (True, {"method": "HEAD", "reuse_connection": True}),
        (True, {"headers": {"Accept": "text/html", "Authorization": "Bearer s3cret"}}),
        (False, {"method": "POST"}),
        (False, {"method": "GET", "body": "more"}),
        (False, {"headers": {"connection": "keep-alive"}}),
        (False, {"headers": {"Host": "other.example"}}),
        (False, {"headers": {"Transfer-Encoding": "chunked"}}),
        (False, {"proxy": "http://127.0.0.1:3128"}),
    ],
)
def test_what_goes_over_a_wire(plain: bool, settings: dict[str, Any]) -> None:
    settings = {"url": "http://shop.example:8080/cart?q=%7e", **settings}
    first = First.of(HttpSettings.model_validate(settings))
    assert (first.plain is not None) is plain
    if first.plain:
        method = settings.get("method", "GET")
        begin = f"{method} /cart?q=%7e HTTP/1.1\r\nHost: shop.example:8080\r\n"
        assert first.plain.closing.decode().startswith(begin)
        assert first.plain.closing.endswith(b"\r\nConnection: close\r\n\r\n")
        assert b"onnection" not in first.plain.keeping


async def test_both_ways_see_the_same(serve: Serve, look: Look) -> None:
    heard: list[set[bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(set((await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")))
        writer.write(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=latin-1\r\n"
            b"Last-Modified: Tue, 01 Sep 2026 10:00:00 GMT\r\nContent-Length: 4\r\n\r\nca\xe9s"
        )
        await writer.drain()

    url = f"http://127.0.0.1:{await serve(talk)}/"
    expect = {"body": {"contains": ["caés"]}, "header": {"Link": {"exists": False}}}
    seen = [await look(url, expect=expect, headers=one) for one in ({}, {"Connection": "close"})]
    assert [attempt.outcome for attempt in seen] == [Outcome.SUCCESS] * 2
    assert seen[0].facts == seen[1].facts
    assert seen[0].phases.keys() == seen[1].phases.keys()
    assert seen[0].judgements == seen[1].judgements
    assert heard[0] == heard[1]


async def empty(request: web.Request) -> web.Response:
    return web.Response()


async def _asked(resources: Resources, url: str, **settings: object) -> Attempt:
    return await probe(HttpSettings.model_validate({"url": url, **settings}), 5.0, resources)


@pytest.mark.parametrize("alive", [0, 1, 2])
async def test_the_first_address_that_answers_is_taken(alive: int, site: Site) -> None:
    base = await site({"/": empty})
    port = int(base.rpartition(":")[2])

    def lookup(host: str, *rest: object, **more: object) -> Sequence[Any]:
        hosts = [f"127.0.0.{9 if n != alive else 1}" for n in range(3)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in hosts]

    async with Resources(lookup) as resources:
        attempt = await _asked(resources, f"http://shop.example:{port}/")
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["address"] == "127.0.0.1"
    assert list(attempt.phases) == ["connect", "resolve", "processing", "transfer"]


async def test_that_no_address_answers_is_a_refusal(resources: Resources) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    def lookup(host: str, *rest: object, **more: object) -> Sequence[Any]:
        hosts = ("127.0.0.1", "127.0.0.2")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in hosts]

    async with Resources(lookup) as others:
        attempt = await _asked(others, f"http://shop.example:{port}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to shop.example:{port} refused"


async def test_a_connection_is_kept_only_where_all_of_the_answer_was_read(site: Site) -> None:
    ports: list[int] = []

    async def handle(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        return web.Response(body=b"x" * 200_000)

    base = await site({"/": handle})
    async with Resources() as resources:
        for limit in (None, None, 1000, None):
            await _asked(resources, f"{base}/", reuse_connection=True, body_limit=limit)
    assert ports[0] == ports[1] == ports[2]
    assert ports[3] != ports[2]


class Chorus:
    """A site in a thread of its own, which answers so many at once when it is told to."""

    def __init__(self, voices: int) -> None:
        self.asked, self.answer, self.answered = (threading.Event() for _ in range(3))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._voices = voices
        self._thread = threading.Thread(target=self._sing)
        self._thread.start()

    def _sing(self) -> None:
        with ExitStack() as held, self._listening:
            open_ = [held.enter_context(self._listening.accept()[0]) for _ in range(self._voices)]
            for one in open_:
                while b"\r\n\r\n" not in one.recv(4096):
                    pass
            self.asked.set()
            self.answer.wait(30)
            for one in open_:
                one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntea")
            self.answered.set()

    def close(self) -> None:
        self.answer.set()
        self._thread.join()


async def test_what_others_take_of_this_process_is_no_latency_of_a_site(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    voices, took = 8, 0.05
    before = Exchange._see

    def slowly(self: Exchange, response: Response) -> None:
        time.sleep(took)
        before(self, response)

    monkeypatch.setattr(Exchange, "_see", slowly)
    chorus = Chorus(voices)
    try:
        looks = asyncio.gather(*(_asked(resources, chorus.url) for _ in range(voices)))
        async with asyncio.timeout(30):
            while not chorus.asked.is_set():
                await asyncio.sleep(0.005)
        # All answers are there before the first of them is looked at.
        chorus.answer.set()
        assert chorus.answered.wait(30)
        seen = await looks
    finally:
        chorus.close()
    assert {attempt.outcome for attempt in seen} == {Outcome.SUCCESS}
    processing = [attempt.phases["processing"] for attempt in seen]
    assert max(processing) - min(processing) < voices * took / 2
    assert max(attempt.phases["transfer"] for attempt in seen) < voices * took / 2


async def test_settings_that_are_gone_leave_nothing_behind(site: Site) -> None:
    base = await site({"/": empty})
    async with Resources() as resources:
        for _ in range(3):
            await _asked(resources, f"{base}/")
        assert not resources.first._made
