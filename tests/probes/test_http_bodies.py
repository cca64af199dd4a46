"""Bodies: their limits, their encodings, and where they are judged."""

import asyncio
import gzip
import json
import threading
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="Organic Tomatoes")


def reason(attempt: Attempt) -> Reason | None:
    return attempt.failure.reason if attempt.failure else None


@pytest.mark.parametrize("size", [0, 9, 10, 11, 100])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_a_body_limit_is_exact(size: int, packed: bool, site: Site, look: Look) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = b"x" * size
        if not packed:
            return web.Response(body=body)
        return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})

    base = await site({"/": answer})
    attempt = await look(f"{base}/", body_limit=10)
    assert reason(attempt) is (Reason.TOO_LARGE if size > 10 else None)
    assert attempt.facts["body_bytes"] == min(size, 10)
    assert attempt.judgements[1].name == "body:limit"


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(
    ("expect", "decided"),
    [
        ({}, True),
        ({"body": {"contains": "first"}}, True),
        ({"body": {"contains": "never"}}, False),
        ({"body": {"not_contains": "never"}}, False),
        ({"body": {"matches": "fir.t"}}, True),
        ({"body": {"not_matches": "nev.r"}}, False),
        ({"json": {"$": {"exists": True}}}, False),
    ],
    ids=str,
)
async def test_without_a_limit_a_mebibyte_is_judged(
    over: int, expect: dict[str, object], decided: bool, site: Site, look: Look
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b'["first' + b" " * (1024 * 1024 - 9 + over) + b'"]')

    base = await site({"/": answer})
    attempt = await look(f"{base}/", expect=expect)
    assert attempt.facts["body_bytes"] == 1024 * 1024
    if over and not decided:
        assert reason(attempt) is Reason.TOO_LARGE
    elif "never" in str(expect) and "not_" not in str(expect):
        assert reason(attempt) is Reason.BODY
    else:
        assert attempt.outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", "Ντομάτες".encode()),
        ("text/plain; charset=iso-8859-7", "Ντομάτες".encode("iso-8859-7")),
        ("text/plain; charset=utf-16", "Ντομάτες".encode("utf-16")),
        ("text/plain; charset=no-such", "Ντομάτες".encode()),
        ("text/plain; charset=base64", "Ντομάτες".encode()),
        ("text/plain; charset=idna", "Ντομάτες".encode()),
        ("text/plain; charset=punycode", "Ντομάτες".encode()),
        ("text/plain", b"\xff\xfe\x00" + "Ντομάτες".encode()),
    ],
    ids=str,
)
async def test_the_body_is_decoded_by_its_charset(
    content_type: str, body: bytes, site: Site, look: Look
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    base = await site({"/": answer})
    attempt = await look(f"{base}/", expect={"body": {"contains": "Ντομάτες"}})
    assert attempt.outcome is Outcome.SUCCESS


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_body(encoding: str, site: Site, look: Look) -> None:
    async def answer(request: web.Request) -> web.Response:
        response = web.Response(text="Tomatoes " * 1000)
        response.enable_compression(web.ContentCoding(encoding))
        return response

    base = await site({"/": answer})
    attempt = await look(f"{base}/", expect={"body": {"contains": "Tomatoes"}})
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["body_bytes"] == 9000
    assert 0 < int(attempt.facts["content_length"]) < 200


async def test_a_head_request(site: Site, look: Look) -> None:
    base = await site({"/": hello})
    attempt = await look(f"{base}/", method="HEAD")
    assert attempt.outcome is Outcome.SUCCESS
    assert (attempt.facts["content_length"], attempt.facts["body_bytes"]) == (16, 0)


async def test_the_last_modified_date(site: Site, look: Look) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(headers={"Last-Modified": request.query["at"]})

    base = await site({"/": answer})
    attempt = await look(f"{base}/?at=Sun,%2006%20Nov%201994%2008:49:37%20GMT")
    assert attempt.facts["last_modified"] == 784111777
    assert "last_modified" not in (await look(f"{base}/?at=whenever")).facts


async def test_an_answer_of_http_1_0(serve: Serve, look: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nTomatoes")

    attempt = await look(
        f"http://127.0.0.1:{await serve(talk)}/", expect={"body": {"contains": "Tomatoes"}}
    )
    assert attempt.outcome is Outcome.SUCCESS
    assert (attempt.facts["version"], attempt.facts["content_length"]) == (1.0, -1)


async def test_nothing_of_an_answer_gets_into_the_words_of_a_failure(
    site: Site, look: Look
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(
            {"note": "s3cret", "list": ["s3cret"]}, headers={"X-Key": "s3cret", "Age": "12"}
        )

    base = await site({"/": answer})
    expect = {
        "header": {"X-Key": "other", "Age": {"lt": 10}},
        "body": {"contains": "other", "not_matches": "s3.ret", "matches": "^$"},
        "json": {"$.note": "other", "$.list": [], "$.list[*]": "other", "$.none": {"exists": True}},
    }
    attempt = await look(f"{base}/", expect=expect)
    words = [f"{each.expected} {each.found}" for each in attempt.judgements]
    assert not any("s3cret" in each for each in words)
    assert {each.name for each in attempt.judgements if each.met} == {"status"}
    assert attempt.judgements[2].found == '"12"'


async def test_a_large_body_is_judged_off_the_loop(
    site: Site, look: Look, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart, judged = resources.apart, []

    async def noted(call: Callable[[], object]) -> object:
        judged.append(call)
        return await apart(call)

    monkeypatch.setattr(resources, "apart", noted)
    items = [{"name": f"Tomatoes {n}", "price": n} for n in range(20_000)]
    text = json.dumps(items)
    assert 512 * 1024 < len(text) < 1024 * 1024

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text)

    base = await site({"/": answer})
    expect = {
        "json": {"$[?@.price >= 0].price": {"length": 20_000, "ge": 0}},
        "body": {"not_contains": "Potatoes", "words": True},
    }
    attempt = await look(f"{base}/", expect=expect)
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert judged


async def test_judging_has_to_be_done_within_the_deadline_too(
    site: Site, look: Look, resources: Resources
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="Tomatoes" * 10_000)

    base = await site({"/": answer})
    release = threading.Event()
    busy = [asyncio.ensure_future(resources.apart(release.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    try:
        attempt = await look(f"{base}/", 0.3, expect={"body": {"contains": "Tomatoes"}})
    finally:
        release.set()
        await asyncio.gather(*busy)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure is not None
    assert attempt.failure.detail == "the answer was not judged within 300ms"
    assert attempt.facts["status_code"] == 200
