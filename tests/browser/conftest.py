"""A real Chromium, and a real daemon that watches a small ferry line."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from playwright.async_api import Browser, async_playwright, expect

from browser.ferry import LEDGER, Line, Visit, Visits, Watch, Watching
from evidenced.app.life import running

PARTS = Path(__file__).parents[2] / ".parts"
CHROMIUM = PARTS / "chromium"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    site = Line()
    application = web.Application()
    application.router.add_get("/{path:.*}", site.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield site
    finally:
        await runner.cleanup()


@pytest.fixture
def watch(tmp_path: Path, line: Line) -> Watch:
    """Run a daemon on the line while a block lasts."""

    @asynccontextmanager
    async def watch(ledger: str = LEDGER, **more: object) -> AsyncIterator[Watching]:
        (tmp_path / "STATE.md").write_text(ledger, "utf-8")
        check = {"name": "berths", "claims": ["double-bookings"], "http": {"url": "/berths"}}
        settings = {
            "listen": "127.0.0.1:0",
            "ledger": {"path": "STATE.md", "base_url": line.url, "derive": True},
            "defaults": {
                "interval": "1s",
                "timeout": "800ms",
                "retry": {"attempts": 1},
                "confirm": {"failures": 1},
            },
            "checks": [check],
        }
        config = tmp_path / "evidenced.yaml"
        config.write_text(yaml.safe_dump(settings | more), "utf-8")
        async with running(config) as daemon:
            yield Watching(daemon, "http://{}:{}".format(*daemon.address))

    return watch


@pytest.fixture
async def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """Debian's Chromium; without it the test fails, for one skipped would prove nothing."""
    program = CHROMIUM / "usr/lib/chromium/chromium"
    assert program.is_file(), f"{program} is missing: `make test` fetches it"
    libraries = {str(found.parent) for found in (CHROMIUM / "usr/lib").glob("*-linux-gnu/*.so*")}
    libraries |= {str(found.parent) for found in CHROMIUM.glob("lib/*-linux-gnu/*.so*")}
    libraries |= {str(found.parent) for found in CHROMIUM.glob("usr/lib/*-linux-gnu/*/lib*.so*")}
    expect.set_options(timeout=15_000)
    # The smallest Debian lacks a library of what drives it.
    lacking = [str(found.parent) for found in PARTS.glob("root/usr/lib/*/libatomic.so.1")]
    monkeypatch.setenv("LD_LIBRARY_PATH", ":".join(lacking))
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=program,
            # Chromium has no sandbox for root; what it opens here is our own.
            chromium_sandbox=os.geteuid() != 0,
            env={
                "HOME": str(tmp_path),
                "LD_LIBRARY_PATH": ":".join(sorted(libraries)),
                "FONTCONFIG_FILE": str(CHROMIUM / "fonts.conf"),
            },
        )
        yield browser
        await browser.close()


TELL = """
window.stopped = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.stopped.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visits]:
    """Open an address; `settings` are those of a context of playwright."""
    async with AsyncExitStack() as stack:

        async def visit(url: str, **settings: object) -> Visit:
            settings = {"viewport": {"width": 1280, "height": 900}} | settings
            context = await browser.new_context(**settings)  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(15_000)
            one = Visit(page, context)
            page.on("dialog", lambda dialog: one.complaints.append(f"dialog {dialog.message}"))
            page.on("pageerror", lambda error: one.complaints.append(f"error {error}"))
            page.on("request", lambda request: one.asked.append(request.url))
            if settings.get("java_script_enabled", True):
                await page.add_init_script(TELL)
            await page.goto(url, wait_until="load")
            return one

        yield visit


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    script = PARTS / "axe/axe_playwright_python/axe.min.js"
    assert script.is_file(), f"{script} is missing: `make test` fetches it"
    return script.read_text("utf-8")
