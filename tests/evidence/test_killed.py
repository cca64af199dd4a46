"""kill -9 at any instant under load: the file stays whole, and what was confirmed is in it."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest

from evidenced.evidence.pace import Pace
from evidenced.evidence.store import Store

PARTS, ROUNDS = 8, 25
"""200 kills, in parts that run side by side."""


@pytest.fixture
def writer() -> Iterator[tuple[IO[str], IO[str]]]:
    """The standard input and output of the program that writes."""
    program = Path(__file__).with_name("under_load.py")
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()
        process.wait(30)


def killed(
    writer: tuple[IO[str], IO[str]], folder: Path, chance: random.Random
) -> tuple[int, str, int, int] | None:
    """Let a child write and kill it: its pid and last confirmation, None where it gave none."""
    told, said = writer
    told.write(f"{folder}\n")
    told.flush()
    confirmed: list[tuple[int, str, int]] = []
    pid = None
    wanted = chance.randrange(4)
    while pid is None or len(confirmed) < wanted:
        word, *rest = said.readline().split()
        if word == "kept":
            confirmed.append((int(rest[0]), rest[1], int(rest[2])))
        else:
            pid = int(word)
    time.sleep(chance.uniform(0, 0.03))
    os.kill(pid, signal.SIGKILL)
    while (line := said.readline()) != "gone\n":
        word, *rest = line.split()
        assert word == "kept", line
        confirmed.append((int(rest[0]), rest[1], int(rest[2])))
    return (confirmed[-1][0], confirmed[-1][1], confirmed[-1][2], pid) if confirmed else None


def whole(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def check(folder: Path, confirmed: tuple[int, str, int, int] | None) -> int:
    """Open the store as a daemon would, and hold it to all that it promises; the newest id."""
    async with Store("sqlite:///evidence.db", folder, keep=1e12, pace=Pace()) as store:
        assert store.trouble is None
        found = await store.verify()
        assert found.problems == ()
        if confirmed is None:
            return found.head.id
        newest, digest, number, pid = confirmed
        assert found.head.id >= newest
        record = await store.record(newest)
        if record is None:
            assert found.anchor.id >= newest
        else:
            assert record.hash == digest
        saved = {one.name: one.state for one in await store.state()}
        state = saved[str(pid)]
        assert isinstance(state, int)
        assert state >= number
        # Of the 20 records a batch that was under way may be there; never a part of one.
        assert state % 20 == 0
        assert len(await store.spans("till")) > 0
        return found.head.id


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_confirmed_is_lost(
    part: int, tmp_path: Path, writer: tuple[IO[str], IO[str]]
) -> None:
    chance = random.Random(part)  # noqa: S311  the same chances every time
    last = 0
    for _ in range(ROUNDS):
        confirmed = killed(writer, tmp_path, chance)
        if (tmp_path / "evidence.db").exists():
            whole(tmp_path / "evidence.db")
        newest = asyncio.run(check(tmp_path, confirmed))
        assert newest >= last
        last = newest
    assert last > ROUNDS
    assert [path.name for path in tmp_path.glob("*.corrupt-*")] == []
