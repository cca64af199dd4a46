"""What a service manager hears of a daemon: ready when the store is, and a beat that is kept."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from evidenced.app.notify import Notifier
from evidenced.app.tending import Tending, status_line, tended
from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.ledger.parse import parse
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan
from evidenced.watch.verdict import Standing

READ = Reading(config_loaded=True, config_loaded_at=0.0)


def board(*names: str) -> Board:
    """A board of claims that nothing speaks for."""
    text = "## STABLE\n\n" + "".join(f"- **{name}**: holds.\n" for name in names)
    return Board.of(
        make_plan(Config(ledger=LedgerSettings(path="STATE.md")), parse(text)), {}, READ
    )


class Told(Notifier):
    """A notifier that keeps what would be sent."""

    def __init__(self, watchdog: float | None = None) -> None:
        super().__init__("@nobody", watchdog)
        self.sent: list[str] = []
        self.news = asyncio.Event()

    def _send(self, *lines: str) -> None:
        self.sent += lines
        self.news.set()

    async def until(self, line: str) -> None:
        async with asyncio.timeout(30):
            while line not in self.sent:
                self.news.clear()
                await self.news.wait()


def test_the_worst_standing_is_told_first() -> None:
    four = board("Oven", "Till", "Larder", "Door")
    four.claims |= {
        "oven": replace(four.claims["oven"], standing=Standing.VERIFIED),
        "till": replace(four.claims["till"], standing=Standing.CONTRADICTED),
        "door": replace(four.claims["door"], standing=Standing.VERIFIED),
    }
    assert status_line(four) == "4 claims: 1 contradicted, 1 unverified, 2 verified; 0 checks"


@pytest.mark.parametrize(
    ("reading", "more"),
    [
        (READ, ""),
        (
            replace(READ, config_loaded=False),
            "; the configuration cannot be used, an older one is in force",
        ),
        (
            replace(READ, ledger_readable=False, ledger_believed=False),
            "; the ledger cannot be read, an older one is in force",
        ),
        (
            replace(READ, ledger_believed=False),
            "; the ledger lost too much to be believed, an older one is in force",
        ),
    ],
    ids=["all-well", "configuration", "ledger", "belief"],
)
def test_what_is_in_the_way_is_told(reading: Reading, more: str) -> None:
    one = board("Oven")
    one.reading = reading
    assert status_line(one) == f"1 claim: 1 unverified; 0 checks{more}"


async def test_it_is_ready_once_the_store_is() -> None:
    told, restored = Told(), asyncio.Event()
    tending = Tending(told, board("Oven"), restored.is_set, lambda: 0.0)
    async with tended(tending, told):
        await told.until("STATUS=waiting for the store, and looking meanwhile")
        assert told.sent[0] == "EXTEND_TIMEOUT_USEC=30000000"
        assert "READY=1" not in told.sent
        restored.set()
        await told.until("READY=1")
    assert told.sent[-2:] == ["STOPPING=1", "STATUS=stopping"]
    assert "WATCHDOG=1" not in told.sent


async def test_the_watchdog_is_fed_only_while_the_beat_is_kept() -> None:
    told, late = Told(watchdog=0.1), 0.0
    tending = Tending(told, board("Oven"), lambda: True, lambda: late)
    async with tended(tending, told):
        await told.until("WATCHDOG=1")
        late = 0.2
        await asyncio.sleep(0)
        told.sent.clear()
        # Longer than the watchdog waits; nothing can be awaited that is not to happen.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.until("WATCHDOG=1"), 0.3)
        assert "WATCHDOG=1" not in told.sent
        late = 0.0
        await told.until("WATCHDOG=1")
