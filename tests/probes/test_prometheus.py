"""The probe on stand-ins that answer as Prometheus' API does, and on some that do not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.probes import prometheus as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Site = Callable[..., Awaitable[str]]
Ask = Callable[..., Awaitable[Attempt]]


@pytest.fixture
def ask(resources: Resources) -> Ask:
    async def take(server: str, timeout: float = 30.0, /, **settings: object) -> Attempt:
        settings = {"server": server, "query": "up", **settings}
        return await kind.probe(PrometheusSettings.model_validate(settings), timeout, resources)

    return take


def vector(*values: str) -> dict[str, Any]:
    samples = [{"metric": {"n": str(n)}, "value": [1.5, value]} for n, value in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": samples}}


def scalar(value: str) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "scalar", "result": [1.5, value]}}


def answering(document: object, status: int = 200) -> dict[str, Any]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(document, status=status)

    return {"/api/v1/query": answer}


@pytest.mark.parametrize(
    ("document", "value", "met"),
    [
        (vector("1"), {"ge": 1}, True),
        (vector("1"), 1, True),
        (vector("1"), "1", False),
        (vector("0"), {"ge": 1}, False),
        (scalar("2.5"), {"gt": 2}, True),
        (vector("1", "1", "1"), {"eq": 1, "length": 3}, True),
        (vector("1", "0", "1"), 1, False),
        (vector("1", "1"), {"length": 3}, False),
        (vector(), {"ge": 0}, False),
        (vector(), {"exists": False}, True),
        (vector("1"), {"exists": False}, False),
        (vector("NaN"), {"ge": 0}, False),
        (vector("NaN"), {"lt": 0}, False),
        (vector("+Inf"), {"gt": 1000}, True),
        (vector("-Inf"), {"lt": 0}, True),
    ],
)
async def test_the_value(site: Site, ask: Ask, document: object, value: object, met: bool) -> None:
    attempt = await ask(await site(answering(document)), expect={"value": value})
    assert (attempt.outcome is Outcome.SUCCESS) is met, attempt.failure
    if not met:
        assert attempt.failure
        assert (attempt.failure.reason, attempt.failure.expectation) == (Reason.BODY, "value")


async def test_what_is_said_of_several_samples(site: Site, ask: Ask) -> None:
    server = await site(answering(vector("1", "0", "1")))
    attempt = await ask(server, expect={"value": 1})
    assert attempt.failure
    assert attempt.failure.detail == "expected value to be 1, found 0.0 in 1 of 3"
    assert attempt.facts == {"status_code": 200, "samples": 3}
    one = await ask(await site(answering(vector("0"))), expect={"value": 1})
    assert one.failure
    assert one.failure.detail == "expected value to be 1, found 0.0"
    assert one.facts == {"status_code": 200, "samples": 1, "value": 0.0}


async def test_where_nothing_is_said_there_must_be_a_sample(site: Site, ask: Ask) -> None:
    assert (await ask(await site(answering(vector("0"))))).failure is None
    none = await ask(await site(answering(vector())))
    assert none.failure
    assert none.failure.detail == "expected value to exist, found nothing"


async def test_what_is_sent(site: Site, ask: Ask) -> None:
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.json_response(vector("1"))

    server = await site({"/tenant/api/v1/query": answer})
    query = 'sum by (job) (rate(x_total{a=~"b|c"}[5m])) # + 1'
    await ask(
        f"{server}/tenant/",
        3.0,
        query=query,
        auth={"token": "swordfish"},
        headers={"X-Scope-OrgID": "bakery"},
    )
    (request,) = asked
    assert request.query == {"query": query, "timeout": "3s"}
    assert request.headers["Authorization"] == "Bearer swordfish"
    assert request.headers["X-Scope-OrgID"] == "bakery"
    await ask(f"{server}/tenant", auth={"username": "pat", "password": "swordfish"})
    assert asked[1].headers["Authorization"].startswith("Basic ")


BAD_QUERY = {"status": "error", "errorType": "bad_data", "error": "1:3: parse error: oh"}


@pytest.mark.parametrize(
    ("document", "status", "reason", "said"),
    [
        (BAD_QUERY, 400, Reason.STATUS, "answers 400 (bad_data): 1:3: parse error: oh"),
        (BAD_QUERY, 200, Reason.STATUS, "answers 200 (bad_data): 1:3: parse error: oh"),
        ({"secret": "swordfish"}, 503, Reason.STATUS, "answers 503"),
        ({"message": "swordfish"}, 401, Reason.STATUS, "answers 401"),
        ({"secret": "swordfish"}, 200, Reason.STATUS, "that is no query's result"),
        ("swordfish", 200, Reason.STATUS, "that is no query's result"),
        (
            {"status": "success", "data": {"resultType": "matrix", "result": []}},
            200,
            Reason.BODY,
            "ranges of values",
        ),
        (
            {"status": "success", "data": {"resultType": "string", "result": [1, "swordfish"]}},
            200,
            Reason.PROTOCOL,
            "no query's result",
        ),
        (vector("swordfish"), 200, Reason.PROTOCOL, "samples that are no numbers"),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [{"value": [1]}]}},
            200,
            Reason.PROTOCOL,
            "samples that are no numbers",
        ),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [7]}},
            200,
            Reason.PROTOCOL,
            "samples that are no numbers",
        ),
    ],
)
async def test_answers_that_give_no_value(
    site: Site, ask: Ask, document: object, status: int, reason: Reason, said: str
) -> None:
    attempt = await ask(await site(answering(document, status)))
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.reason is reason
    assert said in attempt.failure.detail
    assert "swordfish" not in repr(attempt)
    assert attempt.facts["status_code"] == status


async def test_an_answer_that_is_no_json(site: Site, ask: Ask) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>swordfish")

    attempt = await ask(await site({"/api/v1/query": page}))
    assert attempt.failure
    assert attempt.failure.reason is Reason.STATUS
    assert "swordfish" not in attempt.failure.detail


async def test_a_login_page_is_not_followed(site: Site, ask: Ask) -> None:
    async def to_login(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/login"})

    attempt = await ask(await site({"/api/v1/query": to_login}))
    assert attempt.failure
    assert attempt.failure.detail.endswith("answers 302")


async def test_nobody_there_is_the_target_s_failure(ask: Ask) -> None:
    attempt = await ask("http://127.0.0.1:1")
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == "connection to 127.0.0.1:1 refused"


async def test_silence_ends_at_the_deadline(serve: Callable[..., Awaitable[int]], ask: Ask) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    watch = Stopwatch()
    attempt = await ask(f"http://127.0.0.1:{await serve(silent)}", 0.2)
    assert watch.own() < 0.2 + 0.15
    assert attempt.failure
    assert attempt.failure.reason is Reason.TIMEOUT


async def test_over_tls(site: Site, ask: Ask, authority: Any) -> None:  # noqa: ANN401  a fixture's
    server = await site(answering(vector("1")), authority.context("127.0.0.1"))
    attempt = await ask(server, tls={"ca_file": authority.file})
    assert attempt.failure is None
    assert set(attempt.phases) >= {"connect", "tls", "processing"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
    untrusted = await ask(server)
    assert untrusted.failure
    assert untrusted.failure.reason is Reason.CERTIFICATE


async def test_a_large_answer_is_read(site: Site, ask: Ask) -> None:
    server = await site(answering(vector(*["1"] * 5000)))
    attempt = await ask(server, expect={"value": {"length": 5000, "eq": 1}})
    assert attempt.failure is None
