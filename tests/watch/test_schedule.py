import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.schedule import APART, TICK, TOGETHER, Schedule, phase
from stopwatch import Stopwatch

MakeCheck = Callable[..., Check]
Observe = Callable[..., Observation]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def beating(schedule: Schedule) -> AsyncIterator[None]:
    task = asyncio.create_task(schedule.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Look:
    """Notes when each check is looked at; holds while `gate` is not set."""

    def __init__(self, observe: Observe) -> None:
        self.times: dict[str, list[float]] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.observe = observe

    async def __call__(self, check: Check) -> Observation:
        self.times.setdefault(check.name, []).append(time.monotonic())
        await self.gate.wait()
        return self.observe(check, "success")

    def count(self, name: str) -> int:
        return len(self.times.get(name, []))


async def test_each_check_keeps_its_own_beat_without_drift(
    make_check: MakeCheck, observe: Observe
) -> None:
    look, seen = Look(observe), Counter[str]()
    schedule = Schedule(look, lambda o: seen.update([o.check.name]), lambda s: None, 10)
    fast, slow = (
        make_check("fast", interval="50ms", timeout="50ms"),
        make_check("slow", interval="100ms", timeout="50ms"),
    )
    schedule.replace([fast, slow])
    async with beating(schedule):
        await until(lambda: look.count("fast") >= 12)
    beats = [round((at - look.times["fast"][0]) / 0.05, 1) for at in look.times["fast"]]
    # On a busy machine a beat may be late, but the next one is where it should be again.
    drift = min(abs(beat - round(beat)) for beat in beats[6:])
    assert drift <= 0.3
    assert 4 <= look.count("slow") <= 8
    assert seen["fast"] >= 11


async def test_a_run_due_while_the_last_one_lasts_is_skipped_and_counted(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    look.gate.clear()
    recorded: list[Observation] = []
    schedule = Schedule(look, recorded.append, lambda s: None, 10)
    schedule.replace([make_check("a", interval="20ms", timeout="20ms")])
    async with beating(schedule):
        await until(lambda: schedule.skipped >= 3)
        assert (look.count("a"), schedule.in_flight) == (1, 1)
        look.gate.set()
        await until(lambda: len(recorded) >= 2)
    assert schedule.in_flight == 0


async def test_no_more_runs_at_once_than_the_limit(make_check: MakeCheck, observe: Observe) -> None:
    look = Look(observe)
    look.gate.clear()
    late: list[float] = []
    schedule = Schedule(look, lambda o: None, late.append, 2)
    checks = [make_check(f"c{n}", interval="30ms", timeout="30ms") for n in range(6)]
    schedule.replace(checks)
    async with beating(schedule):
        await until(lambda: schedule.skipped >= 12)
        assert schedule.in_flight == 2
        assert sum(look.count(check.name) for check in checks) == 2
        look.gate.set()
        await until(lambda: all(look.count(check.name) for check in checks))
    assert max(late) > 0.03


async def test_other_checks_take_over_at_once(make_check: MakeCheck, observe: Observe) -> None:
    look = Look(observe)
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("old", interval="20ms", timeout="20ms")])
    async with beating(schedule):
        await until(lambda: look.count("old") >= 2)
        schedule.replace([make_check("new", interval="20ms", timeout="20ms")])
        old = look.count("old")
        await until(lambda: look.count("new") >= 3)
    assert look.count("old") <= old + 1


async def test_nothing_is_left_running_when_it_ends(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    look.gate.clear()
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("a", interval="20ms", timeout="20ms")])
    async with beating(schedule):
        await until(lambda: look.count("a") == 1)
    assert len(asyncio.all_tasks()) == 1


@given(st.lists(st.text(min_size=1), min_size=200, max_size=300, unique=True))
def test_first_looks_are_spread_over_the_interval(names: list[str]) -> None:
    quarters = Counter(int(phase(name) * 4) for name in names)
    assert set(quarters) == {0, 1, 2, 3}
    assert max(quarters.values()) < len(names) / 2


async def test_it_ends_although_other_checks_come_at_the_same_moment(
    make_check: MakeCheck, observe: Observe
) -> None:
    schedule = Schedule(Look(observe), lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("a")])
    task = asyncio.create_task(schedule.run())
    await asyncio.sleep(0)
    schedule.replace([make_check("b")])
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=30)
    assert done
    assert task.cancelled()


async def test_a_check_is_looked_at_now_beside_its_beat(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("a", interval="1h"), make_check("b", interval="1h")])
    schedule.now("a")  # before the beat begins nothing is looked at
    async with beating(schedule):
        await asyncio.sleep(0)
        schedule.now("a")
        schedule.now("no such check")
        await until(lambda: look.count("a") == 1)
    assert look.count("b") == 0
    schedule.now("a")  # nor after it has ended
    assert len(asyncio.all_tasks()) == 1


