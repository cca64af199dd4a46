import asyncio
import socket
import threading
from typing import Any

import pytest

from evidenced.probes.resolver import Resolver


async def test_a_name_to_addresses() -> None:
    found = await Resolver().resolve("localhost", 80)
    assert {"127.0.0.1", "::1"} & {each["host"] for each in found}
    assert {each["port"] for each in found} == {80}


async def test_only_of_the_family_asked_for() -> None:
    found = await Resolver().resolve("localhost", 80, socket.AF_INET)
    assert {each["family"] for each in found} == {socket.AF_INET}


@pytest.mark.parametrize("host", ["shop.invalid", "a..b", "a" * 64, "nul\0"])
async def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(socket.gaierror):
        await Resolver().resolve(host, 80)


async def test_a_lookup_is_shared_while_it_lasts_and_forgotten_then() -> None:
    release = threading.Event()
    asked: list[str] = []

    def lookup(host: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  getaddrinfo's own
        asked.append(host)
        release.wait(10)
        return socket.getaddrinfo("127.0.0.1", *args, **kwargs)

    resolver = Resolver(lookup)
    together = [asyncio.create_task(resolver.resolve("shop", 80)) for _ in range(3)]
    while not asked:
        await asyncio.sleep(0.001)
    together[0].cancel()
    release.set()
    results = await asyncio.gather(*together, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1] == results[2]
    await resolver.resolve("shop", 80)
    assert asked == ["shop", "shop"]


async def test_a_link_local_address_keeps_its_interface() -> None:
    def lookup(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  getaddrinfo's own
        address = ("fe80::1", 80, 0, 2)
        return [(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]

    [found] = await Resolver(lookup).resolve("router", 80)
    assert found["host"] == "fe80::1%2"
