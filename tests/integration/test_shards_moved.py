"""Four shards on a real PostgreSQL, found by a real Prometheus: one is killed, one is added and
taken away again, while a claim is contradicted that all of this moves about."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from evidenced.config.load import load
from evidenced.evidence.store import Store
from evidenced.publish.rules import rules
from evidenced.watch.sharing import owner
from integration.conftest import Prometheus, eventually, serving
from ports import free_port
from postgresql_server import Server

RUN = Path(__file__).with_name("shard_process.py")
FEW, MORE = 4, 5
INTERVAL, PACE, SLACK, SOON = 1.0, "500ms", 3.0, 45.0
ALERT = 'alertname="EvidencedStableClaimContradicted"'
PAGES = f'ALERTS{{{ALERT}, alertstate="firing"}}'


def places(claim: str) -> tuple[int, int]:
    """Which shard has a claim of few shards, and of more."""
    return owner(f"0 {claim}", FEW), owner(f"0 {claim}", MORE)


def moving() -> Iterator[str]:
    """Claims of which each of the few shards has one that stays and one that moves to the new."""
    wanted = {(shard, after) for shard in range(FEW) for after in (shard, FEW)}
    for number in count():
        if places(f"page-{number}") in wanted:
            wanted.remove(places(f"page-{number}"))
            yield f"page-{number}"
        if not wanted:
            return


CLAIMS = tuple(moving())


class Site:
    """A page for each claim, which notes when it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.broken = ""

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/{page}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        page = request.match_info["page"]
        self.asked[page].append(time.monotonic())
        return web.Response(status=500 if page == self.broken else 200)

    def longest_pause(self, page: str) -> float:
        """The longest time in which nobody asked for a page, in seconds."""
        asked = self.asked[page]
        return max(after - before for before, after in pairwise(asked))


