"""Several requests in one attempt: log in, keep the token, look at the order."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources
from evidenced.probes.trace import traced

Site = Callable[..., Awaitable[str]]
Walk = Callable[..., Awaitable[Attempt]]

TOKEN = 't0k"en & more'


class Orders:
    """A shop with a login: who has the token and the cookie sees the order."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []
        self.token: object = TOKEN

    async def login(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.heard.append(("login", str(request.rel_url), body))
        response = web.json_response(
            {"token": self.token, "number": 17, "open": True, "many": [1, 2]},
            headers={"Location": "/orders/17?x=1", "X-Elsewhere": "http://other.example/"},
        )
        response.set_cookie("session", "s3ssion")
        return response

    async def order(self, request: web.Request) -> web.Response:
        self.heard.append(("order", request.raw_path, await request.text()))
        known = request.cookies.get("session") == "s3ssion"
        known = known and request.headers.get("X-Token", TOKEN) == TOKEN
        return web.Response(status=200 if known else 401, text="order 17: Tomatoes")


@pytest.fixture
def orders() -> Orders:
    return Orders()


@pytest.fixture
async def walk(orders: Orders, site: Site, resources: Resources) -> Walk:
    """Walk through steps at the shop: `walk(*steps, timeout=…, **settings)`."""
    base = await site({"/login": orders.login, "/orders/{number}": orders.order})

    async def take(*steps: dict[str, Any], timeout: float = 30.0, **settings: Any) -> Attempt:  # noqa: ANN401
        based = HttpSettings.model_validate({"steps": steps, **settings}).based_on(base)
        return await probe(based, timeout, resources)

    return take


LOGIN = {"name": "login", "url": "/login", "method": "POST"}


async def test_values_and_cookies_are_carried_on(walk: Walk, orders: Orders) -> None:
    attempt = await walk(
        {**LOGIN, "keep": {"token": {"json": "$.token"}, "n": {"json": "$.number"}}},
        {
            "name": "order",
            "url": "/orders/{{n}}?t={{token}}",
            "method": "POST",
            "headers": {"X-Token": "{{token}}", "Content-Type": "application/json"},
            "body": '{"token": "{{token}}", "n": {{n}}}',
            "expect": {"body": {"contains": "Tomatoes"}},
        },
        expect={"latency": "5s"},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    _, (_, path, body) = orders.heard
    assert path == "/orders/17?t=t0k%22en%20%26%20more"
    assert json.loads(body) == {"token": TOKEN, "n": 17}
    assert [each.name for each in attempt.judgements] == [
        "login/status",
        "order/status",
        "order/body:contains",
        "latency",
    ]
    assert attempt.facts["step"] == "order"
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("keep", "url", "asked"),
    [
        ({"header": "Location"}, "{{v}}", "/orders/17?x=1"),
        ({"header": "Location", "matches": "/orders/([0-9]+)"}, "/orders/{{v}}", "/orders/17"),
        ({"json": "$.open"}, "/orders/{{v}}", "/orders/true"),
        ({"matches": '"number": [0-9]+'}, "/orders/{{v}}", "/orders/%22number%22%3A%2017"),
        ({"json": "$.token", "matches": "^t(.)k"}, "/orders/{{v}}", "/orders/0"),
    ],
    ids=str,
)
async def test_where_a_value_comes_from(
    keep: dict[str, str], url: str, asked: str, walk: Walk, orders: Orders
) -> None:
    attempt = await walk({**LOGIN, "keep": {"v": keep}}, {"name": "order", "url": url})
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert orders.heard[1][1] == asked


@pytest.mark.parametrize(
    ("keep", "reason", "detail"),
    [
        ({"json": "$.gone"}, Reason.JSON, "expected $.gone to keep as v, found nothing"),
        ({"json": "$.many"}, Reason.JSON, "expected $.many to keep as v, found a list of length 2"),
        ({"json": "$.many[*]"}, Reason.JSON, "expected $.many[*] to keep as v, found 2 values"),
        ({"header": "X-Gone"}, Reason.HEADER, "expected header X-Gone to keep as v, found nothing"),
        ({"matches": "zz+"}, Reason.BODY, "expected a match of zz+ in the body to keep as v"),
    ],
    ids=str,
)
async def test_a_value_that_is_not_there(
    keep: dict[str, str], reason: Reason, detail: str, walk: Walk, orders: Orders
) -> None:
    attempt = await walk({**LOGIN, "keep": {"v": keep}}, {"name": "order", "url": "/orders/{{v}}"})
    assert attempt.failure is not None
    assert (attempt.failure.reason, attempt.failure.expectation) == (reason, "login/keep:v")
    assert attempt.failure.detail.startswith(f"step login: {detail}")
    assert len(orders.heard) == 1


@pytest.mark.parametrize("token", ["two\r\nX-Evil: lines", "", "\x00"])
async def test_a_value_that_cannot_be_sent(token: str, walk: Walk, orders: Orders) -> None:
    orders.token = token
    attempt = await walk(
        {**LOGIN, "keep": {"token": {"json": "$.token"}}},
        {"name": "order", "url": "/orders/1", "headers": {"X-Token": "{{token}}"}},
    )
    assert attempt.failure is not None
    assert attempt.failure.expectation == "login/keep:token"
    assert len(orders.heard) == 1


async def test_an_answer_does_not_lead_to_another_origin(walk: Walk) -> None:
    attempt = await walk(
        {**LOGIN, "keep": {"next": {"header": "X-Elsewhere"}}},
        {"name": "order", "url": "{{next}}", "headers": {"X-Token": "s3cret"}},
    )
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.REDIRECT
    assert attempt.failure.detail.startswith("step order: expected {{next}} to lead to an address")


async def test_a_failure_names_its_step_and_ends_the_walk(walk: Walk, orders: Orders) -> None:
    attempt = await walk(
        {"name": "order", "url": "/orders/1"}, {**LOGIN, "expect": {"status": 200}}
    )
    assert attempt.failure is not None
    assert attempt.failure.detail == "step order: expected status 2xx, found 401"
    assert attempt.failure.expectation == "order/status"
    assert [name for name, *_ in orders.heard] == ["order"]


async def test_one_deadline_is_over_all_steps(site: Site, resources: Resources) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.4)
        return web.Response()

    base = await site({"/": slow})
    steps = [{"name": f"s{number}", "url": "/"} for number in range(5)]
    settings = HttpSettings.model_validate({"steps": steps}).based_on(base)
    attempt = await probe(settings, 1.0, resources)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail.startswith("step s2: deadline of 1s passed while waiting")
    assert 0.95 <= attempt.duration < 1.8


async def test_what_is_kept_is_never_shown(walk: Walk, orders: Orders) -> None:
    orders.token = "sw0rdfish"
    with traced() as trace:
        attempt = await walk(
            {**LOGIN, "keep": {"token": {"json": "$.token"}}},
            {
                "name": "order",
                "url": "/orders/1?t={{token}}",
                "headers": {"X-Token": "{{token}}"},
                "auth": {"token": "{{token}}"},
                "body": "{{token}}",
            },
        )
    assert attempt.failure is not None
    shown = str(attempt) + str(trace.lines)
    assert "GET /orders/1?…" in shown
    assert "sw0rdfish" not in shown
    assert "s3ssion" not in shown
    assert "sw0rdfish" in str(orders.heard)
