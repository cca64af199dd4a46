"""What tests of all rooms need: the real programs that the daemon works with."""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from postgresql_server import PARTS as ROOT
from postgresql_server import Server

# How long one example takes says more about the machine's other work than about the code.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

# Modules and tests stay until the end: to look among them for garbage again and again, as they
# become more and with each test, is a fifth of all the time.
gc.disable()

PARTS = Path(__file__).parent.parent / ".parts" / "root" / "usr" / "bin"


def pytest_collection_finish() -> None:
    """From here on garbage is looked for again, among what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own checker; without it the test fails, for one skipped would prove nothing."""
    found = PARTS / "promtool"
    if not found.exists():
        pytest.fail(f"{found} is missing: `make test` fetches it")
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real PostgreSQL; without it the test fails, for one skipped would prove nothing."""
    program = ROOT / "lib/postgresql/15/bin/postgres"
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
