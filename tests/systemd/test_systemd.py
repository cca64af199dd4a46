import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from evidenced.config.kinds.systemd import SystemdSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from evidenced.probes.systemd import probe
from systemd_box import Box

Look = Callable[..., Awaitable[Attempt]]
Until = Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]


@pytest.mark.parametrize(
    ("unit", "expect"),
    [
        ("oven", {}),
        ("oven.service", {"active": "active", "sub": "running", "enabled": "enabled"}),
        ("oven", {"result": "success", "restarts": {"max": 0, "within": "1h"}}),
        ("dough@wheat", {"enabled": "static"}),
        ("cold", {"active": "inactive", "enabled": "disabled"}),
        ("lit", {"sub": "exited", "enabled": "enabled"}),
        ("lit", {"sub": ["running", "exited"]}),
        ("hatch.socket", {"sub": "listening"}),
        ("hatch.socket", {}),
        ("dawn.timer", {}),
        ("once.timer", {"sub": "elapsed"}),
        ("burnt", {"active": "failed", "result": "exit-code"}),
        ("killed", {"active": ["failed"], "result": ["signal", "core-dump"]}),
        ("slow", {"active": "activating"}),
        ("dough@rye", {"active": "inactive", "enabled": "masked"}),
        ("multi-user.target", {}),
    ],
)
async def test_what_holds_is_met(look: Look, unit: str, expect: dict[str, object]) -> None:
    attempt = await look(unit, **expect)
    assert attempt.failure is None
    assert attempt.outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("unit", "expect", "expectation", "detail"),
    [
        ("cold", {}, "active", "expected active active, found inactive (dead)"),
        ("burnt", {}, "active", "expected active active, found failed (exit-code)"),
        ("slow", {}, "active", "expected active active, found activating (start)"),
        ("swept", {}, "active", "expected active active, found inactive (dead)"),
        ("lit", {}, "sub", "expected sub running, found exited"),
        ("lit", {"active": "active"}, "sub", "expected sub running, found exited"),
        ("once.timer", {}, "sub", "expected sub waiting, found elapsed"),
        ("hatch.socket", {"sub": "running"}, "sub", "expected sub running, found listening"),
        ("oven", {"enabled": "disabled"}, "enabled", "expected enabled disabled, found enabled"),
        (
            "cold",
            {"active": "inactive", "enabled": ["enabled", "static"]},
            "enabled",
            "expected enabled enabled or static, found disabled",
        ),
        ("dough@rye", {}, "active", "expected active active, found inactive, its file masked"),
        ("garbled", {}, "active", "expected active active, found inactive, its file bad-setting"),
        ("no-such", {}, "", "expected unit no-such.service, found not-found"),
        (
            "multi-user.target",
            {"restarts": {"max": 9, "within": "1h"}},
            "restarts",
            "expected at most 9 restarts within 1h, found a unit that has none",
        ),
    ],
)  # fmt: skip
async def test_what_does_not_hold_is_said(
    look: Look, unit: str, expect: dict[str, object], expectation: str, detail: str
) -> None:
    attempt = await look(unit, **expect)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert (attempt.failure.expectation, attempt.failure.detail) == (expectation, detail)
    assert attempt.failure.reason is Reason.STATUS


async def test_the_facts_are_those_of_systemctl(look: Look, box: Box) -> None:
    before = time.time()
    facts = (await look("oven")).facts
    assert facts["active"] is True
    assert facts["enabled"] is True
    assert (facts["active_state"], facts["sub_state"]) == ("active", "running")
    assert facts["file_state"] == box.run("systemctl", "is-enabled", "oven")
    assert facts["restarts"] == 0
    since = box.run("systemctl", "show", "oven", "--value", "-p", "ActiveEnterTimestampMonotonic")
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    assert float(facts["since"]) == pytest.approx(booted + int(since) / 1e6, abs=1)
    assert float(facts["since"]) < before
    cold = (await look("cold")).facts
    assert (cold["active"], cold["enabled"], "since" in cold) == (False, False, False)


async def test_a_change_is_seen_at_once(look: Look, box: Box) -> None:
    assert (await look("dough@change")).outcome is Outcome.FAILURE
    box.run("systemctl", "start", "dough@change")
    assert (await look("dough@change")).outcome is Outcome.SUCCESS
    box.run("systemctl", "stop", "dough@change")
    assert (await look("dough@change")).outcome is Outcome.FAILURE


async def test_enabling_without_a_reload_is_seen(look: Look, box: Box) -> None:
    expect = {"active": "inactive", "enabled": "enabled"}
    assert (await look("cold", **expect)).outcome is Outcome.FAILURE
    box.run("systemctl", "enable", "--no-reload", "cold")
    try:
        assert (await look("cold", **expect)).outcome is Outcome.SUCCESS
    finally:
        box.run("systemctl", "disable", "cold")


async def test_restarts_are_counted_while_they_happen(look: Look, until: Until) -> None:
    async def restarted_too_often() -> bool:
        expect = {
            "active": ["active", "activating", "inactive", "failed", "deactivating"],
            "sub": ["running", "auto-restart", "dead", "failed", "stop-sigterm"],
            "restarts": {"max": 2, "within": "1h"},
        }
        attempt = await look("flicker", **expect)
        return attempt.failure is not None and attempt.failure.expectation == "restarts"

    await until(restarted_too_often)


async def test_a_lost_bus_is_connected_to_again(look: Look, box: Box, until: Until) -> None:
    assert (await look("oven")).outcome is Outcome.SUCCESS
    box.run("systemctl", "kill", "--signal=KILL", "dbus.service")

    async def back() -> bool:
        return (await look("oven")).outcome is Outcome.SUCCESS

    await until(back)


async def test_many_at_once_share_one_connection(look: Look, box: Box) -> None:
    attempts = await asyncio.gather(*(look("oven") for _ in range(200)))
    assert {attempt.outcome for attempt in attempts} == {Outcome.SUCCESS}
    names = [line.split()[0] for line in box.run("busctl", "list", "--no-legend").splitlines()]
    # systemd's own, those of its helpers, busctl's, and one of ours.
    assert 1 < len([name for name in names if name.startswith(":")]) < 10


async def test_without_a_bus_nothing_is_known(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    async with Resources() as resources:
        attempt = await probe(SystemdSettings(unit="oven"), 5.0, resources)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.reason is Reason.DEPENDENCY
    assert attempt.failure.detail == (
        "no system bus, No such file or directory: let the daemon reach "
        "/run/dbus/system_bus_socket, or set DBUS_SYSTEM_BUS_ADDRESS"
    )
