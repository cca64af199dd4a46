"""The demo, two daemons that look at it, and a real Prometheus that scrapes them."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import trustme
import yaml
from aiohttp import web

from evidenced.app.life import running
from evidenced.demo.shop import Shop
from ports import free_port

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / ".parts/root/usr/bin/prometheus"
TOKEN = "a" * 32
PACE = "1s"
LOCATIONS = ("fra1", "")
"""Where the daemons are; one does not say so."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus, by its HTTP API."""

    url: str
    session: aiohttp.ClientSession

    async def ask(self, path: str, **parameters: str) -> Any:  # noqa: ANN401  the form depends on the path
        """What it answers to this path; an error of the query's fails."""
        async with self.session.get(f"{self.url}/api/v1/{path}", params=parameters) as response:
            answer = await response.json()
        assert answer["status"] == "success", (parameters, answer)
        return answer["data"]

    async def ready(self) -> bool:
        try:
            async with self.session.get(f"{self.url}/-/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the shop is, in the clear and over TLS, and the file of the authority behind that."""

    clear: str
    tls: str
    authority: Path


async def eventually(condition: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Wait until the condition holds; fails at the deadline."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.2)


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[tuple[Shop, Addresses]]:
    """The demo shop on loopback."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    site = Shop()
    runner = web.AppRunner(site.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        clear, tls = (address[1] for address in runner.addresses)
        at = Addresses(f"http://localhost:{clear}", f"https://127.0.0.1:{tls}", trusted)
        yield site, at
    finally:
        await runner.cleanup()


def configured(folder: Path, at: Addresses, location: str) -> Path:
    """The demo's configuration at a quick pace, with all that a dashboard has a panel for."""
    folder.mkdir()
    ours = files("evidenced.demo")
    ledger = (ours / "STATE.md").read_text("utf-8").replace(" (Closed: 2026-10-30)", "")
    (folder / "STATE.md").write_text(ledger, "utf-8")
    (folder / "found.json").write_text(json.dumps([{"targets": ["/", "/cart"]}]), "utf-8")
    config = yaml.safe_load((ours / "evidenced.yaml").read_text("utf-8"))
    config |= {
        "listen": "127.0.0.1:0",
        **({"location": location} if location else {}),
        "heartbeat": {"url": f"{at.clear}/", "every": "1s", "timeout": "900ms"},
        "alertmanager": {"urls": [f"http://127.0.0.1:{free_port()}"]},
        "tokens": {"admin": TOKEN},
        "tracker": {
            "forge": "gitea",
            "base_url": f"http://127.0.0.1:{free_port()}",
            "repository": "teas/operations",
            "token": TOKEN,
        },
        "claims": {"health": {"slo": {"objective": 99.5}}},
    }
    config["ledger"]["base_url"] = at.clear
    config["defaults"] |= {"interval": "1s", "timeout": "900ms"}
    basket = {"objective": 99.9, "latency": "500ms"}
    certified = {"url": f"{at.tls}/", "tls": {"ca_file": str(at.authority)}}
    tea = {"url": "/api/v1/orders", "expect": {"status": 401}}
    config["checks"] += [
        {"name": "basket", "slo": basket, "http": {"url": "/cart"}},
        {"name": "certificate", "http": certified},
        {"name": "found", "http": {}, "discovery": {"file": "found.json"}},
        # Fails with what it depends on: its claim becomes unknown.
        {"name": "orders", "depends_on": "basket", "claims": ["orders-api"], "http": tea},
        # Fails, but not often enough to contradict its claim, which becomes stale.
        {
            "name": "restore",
            "confirm": {"failures": 100},
            "max_age": "3s",
            "claims": ["backup-restore-drill"],
            "http": {"url": "/teas/1"},
        },
    ]
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


def quick_rules(rules: str) -> str:
    """The rules as they are, each group evaluated at the pace of the test."""
    read = yaml.safe_load(rules)
    for group in read["groups"]:
        group.pop("interval", None)
    text: str = yaml.safe_dump(read)
    return text


def scraping(folder: Path, targets: list[str], rules: str) -> Path:
    """The project's own configuration of Prometheus, at the pace of the test."""
    (folder / "rules.yml").write_text(quick_rules(rules), "utf-8")
    config = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text("utf-8"))
    beat = {"scrape_interval": PACE, "scrape_timeout": PACE, "evaluation_interval": "1s"}
    config["global"] |= beat
    config["rule_files"] = ["rules.yml"]
    (job,) = (job for job in config["scrape_configs"] if job["job_name"] == "evidenced")
    job.pop("scrape_interval", None)
    job["static_configs"] = [{"targets": targets}]
    config["scrape_configs"] = [job]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


@asynccontextmanager
async def prometheus(folder: Path, config: Path) -> AsyncIterator[Prometheus]:
    """Debian's Prometheus with this configuration."""
    assert PROMETHEUS.is_file(), f"{PROMETHEUS} is missing: `make test` fetches it"
    listen = f"127.0.0.1:{free_port()}"
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            PROMETHEUS,
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={listen}",
            stdout=log,
            stderr=log,
        )
    try:
        async with aiohttp.ClientSession() as session:
            started = Prometheus(f"http://{listen}", session)
            await eventually(started.ready, 30)
            yield started
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[tuple[Shop, Prometheus, list[str]]]:
    """The shop, a daemon at each location that looks at it, and the Prometheus; their addresses."""
    async with AsyncExitStack() as stack:
        site, at = await stack.enter_async_context(shop(folder))
        daemons = [
            await stack.enter_async_context(
                running(configured(folder / f"at-{location}", at, location))
            )
            for location in LOCATIONS
        ]
        addresses = ["{}:{}".format(*daemon.address) for daemon in daemons]
        config = scraping(folder, addresses, daemons[0].site().rules())
        yield site, await stack.enter_async_context(prometheus(folder, config)), addresses
