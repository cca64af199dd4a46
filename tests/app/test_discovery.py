import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from aiohttp import web

from evidenced.app import discovery, loading
from evidenced.app.daemon import Daemon
from evidenced.app.discovery import completed, fetched
from evidenced.app.life import running
from evidenced.app.listing import Listing
from evidenced.config import targets
from evidenced.probes.resources import Resources

SECRET = "swordfish-1f0c"
LEDGER = "## CLOSED\n\n## STABLE\n- **Cart**: the cart works\n"


@dataclass
class Inventory:
    """A service that answers with a list of targets, and with pages for them."""

    answer: web.Response | None = None
    groups: object = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    hang: bool = False

    async def targets(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.hang:
            await asyncio.sleep(60)
        if self.answer is not None:
            return self.answer
        return web.json_response(self.groups)

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text="well")


@asynccontextmanager
async def serving(inventory: Inventory) -> AsyncIterator[str]:
    application = web.Application()
    application.add_routes(
        [web.get("/targets", inventory.targets), web.get("/{tail:.*}", inventory.page)]
    )
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def inventory() -> AsyncIterator[tuple[Inventory, str]]:
    it = Inventory()
    async with serving(it) as url:
        yield it, url


@pytest.fixture
def configured(tmp_path: Path, inventory: tuple[Inventory, str]) -> Callable[..., Path]:
    """A configuration whose checks are found by HTTP."""

    def write(more: str = "", url: str = "") -> Path:
        (tmp_path / "STATE.md").write_text(LEDGER)
        (tmp_path / "token").write_text(SECRET)
        address = (url or inventory[1]).replace("://", f"://u:{SECRET}@")
        path = tmp_path / "evidenced.yaml"
        path.write_text(
            f"listen: 127.0.0.1:0\n"
            f"ledger: {{path: STATE.md, base_url: '{inventory[1]}'}}\n"
            f"defaults: {{interval: 1s, timeout: 800ms}}\n"
            f"checks:\n"
            f"- name: fixed\n  http: {{url: /fixed}}\n"
            f"- name: found\n  claims: [cart]\n  http: {{}}\n"
            f"  discovery:\n    http:\n"
            f"    - url: '{address}/targets?key={SECRET}'\n"
            f"      refresh: 100ms\n      headers: {{X-Token: {{file: token}}}}\n      {more}\n"
        )
        return path

    return write


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def listing(config: Path) -> Listing:
    loaded = await asyncio.to_thread(loading.start, config)
    (one,) = loaded.listings.values()
    return one


async def test_a_list_is_asked_for_as_prometheus_does(
    inventory: tuple[Inventory, str], configured: Callable[..., Path]
) -> None:
    inventory[0].groups = [{"targets": ["/x", "y.example:80"], "labels": {"team": "a", "__m": ""}}]
    async with Resources() as resources:
        found = await fetched(await listing(configured()), resources)
    assert found.problem is None
    assert [check.name for check in found.checks] == ["found:/x", "found:http://y.example:80/"]
    assert found.checks[0].labels == {"team": "a"}
    (request,) = inventory[0].requests
    assert request.headers["X-Token"] == SECRET
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.headers["Accept"] == "application/json"
    assert request.headers["X-Prometheus-Refresh-Interval-Seconds"] == "0.1"
    assert request.query["key"] == SECRET


BAD: list[tuple[Callable[[], web.Response], str]] = [
    (lambda: web.Response(status=503), "answered with status 503"),
    (
        lambda: web.Response(status=302, headers={"Location": "http://x.example/"}),
        "answered with status 302",
    ),
    (lambda: web.Response(text="[]"), "answered with something else than application/json"),
    (
        lambda: web.Response(text="[", content_type="application/json"),
        "line 1: not readable as JSON: Expecting value",
    ),
    (lambda: web.json_response({}), "expected a list of groups with targets and labels"),
    (
        lambda: web.json_response([{"targets": [f"http://u:{SECRET}@x:99999/?k={SECRET}"]}]),
        "found '…@x:99999/?…', expected an address",
    ),
    (lambda: web.json_response([" " * 5000]), "more than 0 MiB"),
]


