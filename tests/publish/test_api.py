import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from evidenced.config.model import Config
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Attempt
from evidenced.publish.api import Api
from evidenced.publish.api_answer import api_answers
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan

Ask = Callable[..., Awaitable[tuple[int, Any, Any]]]
MANY = 10_000


@pytest.fixture
def serving(aiohttp_client: AiohttpClient) -> Callable[[Board], Awaitable[Ask]]:
    """Serve the API of a board; asking gives the status, the headers and what JSON says."""

    async def serve(board: Board) -> Ask:
        application = web.Application(middlewares=[api_answers])
        application.add_routes(Api(board).routes())
        client = await aiohttp_client(application)

        async def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, Any, Any]:
            url = f"/api/v1/{path}"
            async with client.request(method, url, headers=headers) as response:
                text = await response.text()
                found = json.loads(text) if "json" in response.content_type and text else None
                return response.status, response.headers, found

        return ask

    return serve


@pytest.fixture
async def ask(board: Board, serving: Callable[[Board], Awaitable[Ask]]) -> Ask:
    return await serving(board)


def ids(found: dict[str, Any], what: str = "claims", key: str = "id") -> list[str]:
    return [one[key] for one in found[what]]


async def test_the_list_is_whole_in_the_order_of_the_ledger(ask: Ask, board: Board) -> None:
    status, headers, found = await ask("claims")
    assert status == 200
    assert ids(found) == list(board.claims)
    assert (found["total"], found["next"]) == (27, None)
    assert "Link" not in headers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("section=stable", [f"stable-{n}" for n in range(1, 10)], id="section"),
        pytest.param("standing=contradicted", ["stable-2"], id="standing"),
        pytest.param("standing=verified&standing=contradicted&section=closed", [], id="both"),
        pytest.param("q=BICYCLE 18", ["closed-18"], id="words of the title"),
        pytest.param("q=able-9", ["stable-9"], id="part of the id"),
        pytest.param("q=car", [], id="nothing"),
    ],
)
async def test_claims_are_filtered(
    query: str, expected: list[str], ask: Ask, observe: Callable[..., None], bad: Attempt
) -> None:
    observe("bells", bad)
    observe("bells", bad, at=60)
    _, _, found = await ask(f"claims?{query}")
    assert ids(found) == expected
    assert found["total"] == len(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("claim=closed-1", ["repairs"], id="claim"),
        pytest.param("kind=http&q=HUB.example", ["hub"], id="part of the target"),
        pytest.param("kind=tcp", [], id="kind"),
        pytest.param("standing=unverified&q=bell", ["bells"], id="standing"),
    ],
)
async def test_checks_are_filtered(query: str, expected: list[str], ask: Ask) -> None:
    _, _, found = await ask(f"checks?{query}")
    assert ids(found, "checks", "name") == expected


async def test_pages_lead_from_one_to_the_next(ask: Ask, board: Board) -> None:
    found: list[str] = []
    query: str | None = "?limit=4&section=closed"
    pages = 0
    while query is not None:
        _, headers, answer = await ask(f"claims{query}")
        found += ids(answer)
        pages += 1
        link = headers.get("Link")
        assert (link is None) == (answer["next"] is None)
        query = link.partition(">")[0].removeprefix("<") if link else None
    assert found == [name for name in board.claims if name.startswith("closed")]
    assert pages == 5


async def test_one_claim_has_its_sentence_and_what_it_cites(ask: Ask) -> None:
    status, _, found = await ask("claims/closed-1")
    assert status == 200
    assert (found["text"], found["line"], found["closed"]) == ("rides", 11, "2027-01-01")
    cited = [(one["kind"], one["ref"], one["tests"]) for one in found["references"]]
    assert cited[0] == ("pull_request", "7", None)
    assert cited[3] == ("test_run", None, 12)
    assert found["missing"] == ["docs/proof.md"]
    _, _, other = await ask("claims/stable-1")
    assert other["references"][0]["path"] == "/repairs"
    assert other["references"][0]["status"] == 200


