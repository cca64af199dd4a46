"""Playing the demo: the shop, a daemon on it, and the standings as they change."""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from aiohttp import web
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.app.logs import configure_logs
from evidenced.demo.shop import Shop
from evidenced.watch.board import Board, ClaimStatus
from evidenced.watch.verdict import Standing

SHOP_PORT = 8080
DAEMON_PORT = 9321
REFRESH = 0.25
"""Seconds between two looks at the board."""

LOOKS = {
    Standing.VERIFIED: ("✔", "green"),
    Standing.CONTRADICTED: ("✘", "bold red"),
    Standing.STALE: ("◷", "yellow"),
    Standing.UNVERIFIED: ("·", "dim"),
    Standing.UNKNOWN: ("?", "yellow"),
}


async def play(console: Console, seconds: float | None, *, live: bool) -> None:
    """Run shop and daemon until interrupted, or for so many seconds."""
    with folder() as place, (place / "evidenced.log").open("w", encoding="utf-8") as log:
        configure_logs(log)
        async with serving() as (_, shop), running(configured(place, shop)) as daemon:
            _introduce(console, shop, daemon, place)
            await _show(console, daemon.board, seconds, live=live)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder with the demo's ledger and configuration, to be edited while it runs."""
    with (
        tempfile.TemporaryDirectory(prefix="evidenced-demo-") as name,
        as_file(files("evidenced.demo")) as ours,
    ):
        for file in ("STATE.md", "evidenced.yaml"):
            shutil.copyfile(ours / file, Path(name, file))
        yield Path(name)


def configured(place: Path, shop: str) -> Path:
    """The configuration with the addresses of this demo in it."""
    path = place / "evidenced.yaml"
    text = path.read_text(encoding="utf-8")
    listen = f"127.0.0.1:{_free_port(DAEMON_PORT)}"
    path.write_text(
        text.replace("${DEMO_SHOP}", shop).replace("${DEMO_LISTEN}", listen), encoding="utf-8"
    )
    return path


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Shop, str]]:
    """The shop, answering on loopback, and its address."""
    shop = Shop()
    runner = web.AppRunner(shop.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", _free_port(SHOP_PORT)).start()
        host, port = runner.addresses[0][:2]
        yield shop, f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _free_port(wanted: int) -> int:
    """The wanted port on loopback, or another one where that is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise OSError("no port is free on 127.0.0.1")


def _introduce(console: Console, shop: str, daemon: Daemon, place: Path) -> None:
    host, port = daemon.address
    lines = (
        ("the shop", shop),
        ("metrics", f"http://{host}:{port}/metrics"),
        ("alert rules", f"http://{host}:{port}/rules"),
        ("ledger, config, log", f"{place}/"),
        ("break a page", f"curl {shop}/break/cart"),
        ("200, but no tea", f"curl '{shop}/break/teas?how=skeleton'"),
        ("a wrong redirect", f"curl '{shop}/break/login?how=redirect'"),
        ("too slow", f"curl '{shop}/break/api/v1/teas?how=slow'"),
        ("mend everything", f"curl {shop}/mend"),
    )
    for what, where in lines:
        console.print(Text(f"  {what:<20} {where}"))
    console.print()


async def _show(console: Console, board: Board, seconds: float | None, *, live: bool) -> None:
    end = time.monotonic() + seconds if seconds is not None else float("inf")
    if live:
        with Live(console=console, auto_refresh=False) as screen:
            while time.monotonic() < end:
                screen.update(table(board), refresh=True)
                await asyncio.sleep(REFRESH)
        return
    known: dict[str, Standing] = {}
    while time.monotonic() < end:
        for name, claim in board.claims.items():
            if known.get(name) is not claim.standing:
                known[name] = claim.standing
                why = _why(board, claim)
                console.print(Text(f"{claim.standing:<12} {name}" + (f"  {why}" if why else "")))
        await asyncio.sleep(REFRESH)


def table(board: Board) -> Group:
    """The claims and their standings, with a line that sums them up."""
    rows = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for column in ("", "CLAIM", "SECTION", "STANDING"):
        rows.add_column(column, no_wrap=True)
    rows.add_column("FOR", justify="right", no_wrap=True)
    rows.add_column("WHY", overflow="ellipsis", no_wrap=True, ratio=1)
    now = time.time()
    for name, claim in board.claims.items():
        mark, style = LOOKS[claim.standing]
        rows.add_row(
            Text(mark, style),
            Text(name),
            claim.item.section.value,
            Text(claim.standing.value, style),
            f"{now - claim.since:.0f} s" if claim.since else "",
            Text(_why(board, claim), style),
        )
    counts = {s: sum(c.standing is s for c in board.claims.values()) for s in Standing}
    said = ", ".join(f"{count} {standing}" for standing, count in counts.items() if count)
    style = "bold red" if counts[Standing.CONTRADICTED] else "bold"
    return Group(Text(f"{said}  (Ctrl-C ends the demo)", style), Text(""), rows)


def _why(board: Board, claim: ClaimStatus) -> str:
    if not claim.checks:
        return "no check speaks for it"
    failing = (board.checks[name].state.failure for name in claim.checks)
    return next((f"{failure.reason}: {failure.detail}" for failure in failing if failure), "")
