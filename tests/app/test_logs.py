"""Logs have the shape that whoever reads them needs, and never what an exception says."""

import io
import json
import logging
import os
import pty
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
import structlog

from evidenced.app.logs import adopt_logging, configure_logs, in_journal

PLANTED = "swordfish-1f0c"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def journal() -> Iterator[tuple[TextIO, dict[str, str], Callable[[], str]]]:
    """A stream as systemd gives it, the environment beside it, and what was written to it."""
    ours, theirs = socket.socketpair()
    stream = os.fdopen(os.dup(theirs.fileno()), "w")
    found = os.fstat(stream.fileno())

    def written() -> str:
        stream.flush()
        return ours.recv(1 << 16).decode()

    yield stream, {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}, written
    stream.close()
    ours.close()
    theirs.close()


@pytest.mark.parametrize(
    ("level", "priority"),
    [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)],
)
def test_a_line_for_the_journal_has_its_priority_and_fields_and_no_time(
    journal: tuple[TextIO, dict[str, str], Callable[[], str]], level: str, priority: int
) -> None:
    stream, environ, written = journal
    configure_logs(stream, level="debug", environ=environ)
    say = getattr(structlog.get_logger(), level)
    say("standing changed", claim="oven", before="verified", check=None, drill=True, detail="a b")
    expected = 'standing changed claim=oven before=verified check= drill=true detail="a b"\n'
    assert written() == f"<{priority}>{expected}"


def test_nobody_forges_a_line_of_the_journal(
    journal: tuple[TextIO, dict[str, str], Callable[[], str]],
) -> None:
    stream, environ, written = journal
    configure_logs(stream, environ=environ)
    structlog.get_logger().info("heard", detail="x\n<0>standing changed\r\x1b[2J\u2028é")
    text = written()
    assert text.count("\n") == 1
    assert text.isascii() or "é" in text
    assert text.startswith("<6>heard detail=")
    assert not any(char in text[:-1] for char in "\r\x1b\u2028")


def test_each_line_of_an_exception_has_the_priority(
    journal: tuple[TextIO, dict[str, str], Callable[[], str]],
) -> None:
    stream, environ, written = journal
    configure_logs(stream, environ=environ)
    _fail("went wrong")
    lines = written().splitlines()
    assert len(lines) > 3
    assert lines[0] == "<3>went wrong target=oven"
    assert lines[1] == "<3>    ValueError"
    assert all(line.startswith("<3>    ") for line in lines[1:])
    assert any("caused by FileNotFoundError (ENOENT)" in line for line in lines)
    assert PLANTED not in "\n".join(lines)


def test_a_redirected_stream_is_no_journal(
    journal: tuple[TextIO, dict[str, str], Callable[[], str]], tmp_path: Path
) -> None:
    stream, environ, _ = journal
    assert in_journal(stream, environ)
    assert not in_journal(stream, {})
    assert not in_journal(stream, {"JOURNAL_STREAM": "a:b"})
    assert not in_journal(io.StringIO(), environ)
    with (tmp_path / "log").open("w") as file:
        assert not in_journal(file, environ)


def test_a_pipe_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    configure_logs(stream, environ={})
    structlog.get_logger().warning("standing changed", claim="ofen-ü", path=Path("/a"))
    made: dict[str, Any] = json.loads(stream.getvalue())
    assert made.pop("timestamp").endswith("Z")
    assert made == {
        "event": "standing changed", "level": "warning", "claim": "ofen-ü", "path": "/a"
    }  # fmt: skip
    assert "ofen-ü" in stream.getvalue()


def test_a_terminal_gets_colour_and_no_tricks() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        configure_logs(stream, environ={"JOURNAL_STREAM": "1:2"})
        structlog.get_logger().error("went wrong", detail="\x1b[2Jgone")
        stream.flush()
        text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "\x1b[" in text
    assert "\x1b[2J" not in text
    assert "\\x1b[2Jgone" in text


def _fail(event: str, **fields: object) -> None:
    try:
        try:
            raise FileNotFoundError(2, PLANTED, PLANTED)
        except OSError as error:
            raise ValueError(f"http://u:{PLANTED}@shop.example/") from error
    except ValueError:
        structlog.get_logger().exception(event, target="oven", **fields)


def test_what_an_exception_says_is_never_shown_and_the_same_one_is_summed_up() -> None:
    stream = io.StringIO()
    configure_logs(stream, environ={})
    for _ in range(50):
        _fail("went wrong")
    _fail("went wrong otherwise")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["went wrong", "went wrong otherwise"]
    assert "test_logs.py" in lines[0]["exception"]
    assert "in _fail" in lines[0]["exception"]
    assert PLANTED not in stream.getvalue()


def test_a_line_with_an_id_stays_for_whoever_was_told_it() -> None:
    stream = io.StringIO()
    configure_logs(stream, environ={})
    for number in range(3):
        _fail("a request failed", id=number)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["id"] for line in lines] == [0, 1, 2]
    assert ["exception" in line for line in lines] == [True, False, False]
    assert lines[2]["error"] == "ValueError"


def test_groups_show_their_members() -> None:
    stream = io.StringIO()
    configure_logs(stream, environ={})
    error = ExceptionGroup(PLANTED, [KeyError(PLANTED), ValueError(PLANTED)])
    structlog.get_logger().error("several", exc_info=error)
    text = json.loads(stream.getvalue())["exception"]
    assert "KeyError" in text
    assert "ValueError" in text
    assert PLANTED not in text


def test_what_libraries_log_comes_without_what_is_put_into_it() -> None:
    stream = io.StringIO()
    configure_logs(stream, environ={})
    adopt_logging()
    error = ValueError(PLANTED)
    server, loop = logging.getLogger("aiohttp.server"), logging.getLogger("asyncio")
    server.error("Error handling request from %s", PLANTED, exc_info=error)
    loop.warning("\n".join(["Task was never retrieved", f"future: {PLANTED}"]))
    logging.getLogger("aiohttp.access").info("GET /?token=%s", PLANTED)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["library"], line["said"]) for line in lines] == [
        ("error", "aiohttp.server", "Error handling request from %s"),
        ("warning", "asyncio", "Task was never retrieved"),
    ]
    assert "ValueError" in lines[0]["exception"]
    assert PLANTED not in stream.getvalue()
