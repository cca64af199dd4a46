import asyncio
from collections.abc import Callable
from typing import Any

from evidenced.app.doctor import examinations
from evidenced.app.doctor.examinations import EXAMINATIONS, examined
from evidenced.app.doctor.finding import Finding, ok
from evidenced.app.doctor.subject import READING, Subject


async def _hangs(subject: Subject) -> tuple[Finding, ...]:
    await asyncio.Event().wait()
    return ()


async def _fails(subject: Subject) -> tuple[Finding, ...]:
    raise RuntimeError("swordfish-7")


async def _is_well(subject: Subject) -> tuple[Finding, ...]:
    return (ok("well"),)


async def test_none_spoils_another(read: Callable[..., Any]) -> None:
    three = (("slow", _hangs), ("broken", _fails), ("fine", _is_well))
    found = await examined(await read(), three, deadline=0.05)
    assert [(name, one.verdict.value) for name, (one,) in found] == [
        ("slow", "not looked at"),
        ("broken", "not looked at"),
        ("fine", "ok"),
    ]
    assert "RuntimeError" in found[1][1][0].what
    assert "swordfish" not in str(found)


async def test_they_are_made_at_the_same_time(read: Callable[..., Any]) -> None:
    both = asyncio.Barrier(2)

    async def meets(subject: Subject) -> tuple[Finding, ...]:
        async with both:
            return ()

    assert await examined(await read(), (("one", meets), ("two", meets)), deadline=30) == (
        ("one", ()),
        ("two", ()),
    )


async def test_a_bare_host_gives_a_finding_of_each(read: Callable[..., Any]) -> None:
    found = await examined(await read())
    assert [name for name, findings in found if findings] == [name for name, _ in EXAMINATIONS]


def test_all_of_it_ends_within_fifteen_seconds() -> None:
    assert examinations.DEADLINE + READING < 15