async def test_one_check_has_its_timing(
    ask: Ask, observe: Callable[..., None], good: Attempt
) -> None:
    observe("bells", good)
    status, _, found = await ask("checks/bells")
    assert status == 200
    assert (found["interval"], found["timeout"], found["origin"]) == (60, 10, "configured")
    assert found["labels"] == {"tier": "1"}
    assert found["runs"] == {"success": 1, "failure": 0, "unknown": 0}
    assert found["duration"] == 0.5


@pytest.mark.parametrize("path", ["claims/none", "checks/none"])
async def test_what_is_not_there_is_said(path: str, ask: Ask) -> None:
    status, headers, found = await ask(path)
    assert (status, found["status"]) == (404, 404)
    assert headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("path", ["claims", "checks", "claims/stable-2", "checks/bells"])
async def test_what_has_not_changed_is_not_sent_again(
    path: str, ask: Ask, observe: Callable[..., None], good: Attempt
) -> None:
    _, headers, _ = await ask(path)
    tag = headers["ETag"]
    assert tag.startswith('W/"')
    assert headers["Cache-Control"] == "no-cache"
    for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        status, again, body = await ask(path, **{"If-None-Match": known})
        assert (status, again["ETag"], body) == (304, tag, None)
    status, _, body = await ask(path, "HEAD")
    assert (status, body) == (200, None)
    observe("bells", good)
    status, headers, body = await ask(path, **{"If-None-Match": tag})
    assert status == 200
    assert headers["ETag"] != tag
    assert body is not None


async def test_options_say_what_a_path_takes(ask: Ask) -> None:
    status, headers, body = await ask("claims", "OPTIONS")
    assert (status, headers["Allow"], body) == (204, "GET, HEAD, OPTIONS", None)
    status, headers, _ = await ask("claims", "DELETE")
    assert status == 405


async def test_ten_thousand_claims_come_in_pages_and_do_not_hold_the_loop(
    config: Config, serving: Callable[[Board], Awaitable[Ask]]
) -> None:
    items = tuple(Item(f"claim-{n}", Section.STABLE, f"Spoke {n}", "holds", n) for n in range(MANY))
    ledger = Ledger(None, {Section.STABLE: items}, frozenset({Section.STABLE}))
    bare = config.model_copy(update={"checks": ()})
    board = Board.of(make_plan(bare, ledger), {}, Reading(True, 0.0))
    ask = await serving(board)
    longest, asking = 0.0, True

    async def beat() -> None:
        nonlocal longest
        while asking:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    beating = asyncio.create_task(beat())
    _, headers, found = await ask("claims")
    assert len(found["claims"]) == 1000
    assert found["total"] == MANY
    assert int(headers["Content-Length"]) < 400_000
    seen = set(ids(found))
    while found["next"]:
        _, _, found = await ask(f"claims?cursor={found['next']}")
        seen |= set(ids(found))
    asking = False
    await beating
    assert len(seen) == MANY
    _, _, found = await ask("claims?q=spoke 9999")
    assert ids(found) == ["claim-9999"]
    assert longest < 1


async def test_a_claim_that_went_leaves_no_gap(board: Board, ask: Ask, config: Config) -> None:
    _, _, first = await ask("claims?limit=3")
    ledger = board.plan.ledger
    closed = tuple(one for one in ledger.sections[Section.CLOSED] if one.id != "closed-3")
    ledger = replace(ledger, sections={**ledger.sections, Section.CLOSED: closed})
    board.adopt(make_plan(config, ledger), {})
    _, _, second = await ask(f"claims?limit=3&cursor={first['next']}")
    assert ids(first) == ["closed-1", "closed-2", "closed-3"]
    assert ids(second)[0] in ("closed-4", "closed-5")
