"""Stores to test on: SQLite files, and databases of a real PostgreSQL server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

import pytest

from evidenced.evidence.pace import Pace
from evidenced.evidence.records import JSON, Evidence, Run
from postgresql_server import Server

QUICK = Pace(linger=0.01, spans=0.05, retry_first=0.02, retry_longest=0.1, closing=2.0)


@pytest.fixture
async def postgresql(server: Server) -> str:
    """The address of an empty database."""
    name = f"evidence-{time.monotonic_ns()}"
    await server.create(name)
    return server.address(name)


@pytest.fixture(params=["sqlite", "postgresql"])
async def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on each kind of database in turn."""
    if request.param == "sqlite":
        return "sqlite:///evidence.db"
    server: Server = request.getfixturevalue("server")
    name = f"evidence-{time.monotonic_ns()}"
    await server.create(name)
    return server.address(name)


class MakeEvidence(Protocol):
    def __call__(
        self, number: int = ..., *, claim: str = ..., proof: dict[str, JSON] | None = ...
    ) -> Evidence: ...


@pytest.fixture
def make_evidence() -> MakeEvidence:
    """The change of a standing, as of the second `number`."""

    def make(
        number: int = 1, *, claim: str = "ovens-report", proof: dict[str, JSON] | None = None
    ) -> Evidence:
        return Evidence(
            at=float(number),
            claim=claim,
            section="stable",
            check="oven",
            location="fra1",
            before="verified",
            standing="contradicted",
            proof={"status": 503, "number": number} if proof is None else proof,
        )

    return make


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """A run of a check; by default one that took 0.5 s and speaks for 90 s."""

    def make(
        at: float,
        status: str = "success",
        *,
        check: str = "oven",
        duration: float = 0.5,
        location: str = "",
    ) -> Run:
        return Run(
            check=check, status=status, at=at, duration=duration, reach=90.0, location=location
        )

    return make


@pytest.fixture
def pace() -> Pace:
    """The store's times, much shortened."""
    return QUICK


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Wait until a condition holds; fails where it never does."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
async def running(server: Server) -> AsyncIterator[Server]:
    """The PostgreSQL server, to be stopped: afterwards it runs again."""
    yield server
    server.stop()
    server.start()
