import asyncio
import threading
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from command_line import Ran, run
from evidenced.demo.shop import Shop


@pytest.fixture
def evidenced() -> Callable[..., Ran]:
    """Run a command as `evidenced ARGUMENTS…` would."""
    return run


@pytest.fixture
def shop() -> Iterator[tuple[Shop, str]]:
    """The demo shop, served by a loop of its own: the commands bring theirs."""
    site, loop, started = Shop(), asyncio.new_event_loop(), threading.Event()
    address: list[str] = []

    async def start() -> web.AppRunner:
        runner = web.AppRunner(site.application(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(start())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert started.wait(30)
    yield site, address[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)


@pytest.fixture
def config(tmp_path: Path, shop: tuple[Shop, str]) -> Path:
    """The demo's ledger and configuration, on that shop."""
    ours = files("evidenced.demo")
    (tmp_path / "STATE.md").write_text((ours / "STATE.md").read_text("utf-8"), "utf-8")
    text = yaml.safe_load((ours / "evidenced.yaml").read_text("utf-8"))
    text["listen"] = "127.0.0.1:0"
    text["ledger"]["base_url"] = shop[1]
    path = tmp_path / "evidenced.yaml"
    path.write_text(yaml.safe_dump(text), "utf-8")
    return path
