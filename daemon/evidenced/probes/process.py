"""The look at processes of this host: how many there are, how old, and how large."""

from collections.abc import Iterator, Sequence
from functools import partial

from evidenced.config.kinds.process import ProcessExpect, ProcessSettings
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Judgement, Reason
from evidenced.probes.expectations.count import judge_count
from evidenced.probes.host.frame import Late, Sight, UnableError, look
from evidenced.probes.host.processes import Process, user_number
from evidenced.probes.resources import Resources

_LATE = Late(Reason.INTERNAL, "reading /proc")


async def probe(settings: ProcessSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at the processes that settings describe; see `Probe` for all kinds.

    Facts: `count`, and where there are any `oldest` and `youngest` (seconds since they started)
    and `memory` (resident bytes of all). The daemon's own process is not counted, nor one that has
    ended and was not yet taken note of by its parent.
    """
    return await look(_take(settings, resources), timeout, _LATE)


async def _take(settings: ProcessSettings, resources: Resources) -> Sight:
    user = None
    if settings.user is not None:
        user = await resources.host.read(partial(user_number, settings.user))
        if user is None:
            raise UnableError(f"there is no user {settings.user} on this host")
    everything = await resources.host.processes.get()
    if everything is None:
        raise UnableError(
            "other processes are hidden from the daemon: mount /proc without hidepid, "
            "or unset ProtectProc in its unit"
        )
    found = [each for each in everything if _is_meant(settings, each, user)]
    facts: dict[str, Fact] = {"count": len(found)}
    if found:
        facts |= {
            "oldest": max(each.age for each in found),
            "youngest": min(each.age for each in found),
            "memory": sum(each.memory for each in found),
        }
    return Sight(tuple(_judge(settings.expect, found)), facts)


def _is_meant(settings: ProcessSettings, process: Process, user: int | None) -> bool:
    return (
        (user is None or process.user == user)
        and (settings.name is None or process.is_called(settings.name))
        and (settings.command is None or settings.command.found_in(process.command))
    )


def _judge(expect: ProcessExpect, found: Sequence[Process]) -> Iterator[Judgement]:
    yield judge_count("count", "the number of processes", len(found), expect.count)
    if not found:
        # Nothing is too old, too young or too large; how many there must be was judged.
        return
    youngest, oldest = (choose(each.age for each in found) for choose in (min, max))
    if expect.min_age is not None:
        yield _judge_age(
            "min_age", "at least", expect.min_age, youngest, youngest >= expect.min_age
        )
    if expect.max_age is not None:
        yield _judge_age("max_age", "at most", expect.max_age, oldest, oldest <= expect.max_age)
    if expect.memory is not None:
        memory = sum(each.memory for each in found)
        yield judge_count("memory", "memory", memory, expect.memory, shown=_bytes)


def _judge_age(name: str, bound: str, limit: float, age: float, met: bool) -> Judgement:
    expected = f"to run for {bound} {format_duration(limit)}"
    return Judgement(name, met, expected, format_duration(age), Reason.STATUS)


def _bytes(size: int) -> str:
    return f"{size:,} bytes"
