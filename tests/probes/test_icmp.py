"""The probe on the real ICMP of this machine.

What a system allows and answers is tried in network namespaces of our own, where the tests may make
them (as root); elsewhere what is allowed here is held against what the kernel says itself.
"""

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import icmplib
import pytest

from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.probes import icmp as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.echo import open_socket
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Ping = Callable[..., Coroutine[Any, Any, Attempt]]

ELSEWHERE = """
import asyncio, json, sys
from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.probes import icmp
from evidenced.probes.resources import Resources

async def main():
    async with Resources() as resources:
        settings = IcmpSettings.model_validate(json.loads(sys.argv[1]))
        attempt = await icmp.probe(settings, 0.5, resources)
        failure = attempt.failure
        print(json.dumps({
            "outcome": attempt.outcome,
            "reason": failure and failure.reason,
            "detail": failure and failure.detail,
            "facts": dict(attempt.facts),
        }))

asyncio.run(main())
"""
"""A look in another process, which tells what came of it."""


def allowed() -> bool:
    """Whether the kernel lets this process send ICMP."""
    try:
        open_socket("127.0.0.1").close()
    except icmplib.SocketPermissionError:
        return False
    return True


@pytest.fixture
def ping(resources: Resources) -> Ping:
    async def take(timeout: float = 30.0, /, **settings: object) -> Attempt:
        settings = {"host": "127.0.0.1", "interval": "5ms", **settings}
        return await kind.probe(IcmpSettings.model_validate(settings), timeout, resources)

    return take


def refused(attempt: Attempt) -> bool:
    """Whether the system does not let us, which is then told; see the module."""
    if allowed():
        return False
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.detail == kind.NO_PERMISSION
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_loopback_replies(ping: Ping, host: str) -> None:
    attempt = await ping(host=host, count=4, ip=4, expect={"loss": 0, "rtt": "1s"})
    if refused(attempt):
        return
    assert attempt.failure is None
    facts = attempt.facts
    assert (facts["sent"], facts["received"], facts["loss"]) == (4, 4, 0)
    assert (facts["address"], facts["ip_protocol"], facts["hop_limit"]) == ("127.0.0.1", 4, 64)
    assert 0 < float(facts["rtt_min"]) <= float(facts["rtt_avg"]) <= float(facts["rtt_max"]) < 1
    assert set(attempt.phases) == {"resolve", "setup", "rtt"}
    assert attempt.phases["rtt"] == facts["rtt_avg"]
    assert [each.name for each in attempt.judgements] == ["loss", "rtt"]


async def test_loopback_of_ipv6(ping: Ping) -> None:
    attempt = await ping(host="::1", ip=6)
    if refused(attempt):
        return
    assert attempt.failure is None
    assert (attempt.facts["ip_protocol"], attempt.facts["hop_limit"]) == (6, 64)


async def test_a_slow_round_trip_is_a_failure(ping: Ping) -> None:
    attempt = await ping(expect={"rtt": "1ms"}, payload_size=60_000)
    if refused(attempt):
        return
    slow = float(attempt.facts["rtt_avg"]) > 0.001
    assert (attempt.outcome is Outcome.FAILURE) is slow
    if attempt.failure:
        assert (attempt.failure.reason, attempt.failure.expectation) == (Reason.LATENCY, "rtt")


async def test_rounds_at_once_do_not_take_each_other_s_replies(ping: Ping) -> None:
    attempts = await asyncio.gather(*(ping(20.0, expect={"loss": 0}) for _ in range(200)))
    if any(map(refused, attempts)):
        return
    assert {attempt.outcome for attempt in attempts} == {Outcome.SUCCESS}


async def test_a_name_that_is_not_there(ping: Ping) -> None:
    attempt = await ping(host="nowhere.invalid")
    assert attempt.failure
    assert attempt.failure.reason is Reason.DNS


async def test_more_echoes_than_the_timeout_has_room_for(ping: Ping) -> None:
    watch = Stopwatch()
    attempt = await ping(0.3, count=20, interval="1h", expect={"loss": 0})
    assert watch.own() < 0.3 + 0.2
    if refused(attempt):
        return
    assert attempt.facts["sent"] == 20
    assert attempt.outcome is Outcome.SUCCESS


async def test_cancelling_goes_through(ping: Ping) -> None:
    task = asyncio.create_task(ping(count=2, interval="1h"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def look_elsewhere(setup: str, **settings: object) -> dict[str, object]:
    """A look in a network namespace of its own, after some commands, as nobody."""
    as_nobody = "exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all"
    told = subprocess.run(
        [
            *("unshare", "--net", "sh", "-c", f'{setup}; {as_nobody} "$@"', "sh"),
            *(sys.executable, "-W", "error", "-c", ELSEWHERE, json.dumps(settings)),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    ).stdout
    found: dict[str, object] = json.loads(told)
    return found


# SIOCSIFFLAGS with IFF_UP, as `ip link set lo up` does it: the smallest Debian has no `ip`.
_LO_UP = """
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sH14x", b"lo", 1))
"""
UP = shlex.join([sys.executable, "-c", _LO_UP])
ANYBODY = "echo 0 65534 > /proc/sys/net/ipv4/ping_group_range"
DEAF = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all"


def namespaces() -> bool:
    """Whether this process may make network namespaces."""
    return (
        os.geteuid() == 0
        and not subprocess.run(["unshare", "--net", "true"], check=False).returncode
    )


def test_without_permission_it_is_unknown_and_says_what_to_do() -> None:
    if not namespaces():
        # Then this process itself is the one without, or with; the other tests tell which.
        assert not allowed() or os.geteuid() == 0 or "0" in ping_groups()
        return
    found = look_elsewhere(UP, host="127.0.0.1")
    assert found["outcome"] == "unknown"
    assert found["reason"] == "dependency"
    assert "net.ipv4.ping_group_range" in str(found["detail"])
    assert "CAP_NET_RAW" in str(found["detail"])


def ping_groups() -> str:
    with open("/proc/sys/net/ipv4/ping_group_range") as file:  # noqa: PTH123  not a path of ours
        return file.read()


def test_where_the_system_allows_it_no_privilege_is_needed() -> None:
    if not namespaces():
        assert open_socket("127.0.0.1").is_privileged is False if allowed() else True
        return
    found = look_elsewhere(f"{UP}; {ANYBODY}", host="127.0.0.1", count=2)
    assert found["outcome"] == "success", found
    assert found["facts"]["hop_limit"] == 64  # type: ignore[index]


def test_silence_is_a_failure_at_the_deadline() -> None:
    if not namespaces():
        return
    found = look_elsewhere(f"{UP}; {ANYBODY}; {DEAF}", host="127.0.0.1", count=2)
    assert (found["outcome"], found["reason"]) == ("failure", "timeout")
    assert found["detail"] == "expected a reply to one of 2 echoes within 500ms, found none"
    assert found["facts"]["loss"] == 100  # type: ignore[index]


def test_no_way_to_the_host_is_a_failure() -> None:
    if not namespaces():
        return
    found = look_elsewhere(f"{UP}; {ANYBODY}", host="192.0.2.1")
    assert (found["outcome"], found["reason"]) == ("failure", "connect")
    assert found["detail"] == "192.0.2.1 unreachable"
