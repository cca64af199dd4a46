"""The demo as a newcomer runs it: a process that prints addresses, and pages to break."""

import asyncio
import re
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator

import pytest


class Demo:
    """A running demo and the lines that it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def until(self, pattern: str) -> str:
        """Read on until a line has the pattern; that line."""
        assert self.process.stdout
        async with asyncio.timeout(30):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line.rstrip())
                if re.search(pattern, line):
                    return line
        raise AssertionError("\n".join(self.lines))


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evidenced.cli", "demo", "--for", "60", stdout=asyncio.subprocess.PIPE
    )
    yield Demo(process)
    if process.returncode is None:
        process.terminate()
    await process.wait()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  loopback
        text: str = answer.read().decode()
        return text


async def test_breaking_a_page_makes_its_claim_fall_and_mending_it_rise(demo: Demo) -> None:
    shop = (await demo.until("the shop")).split()[-1]
    metrics = (await demo.until("metrics")).split()[-1]
    await demo.until("verified +cart")
    assert "cart is broken" in await asyncio.to_thread(get, f"{shop}/break/cart")
    assert "found 500" in await demo.until("contradicted +cart")
    assert 'evidenced_claim_verified{claim="cart",section="stable"} 0.0' in await asyncio.to_thread(
        get, metrics
    )
    await asyncio.to_thread(get, f"{shop}/break/teas?how=skeleton")
    await demo.until("contradicted +skeleton-product-pages")
    await asyncio.to_thread(get, f"{shop}/mend")
    await demo.until("verified +(cart|skeleton-product-pages)")


async def test_ports_move_when_they_are_taken() -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", 9321))
            holder.listen()
        except OSError:
            pass  # another demo has it, which serves as well
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "evidenced.cli", "demo", "--for", "1"),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    found = re.search(r"127\.0\.0\.1:(\d+)/metrics", out.decode())
    assert found
    assert found[1] != "9321"
    assert process.returncode == 0
