"""The real Prometheus beside either side, asked by its HTTP API."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from side_by_side import parts
from side_by_side.program import Program, free_address, program


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus that runs."""

    program: Program
    url: str

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """What it answers to an expression: the series."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/query", params={"query": expression}) as response,
        ):
            answer = await response.json()
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    async def number(self, expression: str) -> float:
        """The one value of an expression; NaN where there is none."""
        found = await self.query(expression)
        return float(found[0]["value"][1]) if found else float("nan")


def configuration(jobs: Sequence[Mapping[str, object]], interval: int) -> str:
    """What Prometheus is told: each job scraped once an interval."""
    settings = {
        "global": {"scrape_interval": f"{interval}s", "scrape_timeout": f"{min(interval, 10)}s"},
        "scrape_configs": list(jobs),
    }
    # JSON is YAML too, and quicker to read.
    return json.dumps(settings)


@asynccontextmanager
async def prometheus(folder: Path, settings: str, core: int | None) -> AsyncIterator[Prometheus]:
    """Run Prometheus while the block lasts, with an empty database in the folder."""
    path, address = folder / "prometheus.yml", free_address()
    path.write_text(settings, "utf-8")
    command = (
        parts.PROMETHEUS,
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
    )
    async with program(command, folder / "prometheus.log", core=core) as running:
        await running.answers(f"http://{address}/-/ready", 60)
        yield Prometheus(running, f"http://{address}")
