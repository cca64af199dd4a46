import asyncio
import threading

import pytest

from evidenced.probes.threads import Workers, in_thread


async def test_what_the_call_returns_or_raises() -> None:
    assert await in_thread(lambda: threading.current_thread() is threading.main_thread()) is False

    def fail() -> None:
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        await in_thread(fail)


async def test_a_call_that_hangs_does_not_keep_the_interpreter() -> None:
    release = threading.Event()
    hanging = in_thread(lambda: (threading.current_thread().daemon, release.wait(10)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(hanging), 0.05)
    release.set()
    assert await hanging == (True, True)


def test_a_loop_that_is_closed_meanwhile_is_no_error() -> None:
    release = threading.Event()

    async def leave() -> None:
        in_thread(lambda: release.wait(10))

    before = set(threading.enumerate())
    asyncio.run(leave())
    left = set(threading.enumerate()) - before
    release.set()
    for thread in left:
        thread.join(2)
    assert left
    assert not any(thread.is_alive() for thread in left)


async def test_so_many_at_a_time_also_when_nobody_waits_any_more() -> None:
    workers = Workers(2)
    release = threading.Event()
    running: list[int] = []

    def work(n: int) -> int:
        running.append(n)
        release.wait(10)
        return n

    tasks = [asyncio.create_task(workers.run(lambda n=n: work(n))) for n in range(4)]  # type: ignore[misc]  # a default binds n
    while len(running) < 2:
        await asyncio.sleep(0.001)
    tasks[0].cancel()
    await asyncio.sleep(0.05)
    assert running == [0, 1], "a call goes on that nobody waits for, and keeps its place"
    release.set()
    assert await asyncio.gather(*tasks[1:]) == [1, 2, 3]