async def test_asked_for_during_a_run_it_is_looked_at_once_more_after_it(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    look.gate.clear()
    recorded: list[Observation] = []
    schedule = Schedule(look, recorded.append, lambda s: None, 10)
    schedule.replace([make_check("a", interval="1h")])
    async with beating(schedule):
        await asyncio.sleep(0)
        schedule.now("a")
        await until(lambda: look.count("a") == 1)
        for _ in range(5):
            schedule.now("a")
        assert look.count("a") == 1
        look.gate.set()
        await until(lambda: len(recorded) == 2)
        await asyncio.sleep(0.02)
    assert look.count("a") == 2
    assert schedule.skipped == 0


async def test_it_is_behind_while_runs_wait_for_others_that_do_not_end(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    schedule = Schedule(look, lambda o: None, lambda s: None, 1)
    checks = [make_check(name, interval="20ms", timeout="20ms") for name in ("a", "b")]
    schedule.replace(checks)
    async with beating(schedule):
        await until(lambda: look.count("a") > 1 and look.count("b") > 1)
        look.gate.clear()
        await until(lambda: schedule.behind() > 0.2)
        look.gate.set()
        await until(lambda: schedule.behind() < 0.05)


async def test_a_fresh_look_is_one_that_begins_after_it_was_asked_for(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    look.gate.clear()
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("a", interval="1h")])
    async with beating(schedule):
        await asyncio.sleep(0)
        schedule.now("a")
        await until(lambda: look.count("a") == 1)
        asked = [asyncio.create_task(schedule.fresh("a")) for _ in range(3)]
        look.gate.set()
        async with asyncio.timeout(30):
            await asyncio.gather(*asked)
        assert look.count("a") == 2


async def test_soon_is_one_look_however_often_it_is_asked_for(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    schedule.replace([make_check("a", interval="1h")])
    async with beating(schedule):
        for _ in range(5):
            schedule.soon("a", 0.02)
        await until(lambda: look.count("a") == 1)
        schedule.soon("a", 0.02)
        await until(lambda: look.count("a") == 2)


async def test_a_run_that_came_due_before_a_reload_is_not_lost_by_it(
    make_check: MakeCheck, observe: Observe
) -> None:
    look = Look(observe)
    schedule = Schedule(look, lambda o: None, lambda s: None, 10)
    check = make_check("cart", interval="1s", timeout="500ms")
    schedule.replace([check])
    async with beating(schedule):
        await until(lambda: look.count("cart") == 1)
        due = schedule.due_in()
        assert due is not None
        time.sleep(due + 0.05)  # noqa: ASYNC251  the loop itself is held up
        watch = Stopwatch()
        schedule.replace([check])
        await until(lambda: look.count("cart") == 2)
        assert watch.own() < 0.6, "it waited for its next beat"
    assert schedule.skipped == 0


async def test_those_that_are_due_at_once_begin_a_few_at_a_time(
    make_check: MakeCheck, observe: Observe
) -> None:
    look, late = Look(observe), list[float]()
    schedule = Schedule(look, lambda o: None, late.append, 100)
    # An interval of one tick, so that all are due at the same time.
    checks = [make_check(f"c{n}", interval="250ms", timeout="250ms") for n in range(20)]
    schedule.replace(checks)
    async with beating(schedule):
        await until(lambda: len(late) >= len(checks))
    # A timer may be a little early by the clock that is asked.
    assert late[TOGETHER] >= 0.9 * APART
    assert late[2 * TOGETHER] >= 1.9 * APART


async def test_those_after_one_that_held_all_up_have_the_place_that_they_always_have(
    make_check: MakeCheck, observe: Observe, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = 0.2
    late, held = list[float](), 4 * apart
    monkeypatch.setattr("evidenced.watch.schedule.APART", apart)

    async def look(check: Check) -> Observation:
        if len(late) == 1:
            time.sleep(held)  # noqa: ASYNC251  the loop is held on purpose
        return observe(check, "success")

    schedule = Schedule(look, lambda o: None, late.append, 100)
    schedule.replace(
        [make_check(f"c{n}", interval="250ms", timeout="250ms") for n in range(4 * TOGETHER)]
    )
    async with beating(schedule):
        await until(lambda: len(late) >= 4 * TOGETHER)
    # The place of each group after it had come by then.
    assert late[TOGETHER] >= held
    assert late[3 * TOGETHER] - late[TOGETHER] < apart, "each waited for the one before it"


async def test_those_for_whom_a_tick_has_no_place_begin_at_its_end(
    make_check: MakeCheck, observe: Observe, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[float] = []
    monkeypatch.setattr("evidenced.watch.schedule.APART", 60.0)
    schedule = Schedule(Look(observe), lambda o: None, late.append, 100)
    schedule.replace(
        [make_check(f"c{n}", interval="250ms", timeout="250ms") for n in range(3 * TOGETHER)]
    )
    async with beating(schedule):
        # Within the patience of a test, and not after the minutes that their places would be at.
        await until(lambda: len(late) >= 3 * TOGETHER)
    assert min(late[TOGETHER : 2 * TOGETHER]) >= 0.9 * TICK
