"""The same numbers as curl's, for the same target."""

import asyncio
import itertools
import json
import os
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import web

from evidenced.probes.attempt import Attempt, Outcome

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


ROOT = Path(__file__).parents[2] / ".parts/root"

BEFORE_TLS, BEFORE_ANSWER, WITHIN_BODY = 0.15, 0.3, 0.45
"""Seconds by which the server delays the handshake, the answer, and the rest of the body."""

TOLERANCE = 0.08
"""Seconds by which two looks at the same server may differ."""

TRIES = 4
"""How often both may look: on a busy machine one of them may have to wait, but not each time."""


async def curl(url: str, *options: str) -> dict[str, Any]:
    """What curl's own clock says of a request (`-w`, see curl(1))."""
    libraries = [*ROOT.glob("usr/lib/*-linux-gnu"), *ROOT.glob("lib/*-linux-gnu")]
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "usr/bin/curl"),
        *("-q", "--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{json}"),
        *options,
        url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))},
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    return found


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(BEFORE_ANSWER)
    response = web.StreamResponse(headers={"Content-Length": "2000"})
    await response.prepare(request)
    await response.write(b"a" * 1000)
    await asyncio.sleep(WITHIN_BODY)
    await response.write(b"b" * 1000)
    return response


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "/slow"})


def delaying(port: int) -> Callable[..., Awaitable[None]]:
    """A relay to a port that lets nothing pass at first."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(BEFORE_TLS)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()

        pumps = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(there, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in pumps:
                each.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            back.close()

    return relay


@pytest.mark.parametrize(("path", "hops"), [("/slow", 0), ("/redirect", 1)])
async def test_the_phases_agree_with_those_of_curl(
    path: str, hops: int, authority: Authority, site: Site, serve: Serve, look: Look
) -> None:
    context: ssl.SSLContext = authority.context("localhost")
    inner = await site({"/slow": slow, "/redirect": redirect}, context)
    port = await serve(delaying(int(inner.rpartition(":")[2])))
    url = f"https://localhost:{port}{path}"
    for _ in range(TRIES):
        attempt = await look(url, 10.0, tls={"ca_file": authority.file})
        seen = await curl(url, "--location", "--http1.1", "-4", "--cacert", authority.file)
        assert attempt.outcome is Outcome.SUCCESS, attempt.failure
        assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
        apart = differences(attempt, seen, hops)
        if all(difference < TOLERANCE for difference in apart.values()):
            break
    assert {name: each for name, each in apart.items() if each >= TOLERANCE} == {}
    facts = attempt.facts
    assert (facts["status_code"], facts["redirects"], facts["body_bytes"]) == (
        seen["http_code"],
        seen["num_redirects"],
        seen["size_download"],
    )
    assert (facts["version"], facts["address"]) == (float(seen["http_version"]), seen["remote_ip"])


def differences(attempt: Attempt, seen: dict[str, Any], hops: int) -> dict[str, float]:
    """By how many seconds an attempt differs from what the server does, and from curl's times."""
    phases = attempt.phases
    # Of the server it is known; curl keeps its connection for the next hop, and saves a handshake.
    pairs = {
        "tls of the server": (phases["tls"], BEFORE_TLS * (hops + 1)),
        "processing of the server": (phases["processing"], BEFORE_ANSWER),
        "transfer of the server": (phases["transfer"], WITHIN_BODY),
        "total": (attempt.duration - hops * BEFORE_TLS, seen["time_total"]),
    }
    if not hops:
        times = [
            seen[f"time_{name}"]
            for name in ("namelookup", "connect", "appconnect", "starttransfer", "total")
        ]
        # curl counts each from the beginning.
        spent = [after - before for before, after in itertools.pairwise([0.0, *times])]
        ours = ("resolve", "connect", "tls", "processing", "transfer")
        pairs |= {name: (phases[name], took) for name, took in zip(ours, spent, strict=True)}
    return {name: abs(one - other) for name, (one, other) in pairs.items()}
