"""The entries of `probe.allow`: networks, names and paths, and what is none of these."""

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from evidenced.config.model import Config
from evidenced.config.probe import Allowed

NONE = (
    "expected a network such as 10.0.0.0/8, host names such as *.shop.example, or the path of a "
    "socket"
)
LEDGER = "ledger: {path: STATE.md}\n"


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("2001:db8::/32", "2001:db8::1", "2001:db9::1"),
        ("::1", "::1", "127.0.0.1"),
    ],
)
def test_networks(entry: str, inside: str, outside: str) -> None:
    allowed = Allowed(entry)
    assert allowed.is_network
    assert allowed.has_address(ip_address(inside))
    assert not allowed.has_address(ip_address(outside))
    assert not allowed.has_name(inside)


@pytest.mark.parametrize(
    ("entry", "name", "matches"),
    [
        ("*.shop.example", "a.b.shop.example", True),
        ("*.Shop.example", "A.SHOP.example.", True),
        ("*.shop.example", "shop.example", False),
        ("shop.example", "xshop.example", False),
        ("web?", "web1", True),
        ("/run/*", "/run/x", False),
    ],
)
def test_names(entry: str, name: str, matches: bool) -> None:
    assert Allowed(entry).has_name(name) is matches


def test_paths() -> None:
    assert Allowed("/run/*.sock").has_path("/run/a.sock")
    assert not Allowed("*").has_path("/run/a.sock")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("10.0.0.1/8", "expected a network without bits of a host: 10.0.0.0/8"),
        ("10.0.0.0/40", NONE),
        ("https://x", NONE),
        ("a b", NONE),
    ],
)
def test_what_is_none(refuses: Callable[[str], list[str]], entry: str, said: str) -> None:
    lines = refuses(f"{LEDGER}probe: {{allow: ['{entry}']}}")
    assert lines == [f"evidenced.yaml:2: probe.allow[0]: found '{entry}', {said}"]


def test_the_default_allows_nothing_more(loads: Callable[[str], Config]) -> None:
    probe = loads(LEDGER).probe
    assert (probe.allow, probe.timeout_offset) == ((), 0.5)
