"""What a scrape is answered with, held to what prometheus_client makes of the same board."""

import asyncio
import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.pytest_plugin import AiohttpClient
from aiohttp.test_utils import TestClient, make_mocked_request
from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_of
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from evidenced.config.model import Config
from evidenced.ledger.model import Item, Section
from evidenced.probes.attempt import Attempt
from evidenced.publish.metrics import Metrics
from evidenced.publish.scrape import beside
from evidenced.watch.board import Board
from evidenced.watch.drill import Drill
from evidenced.watch.plan import make_plan

TITLE = 'Ποδήλατα 🚲 "C:\\bells"\nsecond line'
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PASSING = ("process_", "python_", "evidenced_time_seconds")

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(body: bytes, read: Callable[..., object]) -> Samples:
    """The samples, but those of the process itself; an empty label is none."""
    found: Samples = {}
    for family in read(body.decode()):  # type: ignore[attr-defined]  # either parser
        for sample in family.samples:
            key = (sample.name, frozenset((k, v) for k, v in sample.labels.items() if v))
            assert key not in found, "said twice"
            if not sample.name.startswith(PASSING):
                found[key] = sample.value
    return found


async def scraped(metrics: Metrics, encode: Callable[..., bytes]) -> bytes:
    return b"".join([piece async for piece in metrics.scrape.pieces(encode)])


async def agree(metrics: Metrics) -> Samples:
    """Both formats say what the registry says; these samples."""
    text = samples(await scraped(metrics, generate_latest), read_text)
    openmetrics = samples(await scraped(metrics, openmetrics_of), read_openmetrics)
    assert text == samples(generate_latest(metrics.registry), read_text)
    openly = openmetrics_of(metrics.registry)  # type: ignore[no-untyped-call]  # it has no types
    assert openmetrics == samples(openly, read_openmetrics)
    return text


async def test_it_says_what_the_registry_says_whatever_happens(
    metrics: Metrics,
    board: Board,
    config: Config,
    observe: Callable[..., None],
    good: Attempt,
    bad: Attempt,
) -> None:
    before = await agree(metrics)
    assert not any(name == "probe_success" for name, _ in before)
    for at, (name, attempt) in enumerate(
        [("bells", good), ("repairs", bad), ("repairs", bad), ("hub", good), ("repairs", good)]
    ):
        observe(name, attempt, at=at)
        metrics.scrape.saw(name)
        await agree(metrics)
    failing = replace(bad, facts={}, phases={}, judgements=())
    observe("bells", failing, at=9)
    after = await agree(metrics)
    assert any(name == "probe_failure_info" for name, _ in after)
    board.sweep(2_000_000_000.0)
    await agree(metrics)


async def test_a_drill_stands_beside_the_true_series(metrics: Metrics, board: Board) -> None:
    await agree(metrics)
    now = time.time()
    board.drills.begin(
        Drill(
            claim="stable-1",
            section="stable",
            began=now,
            until=now + 60,
            who="a tester",
            why="to see",
        )
    )
    drilled = [labels for _, labels in await agree(metrics) if ("drill", "true") in labels]
    assert len(drilled) == 2


async def test_what_a_reload_changes_is_said_anew(
    metrics: Metrics, board: Board, config: Config, observe: Callable[..., None], good: Attempt
) -> None:
    for name in ("bells", "repairs", "hub"):
        observe(name, good)
    await agree(metrics)
    said = config.model_dump(mode="json", exclude_unset=True, by_alias=True)
    repairs, bells, hub = said["checks"]
    bells["http"]["url"] = "/all/the/bells"
    repairs["labels"] = {"shift": "early"}
    hub.pop("http")
    hub["tcp"] = {"address": "hub.example:443"}
    ledger = board.plan.ledger
    odd = Item("odd", Section.STABLE, TITLE, "", 1)
    sections = {**ledger.sections, Section.STABLE: (*ledger.sections[Section.STABLE][1:], odd)}
    other = replace(ledger, sections=sections)
    board.adopt(
        make_plan(Config.model_validate({**said, "checks": [bells, hub, repairs]}), other), {}
    )
    told = await agree(metrics)
    assert any(("title", TITLE) in labels for _, labels in told)
    assert any(("label_shift", "early") in labels for _, labels in told)
    board.adopt(make_plan(Config.model_validate({**said, "checks": [bells]}), other), {})
    observe("bells", good)
    metrics.scrape.saw("bells")
    assert {
        dict(labels)["check"] for name, labels in await agree(metrics) if name == "probe_info"
    } == {"bells"}


