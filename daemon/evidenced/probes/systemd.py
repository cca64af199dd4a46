"""The look at a unit of systemd: is it active, does it start with the machine, how did it end."""

from collections.abc import Iterator

from evidenced.config.kinds.systemd import RestartsExpect, SystemdExpect, SystemdSettings
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Judgement, Reason
from evidenced.probes.host.bus import BusError
from evidenced.probes.host.frame import BrokenError, Late, Sight, UnableError, look
from evidenced.probes.host.units import Unit
from evidenced.probes.resources import Resources

_LATE = Late(Reason.DEPENDENCY, "waiting for systemd on D-Bus")

_OVER = {"service": "exited", "timer": "elapsed"}
"""Sub-states of active units in which nothing runs any more, by type of unit."""

_ALIVE = {"service": "running", "timer": "waiting"}
"""What is expected instead, in messages."""

_STARTS = frozenset({"enabled", "enabled-runtime", "linked", "linked-runtime", "alias"})
"""States of a unit's file in which somebody has asked for the unit, as `systemctl is-enabled`
says by its exit status; `static` and the like only start with another unit."""

_NO_BUS = "let the daemon reach /run/dbus/system_bus_socket, or set DBUS_SYSTEM_BUS_ADDRESS"
_NO_ANSWER = "run the daemon on the machine itself, as a user who may ask systemd"


async def probe(settings: SystemdSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a unit; see `Probe` for what holds for all kinds.

    Facts: `active` and `enabled` (truth values), `since` (when it became active, in Unix time),
    `restarts` (by systemd itself, since it was started by hand), and systemd's own words:
    `active_state`, `sub_state`, `file_state`, `result`. A unit that does not exist is a failure;
    where systemd cannot be asked the outcome is unknown.
    """
    return await look(_take(settings, resources), timeout, _LATE)


async def _take(settings: SystemdSettings, resources: Resources) -> Sight:
    try:
        unit = await resources.host.units.unit(settings.unit)
    except OSError as error:
        raise UnableError(f"no system bus, {error.strerror or error}: {_NO_BUS}") from None
    except BusError as error:
        name = error.name.rpartition(".")[2]
        raise UnableError(f"systemd cannot be asked, {name}: {_NO_ANSWER}") from None
    if unit.load == "not-found":
        raise BrokenError(Reason.STATUS, f"expected unit {unit.name}, found not-found")
    restarts = settings.expect.restarts
    seen = resources.host.units.restarted(unit.name, restarts.within) if restarts else 0
    return Sight(tuple(_judge(settings.expect, unit, seen)), _facts(unit))


def _facts(unit: Unit) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "active": unit.active == "active",
        "enabled": unit.enabled in _STARTS,
        "active_state": unit.active,
        "sub_state": unit.sub,
    }
    if unit.enabled:
        facts["file_state"] = unit.enabled
    if unit.result:
        facts["result"] = unit.result
    if unit.since is not None:
        facts["since"] = unit.since
    if unit.restarts is not None:
        facts["restarts"] = unit.restarts
    return facts


def _judge(expect: SystemdExpect, unit: Unit, restarts: int) -> Iterator[Judgement]:
    yield _judge_word("active", expect.active, _with_cause(unit), unit.active)
    if expect.sub:
        yield _judge_word("sub", expect.sub, unit.sub)
    elif unit.active == "active" and unit.kind in _OVER:
        # That it is active says of these not that anything runs.
        met = unit.sub != _OVER[unit.kind]
        expected = f"sub {_ALIVE[unit.kind]}"
        yield Judgement("sub", met, expected, unit.sub, Reason.STATUS)
    if expect.enabled:
        yield _judge_word("enabled", expect.enabled, unit.enabled or "no unit file", unit.enabled)
    if expect.result:
        yield _judge_word("result", expect.result, unit.result or "none", unit.result)
    if expect.restarts is not None:
        yield _judge_restarts(expect.restarts, unit, restarts)


def _with_cause(unit: Unit) -> str:
    """The active state, with what a person would ask next where it is not the wanted one."""
    if unit.load != "loaded":
        return f"{unit.active}, its file {unit.load}"
    failed = unit.active == "failed" or unit.result not in ("", "success")
    return f"{unit.active} ({unit.result if failed else unit.sub})"


def _judge_word(
    name: str, wanted: tuple[str, ...], found: str, word: str | None = None
) -> Judgement:
    met = (found if word is None else word) in wanted
    return Judgement(name, met, f"{name} {' or '.join(wanted)}", found, Reason.STATUS)


def _judge_restarts(expect: RestartsExpect, unit: Unit, seen: int) -> Judgement:
    expected = f"at most {expect.max} restarts within {format_duration(expect.within)}"
    if unit.restarts is None:
        return Judgement("restarts", False, expected, "a unit that has none", Reason.STATUS)
    return Judgement("restarts", seen <= expect.max, expected, str(seen), Reason.STATUS)
