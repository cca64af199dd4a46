"""However requests fail, daemons die and people meddle: an outage has one issue, and keeps it."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from app.tracker_rig import LAG, SETTLE, Clock, Watcher, rigged
from app.tracker_stand_in import StandIn
from evidenced.probes.attempt import Reason
from evidenced.probes.resources import Resources

REVIEW = 600.0
KINDS = ("github", "gitlab", "gitea")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidenced.app.tracker_request.BETWEEN", 0.0)


class Schedule:
    """One run of chance: what fails when, who dies, and in what order things happen."""

    def __init__(self, seed: int, forge: StandIn, clock: Clock, daemons: list[Watcher]) -> None:
        self.chance = random.Random(seed)  # noqa: S311  chance that can be repeated
        self.forge, self.clock, self.daemons = forge, clock, daemons
        self.trouble = self.chance.choice((0.1, 0.3, 0.6))
        self.forge.lag = self.chance.choice((0.0, 1.0, 45.0, LAG - 30))
        self.forge.page = self.chance.choice((0, 1, 2))
        self.dies: asyncio.Task[None] | None = None
        self.forge.fault = self.fault

    def fault(self, request: web.Request) -> str | web.Response | None:
        if self.dies is not None and self.chance.random() < 0.3:
            # Before or after the request was done, as the dice fall.
            self.dies.cancel()
            self.dies = None
            return self.chance.choice(("before", "lost"))
        if self.chance.random() >= self.trouble:
            return None
        return self.chance.choice(("before", "after", "lost", limited()))

    async def rounds(self) -> None:
        """All daemons do what is due, at the same time; one of them may die over it."""
        for daemon in self.daemons:
            # The store writes within a second, and the clock went on by more.
            await daemon.store.flush()
        tasks = [asyncio.create_task(daemon.round()) for daemon in self.daemons]
        victim = self.chance.randrange(4 * len(tasks))
        self.dies = tasks[victim] if victim < len(tasks) else None
        await asyncio.wait(tasks)
        self.dies = None
        for task, daemon in zip(tasks, self.daemons, strict=True):
            if task.cancelled():
                await daemon.crash()
            else:
                with suppress(asyncio.CancelledError):
                    task.result()

    async def contradict(self) -> None:
        """An outage, with other symptoms again and again, and pauses too short to be its end."""
        order = self.chance.sample(self.daemons, len(self.daemons))
        for daemon in order:
            daemon.fail(self.chance.choice((Reason.TIMEOUT, Reason.STATUS)))
            if self.chance.random() < 0.5:
                self.clock.now += self.chance.choice((0.5, 10.0))
                await self.rounds()
        for _ in range(self.chance.randrange(3, 12)):
            self.clock.now += self.chance.choice((1.0, 20.0, 45.0, 200.0, 3000.0))
            daemon = self.chance.choice(self.daemons)
            if self.chance.random() < 0.3:
                daemon.recover()
                await self.rounds()
                self.clock.now += 10
            daemon.fail(self.chance.choice(list(Reason)))
            await self.rounds()
            if self.chance.random() < 0.15:
                await daemon.restart()

    async def calm(self) -> None:
        """The tracker is to be had again, and everybody does what is due."""
        self.forge.fault, fault = lambda _: None, self.forge.fault
        for _ in range(int((2 * LAG + REVIEW) / 60) + 3):
            self.clock.now += 60
            await asyncio.gather(*(daemon.round() for daemon in self.daemons))
        self.forge.fault = fault

    async def recover(self) -> None:
        for daemon in self.chance.sample(self.daemons, len(self.daemons)):
            self.clock.now += self.chance.choice((0.0, 5.0))
            daemon.recover()
        for _ in range(self.chance.randrange(8)):
            self.clock.now += self.chance.choice((20.0, 100.0))
            await self.rounds()
        self.clock.now += SETTLE
        await self.calm()


def limited() -> web.Response:
    return web.json_response({"message": "slow"}, status=429, headers={"Retry-After": "0"})


@pytest.mark.parametrize("daemons", [1, 2, 3])
@pytest.mark.parametrize("seed", range(9))
async def test_each_outage_has_one_issue(
    seed: int, daemons: int, tmp_path: Path, resources: Resources
) -> None:
    kind = KINDS[seed % len(KINDS)]
    async with rigged(tmp_path, resources, kind, daemons) as (forge, clock, watchers):
        schedule = Schedule(seed * 10 + daemons, forge, clock, watchers)
        for outages in (1, 2, 3):
            await schedule.contradict()
            if schedule.chance.random() < 0.5:
                await schedule.calm()
                assert [one.open for one in forge.originals] == [False] * (outages - 1) + [True]
            await schedule.recover()
            assert [one.open for one in forge.originals] == [False] * outages
            assert not [one for one in forge.issues.values() if one.open]
            assert all(one.marker.ended is not None for one in forge.issues.values())
        assert not [one for watcher in watchers for one in watcher.tracking.book.outages]


@pytest.mark.parametrize("deleted", [False, True], ids=["closed", "deleted"])
@pytest.mark.parametrize("seed", range(6))
async def test_what_a_person_did_stays_done(
    *, seed: int, deleted: bool, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, KINDS[seed % 3], 1 + seed % 2) as rig:
        forge, clock, watchers = rig
        schedule = Schedule(seed, forge, clock, watchers)
        await schedule.contradict()
        await schedule.calm()
        [issue] = forge.originals
        if deleted:
            forge.delete(issue.number)
        else:
            forge.close(issue.number)
        await schedule.contradict()
        await schedule.calm()
        assert [one.open for one in forge.originals] == ([] if deleted else [False])
        await schedule.recover()
        assert not [one for one in forge.issues.values() if one.open]
        # The next one is told again.
        for watcher in watchers:
            watcher.fail()
        await schedule.calm()
        assert len([one for one in forge.originals if one.open]) == 1
