import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from evidenced.config.kinds.command import CommandSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.command import probe
from evidenced.probes.host.processes import pids, read_stat
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]


@pytest.fixture
def look(resources: Resources, tmp_path: Path) -> Look:
    async def take(run: list[str], /, timeout: float = 30.0, **settings: object) -> Attempt:
        written = {"cwd": str(tmp_path), "run": run, **settings}
        return await probe(CommandSettings.model_validate(written), timeout, resources)

    return take


def alive(word: str) -> list[int]:
    """Processes with a word in their command line, the dead among them not."""
    found = []
    for pid in pids():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in command:
            found.append(pid)
    return found


def children() -> list[int]:
    """Own children, zombies included."""
    stats = (read_stat(pid) for pid in pids())
    return [stat.pid for stat in stats if stat is not None and stat.parent == os.getpid()]


async def gone(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while condition():
            await asyncio.sleep(0.01)


SH = ["sh", "-c"]


@pytest.mark.parametrize(
    ("run", "settings"),
    [
        (["true"], {}),
        (["false"], {"expect": {"exit": 1}}),
        ([*SH, "exit 3"], {"expect": {"exit": [0, 3]}}),
        ([*SH, "kill -TERM $$"], {"expect": {"exit": 143}}),
        (["echo", "2 jails: sshd"], {"expect": {"stdout": {"contains": "sshd"}}}),
        (["echo", "42"], {"expect": {"stdout": {"ge": 42}}}),
        (["echo", "$HOME; true"], {"expect": {"stdout": "$HOME; true"}}),
        ([*SH, "echo oh >&2"], {"expect": {"stderr": "oh", "stdout": {"empty": True}}}),
        ([*SH, "echo $LOAF"], {"env": {"LOAF": "rye"}, "expect": {"stdout": "rye"}}),
        (["pwd"], {"cwd": "/", "expect": {"stdout": "/"}}),
        (["cat"], {"expect": {"stdout": {"empty": True}}}),
        (
            [*SH, "ulimit -n; ulimit -t"],
            {"limits": {"files": 17, "cpu": "2s"}, "expect": {"stdout": "17\n2"}},
        ),
        ([*SH, "ulimit -v"], {"limits": {"memory": "64MiB"}, "expect": {"stdout": {"eq": 65536}}}),
    ],
)
async def test_what_holds_is_met(look: Look, run: list[str], settings: dict[str, object]) -> None:
    attempt = await look(run, **settings)
    assert attempt.failure is None
    assert attempt.outcome is Outcome.SUCCESS


@pytest.mark.parametrize(
    ("run", "settings", "reason", "detail"),
    [
        (["false"], {}, "status", "expected exit status 0, found 1"),
        ([*SH, "kill -SEGV $$"], {}, "status", "expected exit status 0, found 139, by SIGSEGV"),
        (
            ["echo", "swordfish"],
            {"expect": {"stdout": {"contains": "sshd"}}},
            "body",
            'expected stdout to contain "sshd", found a text of length 9',
        ),
        (
            ["echo", "41"],
            {"expect": {"stdout": {"ge": 42}}},
            "body",
            "expected stdout to be at least 42, found a text of length 2",
        ),
        (["yes"], {"output_limit": "4KiB"}, "too_large", "yes wrote more than 4,096 bytes"),
        (
            [*SH, "while :; do :; done"],
            {"limits": {"cpu": "1s"}},
            "status",
            "expected exit status 0, found 137, by SIGKILL",
        ),
    ],
)
async def test_what_does_not_hold_is_said(
    look: Look, run: list[str], settings: dict[str, object], reason: str, detail: str
) -> None:
    attempt = await look(run, **settings)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert (attempt.failure.reason, attempt.failure.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("run", "settings", "detail"),
    [
        (
            ["no-such-program"],
            {},
            "no-such-program was not found: install it, or give its whole path",
        ),
        (
            ["/no/such/program"],
            {},
            "/no/such/program was not found: install it, or give its whole path",
        ),
        (["./plain"], {}, "./plain may not be run: make it executable for the user it runs as"),
        (["/"], {}, "/ may not be run: make it executable for the user it runs as"),
        (["./nonsense"], {}, "./nonsense cannot be started: Exec format error"),
        (
            ["true"],
            {"cwd": "/no/such/folder"},
            "the folder to run in does not exist: /no/such/folder",
        ),
        (["true"], {"user": "no-such-user"}, "there is no such user or group on this host: "),
        (["true"], {"group": "no-such-group"}, "there is no such user or group on this host: "),
    ],
)
async def test_what_cannot_be_started_says_nothing_of_the_target(
    look: Look, tmp_path: Path, run: list[str], settings: dict[str, object], detail: str
) -> None:
    (tmp_path / "plain").write_text("#!/bin/sh\n")
    (tmp_path / "nonsense").write_bytes(b"\0\1\2\3")
    (tmp_path / "nonsense").chmod(0o755)
    attempt = await look(run, **settings)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.reason is Reason.DEPENDENCY
    assert attempt.failure.detail.startswith(detail)


async def test_it_gets_little_of_the_daemons_environment(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "swordfish")
    attempt = await look(
        ["env"], expect={"stdout": {"not_contains": "swordfish", "contains": "PATH="}}
    )
    assert attempt.failure is None


SPAWNERS = {
    "itself": "exec sleep {word}",
    "a child": "sleep {word} & wait",
    "a child in another group": "set -m; sleep {word} & wait",
    "a child in another session": "setsid sleep {word} & wait",
    "an orphan that holds stdout": "sleep {word} & sleep {word}",
    "one that starts others": "while :; do setsid sleep {word} & sleep 0.05; done",
    "one that ignores signals": "trap '' TERM INT HUP; sleep {word}",
}


@pytest.mark.parametrize("script", SPAWNERS.values(), ids=SPAWNERS)
async def test_at_the_deadline_nothing_is_left_of_it(
    look: Look, resources: Resources, script: str
) -> None:
    word = f"{int(time.time())}.{os.getpid():07}"
    before = children()
    watch = Stopwatch()
    attempt = await look([*SH, script.format(word=word)], 0.3)
    assert watch.own() < 0.3 + 0.25
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail == "deadline of 300ms passed while sh was running"
    await gone(lambda: alive(word))
    await gone(lambda: set(children()) - set(before))


async def test_what_is_left_behind_with_the_output_open_does_not_hold_it_up(look: Look) -> None:
    word = f"{int(time.time())}.{os.getpid():06}"
    attempt = await look(
        [*SH, f"echo done; setsid sleep {word} & exit 0"], expect={"stdout": "done"}
    )
    assert attempt.failure is None
    assert attempt.duration < 4
    await gone(lambda: alive(word))


async def test_cancelled_it_is_killed_as_well(look: Look) -> None:
    word = f"{int(time.time())}.{os.getpid():05}1"
    looking = asyncio.ensure_future(look(["sleep", word]))
    await gone(lambda: not alive(word))
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await gone(lambda: alive(word))


async def test_cancelled_while_it_starts_it_is_killed_as_well(look: Look) -> None:
    word = f"{int(time.time())}.{os.getpid():05}2"
    for turns in range(12):
        looking = asyncio.ensure_future(look(["sleep", word]))
        for _ in range(turns):
            await asyncio.sleep(0)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    await gone(lambda: alive(word))


async def test_many_at_once_leave_nothing_open(look: Look, resources: Resources) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    attempts = await asyncio.gather(*(look([*SH, f"echo {n}; exit {n % 2}"]) for n in range(60)))
    details = [attempt.failure.detail if attempt.failure else "" for attempt in attempts]
    assert details == ["", "expected exit status 0, found 1"] * 30
    await resources.host.children.close()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208
    assert not any((stat := read_stat(pid)) and stat.state == "Z" for pid in children())


async def test_it_runs_as_another_user_where_the_daemon_is_root(look: Look) -> None:
    attempt = await look(["id", "-u"], user="nobody", cwd="/", expect={"stdout": "65534"})
    if os.geteuid() == 0:
        assert attempt.failure is None
    else:
        assert attempt.outcome is Outcome.UNKNOWN
        assert attempt.failure
        assert attempt.failure.detail.startswith("running as another user or group needs root")