async def test_numbers_of_every_size_are_read_as_they_are(
    metrics: Metrics, observe: Callable[..., None], good: Attempt
) -> None:
    for number in (0.0, 1e-9, 123456789.123456, 1e300, float("inf"), float("-inf")):
        observe("bells", replace(good, facts={**good.facts, "cert_expiry": number}))
        told = await agree(metrics)
        assert number in {v for (name, _), v in told.items() if name.endswith("cert_expiry")}


def with_many_checks(board: Board, config: Config) -> Metrics:
    said = config.model_dump(mode="json", exclude_unset=True, by_alias=True)
    said["checks"] = [{"name": f"bell-{n}", "http": {"url": f"/bells/{n}"}} for n in range(1200)]
    board.adopt(make_plan(Config.model_validate(said), board.plan.ledger), {})
    return Metrics(board, None, in_flight=int, skipped=int)


async def test_others_have_their_turn_while_much_is_written(board: Board, config: Config) -> None:
    metrics = with_many_checks(board, config)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    body = await scraped(metrics, generate_latest)
    other.cancel()
    assert turns >= 12
    assert body.count(b"probe_info{") == 1200


async def client(metrics: Metrics, aiohttp_client: AiohttpClient) -> TestClient[Any, Any]:
    application = web.Application()
    application.add_routes([web.get("/metrics", metrics.scrape.answer)])
    return await aiohttp_client(application, auto_decompress=False)


@pytest.fixture
async def ask(metrics: Metrics, aiohttp_client: AiohttpClient) -> TestClient[Any, Any]:
    return await client(metrics, aiohttp_client)


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_it_is_answered_as_it_is_asked_for(
    ask: TestClient[Any, Any], accept: str, encoding: str
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": encoding}
    async with ask.get("/metrics", headers=headers) as response:
        body = await response.read()
    assert response.headers.get("Content-Encoding", "identity") == encoding
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    text = (gzip.decompress(body) if encoding == "gzip" else body).decode()
    assert text.endswith("# EOF\n") is bool(accept)
    assert "evidenced_claim_info{" in text
    async with ask.head("/metrics", headers=headers) as response:
        assert response.status == 200
        assert await response.read() == b""


@pytest.mark.parametrize(
    ("proxied", "packed"),
    [
        ({}, False),
        ({"X-Forwarded-For": "192.0.2.7"}, True),
        ({"Forwarded": "for=192.0.2.7"}, True),
        ({"via": "1.1 shop"}, True),
    ],
)
async def test_what_is_long_is_packed_for_whoever_is_far_away(
    board: Board,
    config: Config,
    aiohttp_client: AiohttpClient,
    proxied: dict[str, str],
    packed: bool,
) -> None:
    ask = await client(with_many_checks(board, config), aiohttp_client)
    headers = {"Accept-Encoding": "gzip", **proxied}
    async with ask.get("/metrics", headers=headers) as response:
        body = await response.read()
    assert (response.headers.get("Content-Encoding") == "gzip") is packed
    text = gzip.decompress(body) if packed else body
    assert text.count(b"probe_info{") == 1200


@pytest.mark.parametrize(
    ("remote", "near"),
    [("127.0.0.1", True), ("::1", True), ("192.0.2.7", False), ("", False)],
)
def test_who_is_on_the_same_host_is_known_by_the_address(remote: str, near: bool) -> None:
    request = make_mocked_request("GET", "/metrics").clone(remote=remote)
    assert beside(request) is near
