"""Stores to test on: SQLite files, and databases of a real PostgreSQL server."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from evidenced.evidence.pace import Pace
from evidenced.evidence.records import JSON, Evidence, Run

PARTS = Path(__file__).parents[2] / ".parts/root/usr"
QUICK = Pace(linger=0.01, spans=0.05, retry_first=0.02, retry_longest=0.1, closing=2.0)


class Server:
    """A PostgreSQL server of our own on a free port of loopback; stopped and started at will."""

    def __init__(self, folder: Path) -> None:
        # It refuses to be root's, so as root it is nobody's, as are copies of its files: those of
        # the parts may lie where nobody can go.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._home = folder
        self._data = folder / "data"
        self._programs = PARTS
        if self._user:
            self._programs = folder / "usr"
            for name in ("lib/postgresql/15", "share/postgresql/15"):
                shutil.copytree(PARTS / name, self._programs / name)
            for library in PARTS.glob("lib/*-linux-gnu/lib*.so.*"):
                target = self._programs / library.relative_to(PARTS)
                target.parent.mkdir(exist_ok=True)
                shutil.copy(library, target)
            shutil.chown(folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._run(
            "initdb", "--username=tester", "--auth=trust", "--no-sync", "--encoding=UTF8",
            "--no-locale",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self._home} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self._home / "log")
        self._run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def address(self, database: str) -> str:
        return f"postgresql+asyncpg://tester@127.0.0.1:{self.port}/{database}"

    async def create(self, database: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user="tester", database="postgres"
        )
        try:
            await connection.execute(f'CREATE DATABASE "{database}" STRATEGY file_copy')
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        libraries = ":".join(str(path) for path in self._programs.glob("lib/*-linux-gnu"))
        done = subprocess.run(
            [self._programs / "lib/postgresql/15/bin" / program, "-D", self._data, *arguments],
            user=self._user,
            cwd=self._home,
            env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": libraries, "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {done.stderr!r}"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real PostgreSQL; without it the test fails, for one skipped would prove nothing."""
    program = PARTS / "lib/postgresql/15/bin/postgres"
    if not program.exists():
        pytest.fail(f"{program} is missing: `make test` fetches it")
    folder = Path(tempfile.mkdtemp(prefix="evidenced-postgresql-"))
    try:
        server = Server(folder)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


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
    """Wait until a condition holds, at most 10 s."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
async def running(server: Server) -> AsyncIterator[Server]:
    """The PostgreSQL server, to be stopped: afterwards it runs again."""
    yield server
    server.stop()
    server.start()
