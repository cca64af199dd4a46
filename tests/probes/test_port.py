import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from evidenced.config.kinds.port import PortSettings
from evidenced.probes.attempt import Attempt, Outcome
from evidenced.probes.port import probe
from evidenced.probes.resources import Resources


@pytest.fixture
def sockets() -> Iterator[dict[str, int]]:
    """The ports of sockets that listen, by a name; `closed` is one where nothing does."""
    with ExitStack() as stack:

        def opened(family: int, kind: int, address: str) -> socket.socket:
            made = stack.enter_context(socket.socket(family, kind))
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((address, 0))
            return made

        loopback = opened(socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1")
        world = opened(socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0")  # noqa: S104  it is what is tested
        six = opened(socket.AF_INET6, socket.SOCK_STREAM, "::1")
        datagram = opened(socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.2")
        closed = opened(socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1")
        for each in (loopback, world, six):
            each.listen()
        found = {"loopback": loopback, "world": world, "six": six, "udp": datagram}
        yield {name: each.getsockname()[1] for name, each in found.items()} | {
            "closed": closed.getsockname()[1]
        }


async def taken(
    resources: Resources, sockets: dict[str, int], written: Mapping[str, object]
) -> Attempt:
    listen = str(written["listen"]).format(**sockets)
    return await probe(PortSettings.model_validate({**written, "listen": listen}), 5.0, resources)


LOOPBACK = ["127.0.0.0/8", "::1"]


@pytest.mark.parametrize(
    ("written", "met"),
    [
        ({"listen": "127.0.0.1:{loopback}"}, True),
        ({"listen": ":{loopback}"}, True),
        ({"listen": "[::1]:{six}"}, True),
        ({"listen": "0.0.0.0:{world}"}, True),
        ({"listen": "127.0.0.1:{world}"}, False),
        ({"listen": "0.0.0.0:{loopback}"}, False),
        ({"listen": "127.0.0.1:{closed}"}, False),
        ({"listen": ":{closed}", "expect": {"listening": False}}, True),
        ({"listen": ":{loopback}", "expect": {"listening": False}}, False),
        ({"listen": "127.0.0.2:{udp}", "protocol": "udp"}, True),
        ({"listen": "127.0.0.2:{udp}"}, False),
        ({"listen": ":{loopback}", "expect": {"only": LOOPBACK}}, True),
        ({"listen": ":{six}", "expect": {"only": LOOPBACK}}, True),
        ({"listen": ":{world}", "expect": {"only": LOOPBACK}}, False),
        ({"listen": ":{loopback}", "expect": {"only": "10.0.0.0/8"}}, False),
        ({"listen": ":{loopback}", "expect": {"process": "no-such-program"}}, False),
    ],
)
async def test_who_listens(
    resources: Resources, sockets: dict[str, int], written: dict[str, object], met: bool
) -> None:
    attempt = await taken(resources, sockets, written)
    assert attempt.outcome is (Outcome.SUCCESS if met else Outcome.FAILURE), attempt.failure


@pytest.fixture
def own() -> str:
    """The name of this process."""
    return Path("/proc/self/comm").read_text("utf-8").strip()


async def test_the_process_that_listens_is_found(
    resources: Resources, sockets: dict[str, int], own: str
) -> None:
    written = {"listen": ":{loopback}", "expect": {"process": own}}
    attempt = await taken(resources, sockets, written)
    assert attempt.failure is None
    assert attempt.facts["process"] == own


async def test_an_open_port_is_named(resources: Resources, sockets: dict[str, int]) -> None:
    port = sockets["world"]
    written = {"listen": f":{port}", "expect": {"only": LOOPBACK}}
    attempt = await taken(resources, sockets, written)
    assert attempt.failure
    assert attempt.failure.expectation == "only"
    assert attempt.failure.detail == (
        f"expected to listen only at 127.0.0.0/8, ::1/128, found 0.0.0.0:{port}"
    )
