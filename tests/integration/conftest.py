import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from evidenced.demo.shop import Shop
from ports import free_port

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / ".parts/root/usr/bin/prometheus"


async def eventually(
    condition: Callable[[], Awaitable[object]], seconds: float, every: float = 0.05
) -> float:
    """Wait until the condition holds; the seconds that it took. Fails at the deadline."""
    began = time.monotonic()
    while True:
        found = await condition()
        took = time.monotonic() - began
        if found:
            return took
        assert took < seconds, f"not within {seconds} s: {condition}"
        await asyncio.sleep(every)


@asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    """The demo shop and its address."""
    site = Shop()
    async with serving(site.application()) as url:
        yield site, url


@pytest.fixture
def configured(tmp_path: Path, shop: tuple[Shop, str]) -> Callable[..., Path]:
    """Write the demo's ledger and a quick configuration for it; the configuration's path."""

    def write(**more: object) -> Path:
        ours = files("evidenced.demo")
        (tmp_path / "STATE.md").write_text((ours / "STATE.md").read_text("utf-8"), "utf-8")
        config = yaml.safe_load((ours / "evidenced.yaml").read_text("utf-8"))
        config["listen"] = "127.0.0.1:0"
        config["ledger"]["base_url"] = shop[1]
        config["defaults"]["interval"] = "1s"
        config["defaults"]["timeout"] = "800ms"
        path = tmp_path / "evidenced.yaml"
        path.write_text(yaml.safe_dump(config | more), "utf-8")
        return path

    return write


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus, by its HTTP API."""

    url: str
    session: aiohttp.ClientSession

    async def query(self, expression: str) -> list[dict[str, Any]]:
        async with self.session.get(
            f"{self.url}/api/v1/query", params={"query": expression}
        ) as response:
            answer = await response.json()
        assert answer["status"] == "success", answer
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    async def firing(self) -> set[tuple[str, str]]:
        """The names of alerts that fire, each with the claim that it is about (or "")."""
        async with self.session.get(f"{self.url}/api/v1/alerts") as response:
            alerts = (await response.json())["data"]["alerts"]
        return {
            (alert["labels"]["alertname"], alert["labels"].get("claim", ""))
            for alert in alerts
            if alert["state"] == "firing"
        }

    async def evaluations(self) -> list[datetime]:
        """When each group of rules was evaluated last."""
        async with self.session.get(f"{self.url}/api/v1/rules") as response:
            groups = (await response.json())["data"]["groups"]
        return [datetime.fromisoformat(group["lastEvaluation"]) for group in groups]


@pytest.fixture
def start_prometheus(tmp_path: Path) -> Callable[..., Any]:
    """Run Debian's Prometheus with the project's own configuration, at a quicker pace."""
    assert PROMETHEUS.is_file(), f"{PROMETHEUS} is missing: `make test` fetches it"

    @asynccontextmanager
    async def start(
        targets: list[str],
        pace: str,
        rules: Path | None = None,
        alertmanager: str = "",
        scrape: Mapping[str, object] = MappingProxyType({}),
    ) -> AsyncIterator[Prometheus]:
        config = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text("utf-8"))
        config["global"] |= {
            "scrape_interval": pace,
            "evaluation_interval": pace,
            "scrape_timeout": pace,
        }
        config["rule_files"] = [str(ROOT / "config/prometheus" / f) for f in config["rule_files"]]
        if rules:
            config["rule_files"] = [str(rules)]
        if alertmanager:
            peer = {"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}
            config["alerting"] = {"alertmanagers": [peer]}
        jobs = [job for job in config["scrape_configs"] if job["job_name"] == "evidenced"]
        for job in jobs:
            job.pop("scrape_interval", None)
            job["static_configs"] = [{"targets": targets}]
            job.update(scrape)
        config["scrape_configs"] = jobs
        path = tmp_path / "prometheus.yml"
        path.write_text(json.dumps(config), "utf-8")
        listen = f"127.0.0.1:{free_port()}"
        with (tmp_path / "prometheus.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                PROMETHEUS,
                f"--config.file={path}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address={listen}",
                stdout=log,
                stderr=log,
            )
        try:
            async with aiohttp.ClientSession() as session:

                async def ready() -> bool:
                    assert process.returncode is None, (tmp_path / "prometheus.log").read_text()
                    try:
                        async with session.get(f"http://{listen}/-/ready") as response:
                            return response.status == 200
                    except aiohttp.ClientError:
                        return False

                await eventually(ready, 30)
                yield Prometheus(f"http://{listen}", session)
        finally:
            process.kill()
            await process.wait()

    return start


@pytest.fixture
def wait_for() -> Callable[..., Awaitable[float]]:
    return eventually


@pytest.fixture
def serve() -> Callable[[web.Application], Any]:
    """Serve an application on loopback while a block lasts; its address."""
    return serving
