import asyncio
import time

import pytest

from evidenced.probes.course import Course, Phase


async def test_the_phases_sum_to_the_duration_whatever_their_order() -> None:
    course = Course()
    with course:
        for phase in (Phase.RESOLVE, Phase.CONNECT, Phase.CONNECT, Phase.TLS, Phase.RESOLVE):
            course.enter(phase)
            await asyncio.sleep(0.01)
    assert sum(course.phases.values()) == pytest.approx(course.duration, abs=1e-6)
    assert set(course.phases) == {"connect", "resolve", "tls"}
    assert course.phases["resolve"] >= 0.02
    assert course.phase is Phase.RESOLVE


async def test_after_the_end_nothing_is_added() -> None:
    course = Course()
    with course:
        course.enter(Phase.TRANSFER)
        course.end()
        before = course.phases, course.duration
        await asyncio.sleep(0.01)
        course.enter(Phase.TLS)
    assert (course.phases, course.duration) == before


async def test_each_task_has_its_own() -> None:
    async def follow() -> bool:
        with Course() as course:
            await asyncio.sleep(0.01)
            return Course.current() is course

    assert all(await asyncio.gather(*(follow() for _ in range(5))))
    with pytest.raises(LookupError):
        Course.current()


async def test_what_is_noted_late_is_counted_as_of_when_it_was() -> None:
    began = time.monotonic()
    with Course() as course:
        await asyncio.sleep(0.01)
        came = time.monotonic()
        await asyncio.sleep(0.05)
        course.enter(Phase.PROCESSING, came)
        heard = time.monotonic()
        await asyncio.sleep(0.05)
        course.skip(heard)
        course.enter(Phase.TRANSFER, came - 60)
        last = time.monotonic()
        await asyncio.sleep(0.05)
        course.end(last)
    spent = course.phases
    assert spent["processing"] == pytest.approx(heard - came, abs=1e-6)
    assert 0.01 <= spent["connect"] <= came - began
    assert 0.0 <= spent["transfer"] <= last - heard - 0.05
    assert sum(spent.values()) == pytest.approx(course.duration, abs=1e-6)
