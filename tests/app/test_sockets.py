"""Sockets that are handed over as a service manager does it, and what is served on them."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from evidenced.app.listener import listening
from evidenced.app.sockets import inherited
from evidenced.config.web import WebSettings

LISTENING = """
import os, sys
from evidenced.app.sockets import inherited
os.environ["LISTEN_PID"] = os.environ["LISTEN_PID"].replace("self", str(os.getpid()))
found = inherited(os.environ, int(sys.argv[1]))
left = [name for name in os.environ if name.startswith("LISTEN")]
print([(one.getsockname()[1], one.gettimeout(), one.get_inheritable()) for one in found], left)
"""


def handed(one: socket.socket, pid: str = "self", count: str = "1", name: str = "http") -> str:
    """What a process makes of a socket that it is started with."""
    done = subprocess.run(
        [sys.executable, "-c", LISTENING, str(one.fileno())],
        pass_fds=[one.fileno()],
        env={**os.environ, "LISTEN_PID": pid, "LISTEN_FDS": count, "LISTEN_FDNAMES": name},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["4", "6"])
def test_a_socket_that_is_handed_over_is_listened_on(family: socket.AddressFamily) -> None:
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.create_server((host, 0), family=family) as one:
        assert handed(one) == f"[({one.getsockname()[1]}, 0.0, False)] []"


@pytest.mark.parametrize(
    ("pid", "count"), [("1", "1"), ("self", ""), ("self", "0")], ids=["another", "no-count", "none"]
)
def test_what_is_for_someone_else_or_nothing_is_let_be(pid: str, count: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        assert handed(one, pid, count) == "[] []"


def test_a_socket_that_cannot_be_served_on_is_named(tmp_path: Path) -> None:
    said = "OSError: the socket larder was handed over, which is no listening one of TCP"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        assert handed(one, name="larder") == said
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(f"{tmp_path}/shop")
        one.listen()
        assert handed(one, name="larder") == said
    with socket.socket(socket.AF_INET) as one:
        assert handed(one, name="larder") == said


async def _answer(_: web.Request) -> web.Response:
    return web.Response(text="warm")


async def test_who_has_connected_is_answered_though_it_ends_meanwhile() -> None:
    application = web.Application()
    application.router.add_get("/", _answer)
    held = socket.create_server(("127.0.0.1", 0))
    held.setblocking(False)
    port = held.getsockname()[1]
    with held.dup() as kept:
        async with listening(application, "127.0.0.1:1", WebSettings(), [held]) as listener:
            assert listener.address == ("127.0.0.1", port)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            ending = asyncio.create_task(listener.close())
            while held.fileno() >= 0:
                await asyncio.sleep(0)
            writer.write(b"GET / HTTP/1.1\r\nHost: oven\r\n\r\n")
            await ending
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"warm")
        writer.close()
        # And who connects afterwards waits where the sockets are held.
        with socket.create_connection(("127.0.0.1", port)), kept.accept()[0]:
            pass


def test_mostly_there_is_none() -> None:
    assert inherited({}) == []