class Shards:
    """The daemons, as processes on one configuration."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.ports = [free_port() for _ in range(MORE)]
        self.processes: dict[int, asyncio.subprocess.Process] = {}

    def write(self, number: int) -> None:
        settings = yaml.safe_load(self.config.read_text("utf-8"))
        settings["shard"]["count"] = number
        unfinished = self.config.with_suffix(".new")
        unfinished.write_text(yaml.safe_dump(settings), "utf-8")
        unfinished.replace(self.config)

    async def start(self, shard: int) -> None:
        state = self.config.parent / f"state-{shard}"
        state.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "SHARD": f"{shard}",
            "PORT": f"{self.ports[shard]}",
            "STATE_DIRECTORY": str(state),
        }
        with (state / "log").open("ab") as log:
            self.processes[shard] = await asyncio.create_subprocess_exec(
                sys.executable, RUN, self.config, env=environment, stderr=log
            )

    async def end(self, shard: int, how: signal.Signals) -> None:
        process = self.processes.pop(shard)
        process.send_signal(how)
        await asyncio.wait_for(process.wait(), SOON)

    def url(self, shard: int, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[shard]}/api/v1/{path}"


@asynccontextmanager
async def started(config: Path) -> AsyncIterator[Shards]:
    shards = Shards(config)
    try:
        await asyncio.gather(*map(shards.start, range(FEW)))
        yield shards
    finally:
        for process in shards.processes.values():
            process.kill()
            await process.wait()


@pytest.fixture
async def store(server: Server) -> str:
    """The address of an empty database."""
    name = f"shards-{time.monotonic_ns()}"
    await server.create(name)
    return server.address(name)


def configured(folder: Path, site: str, store: str) -> Path:
    ledger = "".join(f"- {claim}: {site}/{claim} returns 200\n" for claim in CLAIMS)
    (folder / "STATE.md").write_text(f"# STATE\n\n## STABLE\n\n{ledger}", "utf-8")
    path = folder / "evidenced.yaml"
    config = {
        "listen": "127.0.0.1:${PORT}",
        "shard": {"index": "${SHARD}", "count": FEW},
        "ledger": {"path": "STATE.md", "base_url": site, "derive": False},
        "store": {"url": store},
        "defaults": {"interval": f"{INTERVAL:g}s", "timeout": "500ms", "retry": {"attempts": 1}},
        "checks": [{"name": c, "claims": [c], "http": {"url": f"/{c}"}} for c in CLAIMS],
    }
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


async def test_nothing_is_lost_and_nothing_pages_twice(
    tmp_path: Path, store: str, start_prometheus: Callable[..., Any]
) -> None:
    site = Site()
    async with (
        serving(site.application()) as url,
        started(configured(tmp_path, url, store)) as all_,
    ):
        (tmp_path / "all.rules.yml").write_text(
            rules(load(all_.config, {"SHARD": "0", "PORT": "1"})), "utf-8"
        )
        found = [{"url": all_.url(shard, "targets"), "refresh_interval": "1s"} for shard in (0, 1)]
        async with start_prometheus(
            [], PACE, tmp_path / "all.rules.yml", scrape={"http_sd_configs": found}
        ) as prometheus:
            broken = await scenario(all_, site, prometheus)
        for shard in tuple(all_.processes):
            await all_.end(shard, signal.SIGTERM)
    async with Store(store, tmp_path) as kept:
        verified = await kept.verify()
        assert verified.problems == ()
        for claim in CLAIMS:
            said = [one.standing for one in reversed(await kept.evidence(claim))]
            assert said == ["verified", "contradicted", "verified"][: 3 if claim == broken else 1]


async def scenario(all_: Shards, site: Site, prometheus: Prometheus) -> str:
    """All that is done to the shards; the claim that is contradicted meanwhile."""

    async def each_claim_is_one_shards(number: int) -> bool:
        by_shard = await prometheus.query("count by (instance) (evidenced_claim_verified)")
        once = await prometheus.query("count by (claim) (evidenced_claim_verified) == 1")
        unsure = await prometheus.query(
            'evidenced_claim_status{status!~"verified|contradicted"} == 1'
        )
        return len(by_shard) == number and len(once) == len(CLAIMS) and not unsure

    await eventually(lambda: each_claim_is_one_shards(FEW), SOON)
    (leads,) = await prometheus.query("evidenced_shard_leads == 1")
    first = all_.ports.index(int(leads["metric"]["instance"].rpartition(":")[2]))
    claim = site.broken = next(one for one in CLAIMS if places(one) == (first, FEW))

    await eventually(lambda: prometheus.query(PAGES), SOON)

    killed = time.monotonic()
    await all_.end(first, signal.SIGKILL)
    await eventually(lambda: another_leads(prometheus, leads["metric"]["instance"]), SOON)
    await eventually(lambda: said_of(all_, first, {"unknown", "contradicted"}), SOON)
    await all_.start(first)
    await eventually(lambda: each_claim_is_one_shards(FEW), SOON)
    dead = time.monotonic() - killed

    await all_.start(FEW)

    async def both_look() -> bool:
        """Whether what the new one has is looked at by the old ones, too."""
        both = await prometheus.query("count by (claim) (evidenced_claim_verified) == 2")
        moved = {one for one in CLAIMS if places(one)[1] == FEW}
        return {one["metric"]["claim"] for one in both} == moved

    await eventually(both_look, SOON)
    all_.write(MORE)
    await eventually(lambda: each_claim_is_one_shards(MORE), SOON)

    all_.write(FEW)
    await eventually(both_look, SOON)
    await all_.end(FEW, signal.SIGTERM)
    await eventually(lambda: each_claim_is_one_shards(FEW), SOON)
    for page in CLAIMS:
        # So long nobody was late, and nobody asked for what another one asks for by now.
        was_dead = dead if places(page)[0] == first else 0.0
        assert site.longest_pause(page) < 2 * INTERVAL + SLACK + was_dead, page
    await is_one_page(prometheus, claim)
    site.broken = ""

    holds = f'evidenced_claim_verified{{claim="{claim}"}} == 1'
    await eventually(lambda: prometheus.query(holds), SOON)
    return claim


async def another_leads(prometheus: Prometheus, before: str) -> bool:
    now = await prometheus.query("evidenced_shard_leads == 1")
    return [one["metric"]["instance"] != before for one in now] == [True]


async def is_one_page(prometheus: Prometheus, claim: str) -> None:
    """The alert on this claim is the only one, the same from the first, and was never two."""
    (alert,) = await prometheus.query(PAGES)
    assert alert["metric"]["claim"] == claim
    (since,) = await prometheus.query(f"ALERTS_FOR_STATE{{{ALERT}}}")
    (ever,) = await prometheus.query(f"min_over_time(ALERTS_FOR_STATE{{{ALERT}}}[10m])")
    assert since["value"][1] == ever["value"][1], "it is the page that it was from the first"
    (most,) = await prometheus.query(f"max_over_time(count(ALERTS{{{ALERT}}})[10m:1s])")
    assert most["value"][1] == "1", "and was never two"


async def said_of(all_: Shards, gone: int, standings: set[str]) -> bool:
    """Whether all others say so of the claims of one that is gone."""
    async with aiohttp.ClientSession() as session:
        for shard in all_.processes:
            async with session.get(all_.url(shard, "claims")) as response:
                claims = json.loads(await response.text())["claims"]
            if {one["standing"] for one in claims if places(one["id"])[0] == gone} != standings:
                return False
    return True
