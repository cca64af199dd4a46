"""The probe on sites that behave: what is asked, what is seen, what is judged."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
import structlog
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="Organic Tomatoes", headers={"X-App": "shop"})


def reason(attempt: Attempt) -> Reason | None:
    return attempt.failure.reason if attempt.failure else None


async def test_a_plain_success_and_its_facts(site: Site, look: Look) -> None:
    base = await site({"/": hello})
    before = time.time()
    attempt = await look(f"{base}/?token=s3cret")
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.failure is None
    assert before <= attempt.started <= time.time()
    assert attempt.facts == {
        "status_code": 200,
        "redirects": 0,
        "content_length": 16,
        "body_bytes": 16,
        "ssl": False,
        "version": 1.1,
        "ip_protocol": 4,
        "address": "127.0.0.1",
        "final_url": f"{base}/?…",
    }
    assert [(each.name, each.met) for each in attempt.judgements] == [("status", True)]


async def test_the_phases_sum_to_the_duration(site: Site, look: Look) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        await asyncio.sleep(0.1)
        return response

    base = (await site({"/": slow})).replace("127.0.0.1", "localhost")
    attempt = await look(f"{base}/")
    assert attempt.outcome is Outcome.SUCCESS
    assert set(attempt.phases) == {"resolve", "connect", "processing", "transfer"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
    assert attempt.phases["processing"] > 0.09
    assert attempt.phases["transfer"] > 0.09


@pytest.mark.parametrize(
    ("status", "expect", "met"),
    [
        (200, {}, True),
        (204, {}, True),
        (404, {}, False),
        (500, {}, False),
        (401, {"status": 401}, True),
        (200, {"status": 401}, False),
        (200, {"status": 307}, False),
        (307, {"status": 307}, True),
        (503, {"status": ["2xx", 503]}, True),
        (307, {"location": "/auth/login"}, True),
        (200, {"location": "/auth/login"}, False),
        (302, {"status": 307, "location": "/auth/login"}, False),
    ],
    ids=str,
)
async def test_the_status(
    status: int, expect: dict[str, object], met: bool, site: Site, look: Look
) -> None:
    async def answer(request: web.Request) -> web.Response:
        headers = {"Location": "/auth/login"} if status in {302, 307} else {}
        return web.Response(status=status, headers=headers)

    base = await site({"/login": answer, "/auth/login": hello})
    attempt = await look(f"{base}/login", expect=expect)
    assert attempt.outcome is (Outcome.SUCCESS if met else Outcome.FAILURE)
    assert attempt.facts["status_code"] == status
    if not met:
        assert attempt.failure is not None
        assert attempt.failure.reason is Reason.STATUS
        assert attempt.failure.expectation == "status"
        assert str(status) in attempt.failure.detail


async def test_the_first_unmet_expectation_is_the_failure_and_all_are_listed(
    site: Site, look: Look
) -> None:
    base = await site({"/": hello})
    expect = {
        "latency": "1ms",
        "json": {"$.status": "ok"},
        "body": {"contains": "Potatoes", "not_contains": "Tomatoes"},
        "header": {"x-app": "shop", "X-Other": {"exists": True}},
    }
    attempt = await look(f"{base}/", expect=expect)
    assert [(each.name, each.met) for each in attempt.judgements[:-1]] == [
        ("status", True),
        ("header:x-app", True),
        ("header:X-Other", False),
        ("body:contains", False),
        ("body:not_contains", False),
        ("json:$.status", False),
    ]
    assert attempt.judgements[-1].name == "latency"
    assert attempt.failure is not None
    assert (attempt.failure.reason, attempt.failure.expectation) == (
        Reason.HEADER,
        "header:X-Other",
    )


async def test_a_late_answer_is_too_late(site: Site, look: Look) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response()

    base = await site({"/": slow})
    attempt = await look(f"{base}/", expect={"latency": "20ms"})
    assert reason(attempt) is Reason.LATENCY
    assert (await look(f"{base}/", expect={"latency": "5s"})).outcome is Outcome.SUCCESS


# Faults of our own


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://user:pw:@[::1/"], ids=["short IPv4", "malformed"]
)
async def test_an_address_that_cannot_be_asked(url: str, resources: Resources) -> None:
    settings = HttpSettings.model_construct(**{**dict(HttpSettings(url="http://x/")), "url": url})
    attempt = await probe(settings, 1, resources)
    assert attempt.outcome is Outcome.UNKNOWN
    assert reason(attempt) is Reason.INTERNAL


async def test_the_unforeseen_is_logged_and_unknown(resources: Resources, look: Look) -> None:
    await resources.close()
    with structlog.testing.capture_logs() as logs:
        attempt = await look("http://127.0.0.1:9/?token=s3cret")
    assert attempt.outcome is Outcome.UNKNOWN
    assert reason(attempt) is Reason.INTERNAL
    assert [(each["log_level"], each["target"]) for each in logs] == [
        ("error", "http://127.0.0.1:9/?…")
    ]
    assert logs[0]["exc_info"]


async def test_cancelling_from_outside_is_no_failure(serve: Serve, look: Look) -> None:
    heard = asyncio.Event()
    gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        heard.set()
        await reader.read()
        gone.set()

    looking = asyncio.ensure_future(look(f"http://127.0.0.1:{await serve(talk)}/"))
    await asyncio.wait_for(heard.wait(), 30)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await asyncio.wait_for(gone.wait(), 30)


async def test_an_outer_deadline_is_no_deadline_of_the_probe(serve: Serve, look: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    port = await serve(talk)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await look(f"http://127.0.0.1:{port}/", 5)
