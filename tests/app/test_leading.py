"""What one of several daemons does for all, and another goes on with."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from evidenced.app.leading import Leading
from evidenced.evidence.address import located
from evidenced.evidence.lead import Lead, lead_of


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


class Desk:
    """A daemon whose work is to be at its desk."""

    def __init__(self, lead: Lead | None) -> None:
        self.lead = lead
        self.leading = Leading(lead, look=0.01)
        self.sat_down = self.left = 0

    @property
    def there(self) -> bool:
        return self.sat_down > self.left

    async def sit(self) -> None:
        self.sat_down += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.left += 1

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.leading.run())
            group.create_task(self.leading.while_leading(self.sit))


async def test_one_works_until_it_no_longer_leads_and_another_begins_then(tmp_path: Path) -> None:
    url = located("sqlite:///evidence.db", tmp_path)
    async with AsyncExitStack() as stack:
        desks = [Desk(lead_of(url)) for _ in range(3)]
        tasks = [asyncio.create_task(desk.run()) for desk in desks]
        stack.callback(lambda: [task.cancel() for task in tasks])
        await until(lambda: any(desk.there for desk in desks))
        first = next(place for place, desk in enumerate(desks) if desk.there)
        assert [desk.leading.leads for desk in desks].count(True) == 1
        tasks[first].cancel()
        await asyncio.wait([tasks[first]])
        assert not desks[first].there, "its work ended with it"
        lead = desks[first].lead
        assert lead is not None
        await lead.leave()
        rest = [desk for place, desk in enumerate(desks) if place != first]
        await until(lambda: any(desk.there for desk in rest))
        assert [desk.there for desk in rest].count(True) == 1


async def test_who_loses_the_lead_stops_its_work_and_begins_anew_with_it(tmp_path: Path) -> None:
    class Fickle:
        """A lead that comes and goes as it is told."""

        has = True

        async def take(self) -> bool:
            return self.has

        async def leave(self) -> None:
            pass

    fickle = Fickle()
    desk = Desk(fickle)
    task = asyncio.create_task(desk.run())
    await until(lambda: desk.there)
    fickle.has = False
    await until(lambda: not desk.there)
    assert not desk.leading.leads
    fickle.has = True
    await until(lambda: desk.sat_down == 2)
    task.cancel()
    await asyncio.wait([task])
    assert desk.left == 2


async def test_who_shares_with_nobody_leads_from_the_first(tmp_path: Path) -> None:
    desk = Desk(None)
    task = asyncio.create_task(desk.run())
    await until(lambda: desk.there)
    task.cancel()
    await asyncio.wait([task])
    assert not desk.there
