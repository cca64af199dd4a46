import socket
from collections.abc import Callable
from typing import Any

from evidenced.app.doctor import names
from evidenced.app.doctor.finding import Finding
from evidenced.app.doctor.subject import Places, read_subject
from evidenced.probes.resources import Resources

CHECKS = [
    {"name": "site", "http": {"url": "https://flowers.example/"}},
    {"name": "mail", "tcp": {"address": "mail.flowers.example:25"}},
    {"name": "ping", "icmp": {"host": "127.0.0.1"}},
    {"name": "way", "http": {"url": "http://inner.example/", "proxy": "http://127.0.0.1:1"}},
]


def _lookup(*known: str) -> Callable[..., Any]:
    """A resolver that knows these names: the machine's own need not know any."""

    def look(host: str, port: int, family: int, **more: int) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", port))]

    return look


async def _found(written: Callable[..., Any], *known: str) -> tuple[Finding, ...]:
    path = written(checks=CHECKS)
    async with Resources(_lookup(*known)) as resources:
        subject = await read_subject(path, path.parent, Places(), lambda config: None, resources)
        return await names.examine(subject)


async def test_all_are_resolved(written: Callable[..., Any], said: Callable[..., Any]) -> None:
    found = said(await _found(written, "flowers.example", "mail.flowers.example"))
    assert found == [("ok", "2 names of checks resolved: flowers.example, mail.flowers.example")]


async def test_one_is_gone(written: Callable[..., Any], said: Callable[..., Any]) -> None:
    found = said(await _found(written, "flowers.example"))
    what = "mail.flowers.example is not resolved: Name or service not known"
    assert found == [("problem", what)]


async def test_no_resolver_is_one_problem(
    written: Callable[..., Any], said: Callable[..., Any]
) -> None:
    ((verdict, what),) = said(await _found(written))
    assert verdict == "problem"
    assert what.startswith("no name of 2 is resolved, flowers.example:")


async def test_addresses_need_none(read: Callable[..., Any]) -> None:
    (finding,) = await names.examine(await read(checks=[CHECKS[2]]))
    assert finding.verdict == "not looked at"
