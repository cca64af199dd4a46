"""The look at a port of this host: who listens there, and at which address."""

from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import ip_address

from evidenced.config.kinds.port import PortExpect, PortSettings, split_listen
from evidenced.probes.attempt import Attempt, Fact, Judgement, Reason
from evidenced.probes.host.frame import Late, Sight, UnableError, look
from evidenced.probes.host.sockets import Listener, owners
from evidenced.probes.resources import Resources

_LATE = Late(Reason.INTERNAL, "reading /proc/net")
_SHOWN = 4
"""Addresses that are named in one line."""


async def probe(settings: PortSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a port; see `Probe` for what holds for all kinds.

    Facts: `listeners` (how many sockets listen there), and `addresses` and `process` where there
    are any and the latter was asked for. Nothing is sent, so nothing is known of what would answer.
    """
    return await look(_take(settings, resources), timeout, _LATE)


async def _take(settings: PortSettings, resources: Resources) -> Sight:
    host, port = split_listen(settings.listen)
    address = ip_address(host) if host else None
    found = [
        each
        for each in await resources.host.listeners.get()
        if each.port == port
        and each.protocol == settings.protocol
        and address in (None, each.address)
    ]
    facts: dict[str, Fact] = {"listeners": len(found)}
    judgements = list(_judge(settings, found))
    if found:
        facts["addresses"] = _named(found)
    if found and settings.expect.process is not None:
        names = await _processes(found, resources)
        facts["process"] = ", ".join(names)
        judgements.append(_judge_process(settings.expect.process, names))
    return Sight(tuple(judgements), facts)


def _judge(settings: PortSettings, found: Sequence[Listener]) -> Iterator[Judgement]:
    expect, place = settings.expect, settings.listen
    wanted = f"{'a' if expect.listening else 'no'} listener at {place}"
    seen = f"one at {_named(found)}" if found else "none"
    yield Judgement("listening", bool(found) is expect.listening, wanted, seen, Reason.STATUS)
    if expect.only:
        yield _judge_only(expect, found)
    if expect.process is not None and not found:
        yield Judgement("process", False, f"{expect.process} to listen", "none", Reason.STATUS)


def _judge_only(expect: PortExpect, found: Sequence[Listener]) -> Judgement:
    """Whether it listens nowhere but where it may; `0.0.0.0` and `::` are all addresses."""
    expected = f"to listen only at {', '.join(map(str, expect.only))}"
    amiss = [each for each in found if not any(each.address in network for network in expect.only)]
    seen = _named(amiss or found) if found else "none"
    return Judgement("only", bool(found) and not amiss, expected, seen, Reason.STATUS)


async def _processes(found: Sequence[Listener], resources: Resources) -> list[str]:
    names = await resources.host.read(partial(owners, [each.inode for each in found]))
    if len(names) < len({each.inode for each in found}):
        raise UnableError(
            f"whose socket listens at {_named(found)} is hidden: run the daemon as root "
            "or as the user of that process"
        )
    return sorted(set(names.values()))


def _judge_process(wanted: str, names: Sequence[str]) -> Judgement:
    met = list(names) == [wanted]
    return Judgement("process", met, f"{wanted} to listen", ", ".join(names), Reason.STATUS)


def _named(found: Sequence[Listener]) -> str:
    names = sorted({str(each) for each in found})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
