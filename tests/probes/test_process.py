import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from evidenced.config.kinds.process import ProcessSettings
from evidenced.probes.attempt import Attempt, Outcome
from evidenced.probes.host.processes import Process, read_stat
from evidenced.probes.host.shared import Shared
from evidenced.probes.process import probe
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[str]:
    """Two processes whose command line has a word of their own, which is given."""
    word = f"kneading-{os.getpid()}-{tmp_path.name}"
    script = tmp_path / "kneading-machine.py"
    script.write_text("import sys; print('up', flush=True); sys.stdin.read()\n")
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            script,
            word,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout
        assert await child.stdout.readline() == b"up\n"
    yield word
    for child in children:
        await child.communicate(b"")


@pytest.fixture
def look(resources: Resources) -> Look:
    async def take(expect: dict[str, object], /, **which: object) -> Attempt:
        settings = ProcessSettings.model_validate({**which, "expect": expect})
        return await probe(settings, 5.0, resources)

    return take


@pytest.mark.parametrize(
    ("expect", "detail"),
    [
        ({}, None),
        ({"count": 2}, None),
        ({"count": {"min": 1, "max": 2}, "max_age": "1h", "memory": {"min": "1MiB"}}, None),
        ({"count": 1}, "expected the number of processes to be exactly 1, found 2"),
        ({"count": {"max": 0}}, "expected the number of processes to be at most 0, found 2"),
        ({"min_age": "1h"}, "expected to run for at least 1h, found "),
        ({"max_age": "1ms"}, "expected to run for at most 1ms, found "),
        ({"memory": {"max": "1KiB"}}, "expected memory to be at most 1,024 bytes, found "),
    ],
)
async def test_processes_are_counted_and_measured(
    look: Look, running: str, expect: dict[str, object], detail: str | None
) -> None:
    if "max_age" in expect:
        # The kernel's clock ticks a hundred times a second.
        await asyncio.sleep(0.02)
    attempt = await look(expect, command=running)
    assert attempt.facts["count"] == 2
    if detail is None:
        assert attempt.failure is None
    else:
        assert attempt.failure
        assert attempt.failure.detail.startswith(detail)


async def test_one_that_is_not_there_is_a_failure(look: Look) -> None:
    attempt = await look({}, command="no-such-command-line-anywhere-[x]")
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.detail == "expected the number of processes to be at least 1, found 0"
    assert (await look({"count": 0}, name="no-such-program")).outcome is Outcome.SUCCESS


async def test_a_user_of_another_kind_has_none_of_them(look: Look, running: str) -> None:
    assert (await look({}, command=running, user=str(os.geteuid()))).facts["count"] == 2
    assert (await look({"count": 0}, command=running, user="65534")).outcome is Outcome.SUCCESS
    attempt = await look({}, command=running, user="no-such-user")
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.detail == "there is no user no-such-user on this host"


async def test_one_that_has_ended_is_none(look: Look) -> None:
    child = await asyncio.create_subprocess_exec("sleep", "infinity")
    os.kill(child.pid, signal.SIGSTOP)
    try:
        stat = read_stat(child.pid)
        assert stat
        assert stat.parent == os.getpid()
    finally:
        child.kill()
        await child.wait()
    assert read_stat(child.pid) is None


@pytest.mark.parametrize(
    ("name", "arguments", "wanted", "called"),
    [
        ("nginx", ("nginx: master process /usr/sbin/nginx",), "nginx", True),
        ("node", ("/usr/bin/node", "/srv/shop/server.js"), "node", True),
        ("python3", ("/opt/shop/bin/shop-worker",), "shop-worker", True),
        (
            "a-long-name-of-",
            ("/usr/bin/a-long-name-of-a-program",),
            "a-long-name-of-a-program",
            True,
        ),
        (
            "a-long-name-of-",
            ("/usr/bin/python3", "/usr/bin/a-long-name-of-a-script"),
            "a-long-name-of-a-script",
            True,
        ),
        ("grep", ("grep", "nginx"), "nginx", False),
        ("kworker/0:0", (), "kworker/0:0", True),
        ("nginx-debug", ("nginx-debug",), "nginx", False),
    ],
)
def test_what_a_process_is_called(
    name: str, arguments: tuple[str, ...], wanted: str, called: bool
) -> None:
    assert Process(1, name, arguments, 0, 1.0, 0).is_called(wanted) is called


async def test_questions_share_a_walk_that_began_after_them() -> None:
    walks = 0

    def walk() -> int:
        nonlocal walks
        walks += 1
        return walks

    shared = Shared(walk)
    first = [asyncio.create_task(shared.get()) for _ in range(50)]
    assert {await each for each in first} == {1}
    assert await shared.get() == 2
    await shared.close()


async def test_a_walk_that_fails_is_told_and_made_again() -> None:
    answers: Iterator[OSError | int] = iter([OSError("no"), 5])

    def walk() -> int:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    shared = Shared(walk)
    with pytest.raises(OSError, match="no"):
        await shared.get()
    assert await shared.get() == 5
    await shared.close()
