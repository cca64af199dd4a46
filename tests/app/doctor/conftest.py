"""A flower shop's configuration, to be examined."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from evidenced.app.doctor.finding import Finding
from evidenced.app.doctor.subject import Own, Places, Subject, read_subject
from evidenced.config.model import Config
from evidenced.probes.resources import Resources

LEDGER = """# Flowers

## CLOSED
- **Cold room** keeps 4 degrees. PR #3 (Closed: 2026-03-02)

## STABLE
- **Orders** are taken.
- **Bouquets** are listed.
"""

Serve = Callable[[web.Application], AbstractAsyncContextManager[str]]
Read = Callable[..., Awaitable[Subject]]


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of systemd and D-Bus; where this machine has none, those of the parts."""
    if shutil.which("systemd-analyze") and shutil.which("dbus-daemon"):
        return
    usr = Path(__file__).parents[3] / ".parts/systemd/usr"
    libraries = {str(found.parent) for found in usr.glob("lib/**/lib*.so*")}
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{usr}/bin:{usr}/lib/systemd")
    monkeypatch.setenv("LD_LIBRARY_PATH", ":".join(sorted(libraries)))


@pytest.fixture
async def resources() -> AsyncIterator[Resources]:
    async with Resources() as found:
        yield found


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write the ledger and a configuration with more in it; the configuration's path."""

    def write(ledger: str = LEDGER, **more: object) -> Path:
        (tmp_path / "STATE.md").write_text(ledger, "utf-8")
        path = tmp_path / "evidenced.yaml"
        config = {"listen": "127.0.0.1:0", "ledger": {"path": "STATE.md"}}
        path.write_text(yaml.safe_dump(config | more), "utf-8")
        return path

    return write


@pytest.fixture
def read(written: Callable[..., Path], resources: Resources) -> Read:
    """A subject with such a configuration, with what is named and how the daemon is asked."""

    async def subject(
        *, places: Places | None = None, own: Own | None = None, **more: object
    ) -> Subject:
        path = written(**more)

        def reach(config: Config) -> Own | None:
            return own

        return await read_subject(path, path.parent, places or Places(), reach, resources)

    return subject


@pytest.fixture
def serve() -> Serve:
    """Serve an application on loopback while a block lasts; its address."""

    @asynccontextmanager
    async def serving(application: web.Application) -> AsyncIterator[str]:
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    return serving


@pytest.fixture
def said() -> Callable[[tuple[Finding, ...]], list[tuple[str, str]]]:
    """The verdict of each finding and what was found, once each that is not well has a way out."""

    def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
        for one in findings:
            assert one.mend or one.verdict in ("ok", "not looked at"), one
        return [(one.verdict.value, one.what) for one in findings]

    return told
