"""Unix sockets: there or not, and dialogues on them."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from evidenced.probes.attempt import Attempt, Outcome, Reason

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]


class Authority(Protocol):
    file: str

    def context(self, *names: str) -> ssl.SSLContext: ...


async def pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readline()
    writer.write(b"+PONG\r\n" if asked == b"PING\r\n" else b"-ERR\r\n")
    await reader.read()


async def test_a_dialogue(serve: Serve, look_at: Look, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    await serve(pong, path=path)
    attempt = await look_at(
        "unix",
        path=str(path),
        dialogue=[{"send": "PING\r\n"}, {"expect": r"^\+PONG$"}],
        expect={"latency": "4s"},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts == {"ssl": False}
    assert set(attempt.phases) == {"connect", "processing"}
    attempt = await look_at("unix", path=str(path))
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure


async def test_a_socket_that_is_not_there(look_at: Look, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    attempt = await look_at("unix", path=str(path))
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"no socket at {path}"


async def test_a_socket_on_which_nobody_listens(look_at: Look, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        attempt = await look_at("unix", path=str(path))
    assert attempt.failure is not None
    assert attempt.failure.detail == f"connection to {path} refused"


async def test_a_file_that_is_no_socket(look_at: Look, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    path.write_text("text")
    attempt = await look_at("unix", path=str(path))
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT


async def test_a_path_that_is_too_long_for_a_socket(look_at: Look, tmp_path: Path) -> None:
    attempt = await look_at("unix", path=str(tmp_path / ("x" * 120)))
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure is not None
    assert attempt.failure.detail == "the path is longer than that of a socket can be"


async def test_tls_over_a_socket(
    serve: Serve, look_at: Look, tmp_path: Path, authority: Authority
) -> None:
    path = tmp_path / "x.sock"
    context = authority.context("shop.example")
    await serve(pong, context, path=path)
    attempt = await look_at(
        "unix",
        path=str(path),
        tls={"ca_file": authority.file, "server_name": "shop.example"},
        dialogue=[{"send": "PING\r\n"}, {"expect": "PONG"}],
        expect={"certificate": {"names": {"contains": "shop.example"}}},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["tls_version"] == "TLS 1.3"


async def test_a_socket_whose_queue_is_full(look_at: Look, tmp_path: Path) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(0)
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(str(path))
        attempt = await look_at("unix", 0.3, path=str(path))
        for each in waiting:
            each.close()
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"{path} takes no more connections: its queue is full"