@pytest.mark.parametrize(("answer", "said"), BAD, ids=[said[:45] for _, said in BAD])
async def test_a_bad_answer_is_one_line_and_the_last_good_list_stays(
    answer: Callable[[], web.Response],
    said: str,
    inventory: tuple[Inventory, str],
    configured: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(targets, "LIST_LIMIT", 2000)
    monkeypatch.setattr(discovery, "LIST_LIMIT", 2000)
    inventory[0].groups = [{"targets": ["/x"]}]
    async with Resources() as resources:
        good = await fetched(await listing(configured()), resources)
        inventory[0].answer = answer()
        bad = await fetched(good, resources)
        inventory[0].answer = None
        again = await fetched(bad, resources)
    assert bad.problem
    assert bad.problem.startswith(said)
    assert SECRET not in bad.problem
    assert bad.checks is good.checks
    assert bad.succeeded == good.succeeded
    assert again.problem is None
    assert again.checks is good.checks


async def test_a_list_that_does_not_come_in_time_is_told(
    inventory: tuple[Inventory, str], configured: Callable[..., Path]
) -> None:
    inventory[0].hang = True
    async with Resources() as resources:
        late = await fetched(await listing(configured("timeout: 200ms")), resources)
    assert late.problem == "no list within 200ms"


async def test_nobody_there_is_told_without_secrets(configured: Callable[..., Path]) -> None:
    async with Resources() as resources:
        one = await listing(configured(url="http://127.0.0.1:9"))
        gone = await fetched(one, resources)
    assert gone.problem
    assert "127.0.0.1:9" in gone.problem
    assert SECRET not in gone.problem
    assert gone.shown == "http://127.0.0.1:9/targets?key=…"


async def test_a_command_asks_for_each_list_once(
    inventory: tuple[Inventory, str], configured: Callable[..., Path]
) -> None:
    inventory[0].groups = [{"targets": ["/x"]}]
    loaded = await completed(await asyncio.to_thread(loading.start, configured()))
    assert [check.name for check in loaded.plan.checks] == ["fixed", "found:/x"]
    assert len(inventory[0].requests) == 1


def names(daemon: Daemon) -> set[str]:
    return set(daemon.board.checks)


@pytest.fixture
async def metrics() -> Callable[[Daemon], Awaitable[str]]:
    async def scrape(daemon: Daemon) -> str:
        reader, writer = await asyncio.open_connection(*daemon.address)
        writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
        return text

    return scrape


async def test_checks_come_and_go_while_the_daemon_runs(
    inventory: tuple[Inventory, str],
    configured: Callable[..., Path],
    metrics: Callable[[Daemon], Awaitable[str]],
) -> None:
    service = inventory[0]
    service.groups = [{"targets": ["/x", "/y"]}]
    with structlog.testing.capture_logs() as logs:
        async with running(configured()) as daemon:
            await until(lambda: names(daemon) == {"fixed", "found:/x", "found:/y"})
            await until(lambda: daemon.board.claims["cart"].standing == "verified")
            kept = daemon.board.checks["found:/y"]
            service.groups = [{"targets": ["/y", "/z"], "labels": {}}]
            await until(lambda: names(daemon) == {"fixed", "found:/y", "found:/z"})
            assert daemon.board.checks["found:/y"].check is kept.check
            assert sum(daemon.board.checks["found:/y"].runs.values()) >= sum(kept.runs.values()) > 0
            service.answer = web.Response(status=500)
            await until(lambda: not daemon.board.lists[0].good)
            assert names(daemon) == {"fixed", "found:/y", "found:/z"}
            text = await metrics(daemon)
            label = 'check="found",source="' + daemon.board.lists[0].source + '"'
            assert f"evidenced_discovery_targets{{{label}}} 2.0" in text
            assert f"evidenced_discovery_successful{{{label}}} 0.0" in text
            assert f"evidenced_discovery_last_success_timestamp_seconds{{{label}}}" in text
            service.answer, service.groups = None, []
            await until(lambda: names(daemon) == {"fixed"})
            await until(lambda: daemon.board.lists[0].good)
    assert SECRET not in text + repr(logs)
    events = [entry["event"] for entry in logs]
    assert events.count("targets not taken over, the last good list stays in force") == 1


async def test_a_list_that_is_no_longer_wanted_is_no_longer_asked_for(
    inventory: tuple[Inventory, str], configured: Callable[..., Path]
) -> None:
    service = inventory[0]
    service.groups = [{"targets": ["/x"]}]
    config = configured()
    async with running(config) as daemon:
        await until(lambda: "found:/x" in names(daemon))
        text = config.read_text().split("- name: found")[0]
        config.write_text(text)
        assert await daemon.in_force.reload() == ()
        assert names(daemon) == {"fixed"}
        count = len(service.requests)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await until(lambda: len(service.requests) > count + 1)
        assert len(service.requests) <= count + 1
        config.write_text(text + "- name: found\n  http: {}\n  discovery: {file: 'l/*.yaml'}\n")
        (config.parent / "l").mkdir()
        (config.parent / "l" / "a.yaml").write_text("- targets: [/file]\n")
        await until(lambda: "found:/file" in names(daemon))


async def test_files_of_lists_and_includes_are_followed(tmp_path: Path) -> None:
    (tmp_path / "STATE.md").write_text(LEDGER)
    for name in ("lists", "checks.d"):
        (tmp_path / name).mkdir()
    config = tmp_path / "evidenced.yaml"
    config.write_text(
        "listen: 127.0.0.1:0\nledger: {path: STATE.md, base_url: 'http://127.0.0.1:9'}\n"
        "include: checks.d\n"
        "checks: [{name: a, http: {}, discovery: {file: 'lists/*.json'}}]\n"
    )
    included = tmp_path / "checks.d" / "one.yaml"
    listed = tmp_path / "lists" / "one.json"
    async with running(config) as daemon:
        assert names(daemon) == set()
        listed.write_text(json.dumps([{"targets": ["/x"]}]))
        await until(lambda: names(daemon) == {"a:/x"})
        included.write_text("checks: [{name: b, http: {url: /}}]\n")
        await until(lambda: names(daemon) == {"a:/x", "b"})
        included.write_text("checks: [{name: b, htp: {url: /}}]\n")
        await until(lambda: not daemon.board.reading.config_loaded)
        assert names(daemon) == {"a:/x", "b"}
        included.write_text("checks: [{name: c, http: {url: /}}]\n")
        await until(lambda: names(daemon) == {"a:/x", "c"})
        assert daemon.board.reading.config_loaded
        included.unlink()
        listed.write_text(json.dumps([{"targets": ["/x", "/y"]}]))
        await until(lambda: names(daemon) == {"a:/x", "a:/y"})
