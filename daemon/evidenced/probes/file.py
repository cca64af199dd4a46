"""The look at a file of this host: is it there, how old and large is it, what is in it."""

import glob
import math
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evidenced.config.kinds.file import FileExpect, FileSettings
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Judgement, Reason
from evidenced.probes.expectations.count import judge_count
from evidenced.probes.expectations.output import judge_text
from evidenced.probes.host.frame import Late, Sight, UnableError, look
from evidenced.probes.resources import Resources

READ_LIMIT = 1024 * 1024
"""The most bytes of a file that are read."""

_AHEAD = 5.0
"""Seconds by which a time may lie in the future: clocks of file servers differ by some."""

_LATE = Late(Reason.TIMEOUT, "reading the file system")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is at a path: the newest file where there are several, and how many there are."""

    count: int
    status: os.stat_result | None = None
    content: bytes | None = None


async def probe(settings: FileSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a file; see `Probe` for what holds for all kinds.

    Facts: `exists`, `count` (of a glob), and where there is a file `age` (seconds since it was
    modified) and `size` (bytes). The reading is done in a thread; of pipes and devices nothing is
    read.
    """
    return await look(_take(settings, resources), timeout, _LATE)


async def _take(settings: FileSettings, resources: Resources) -> Sight:
    try:
        seen = await resources.host.read(partial(_read, settings))
    except PermissionError as error:
        raise UnableError(
            f"{error.filename} may not be read: give the daemon's user access to it"
        ) from None
    except OSError as error:
        raise UnableError(f"{settings.target} cannot be read: {error.strerror}") from None
    facts: dict[str, Fact] = {"exists": seen.count > 0}
    if settings.glob is not None:
        facts["count"] = seen.count
    if seen.status is not None:
        facts |= {"age": time.time() - seen.status.st_mtime, "size": seen.status.st_size}
    return Sight(tuple(_judge(settings.expect, seen)), facts)


def _read(settings: FileSettings) -> _Seen:
    if settings.path is not None:
        status = _status(settings.path)
        found = [] if status is None else [(settings.path, status)]
    else:
        paths = map(Path, glob.iglob(str(settings.glob), recursive=True))  # noqa: PTH207  of any folder
        found = [(path, status) for path in paths if (status := _status(path))]
    if not found:
        return _Seen(0)
    newest, status = max(found, key=lambda each: each[1].st_mtime)
    wanted = settings.expect.content is not None and stat.S_ISREG(status.st_mode)
    return _Seen(len(found), status, _content(newest) if wanted else None)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _content(path: Path) -> bytes:
    # Without waiting, for what is a file now may be a pipe when it is opened.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123
        return file.read(READ_LIMIT + 1)


def _judge(expect: FileExpect, seen: _Seen) -> Iterator[Judgement]:
    there, wanted = seen.count > 0, expect.exists
    # Where files are counted, none may be as many as there must be.
    if expect.count is None or "exists" in expect.model_fields_set:
        expected = "a file" if wanted else "no file"
        found = "a file" if there else "no file"
        yield Judgement("exists", there is wanted, expected, found, Reason.STATUS)
    if expect.count is not None:
        yield judge_count("count", "the number of files", seen.count, expect.count)
    if seen.status is None:
        yield from _judge_nothing(expect)
        return
    if expect.max_age is not None:
        yield judge_age(expect.max_age, time.time() - seen.status.st_mtime)
    if expect.size is not None:
        yield judge_count("size", "size", seen.status.st_size, expect.size, shown=_bytes)
    if expect.content is not None:
        yield _judge_content(expect, seen)


def _judge_nothing(expect: FileExpect) -> Iterator[Judgement]:
    """What is expected of a file that is not there is not met."""
    for name in ("max_age", "size", "content"):
        if getattr(expect, name) is not None:
            yield Judgement(name, False, f"a file to judge {name} by", "no file", Reason.STATUS)


def judge_age(longest: float, age: float) -> Judgement:
    """Whether something was modified no longer ago than this, and not in the future."""
    expected = f"to be modified within {format_duration(longest)}"
    if age < -_AHEAD:
        found = f"a time {format_duration(math.ceil(-age))} in the future"
        return Judgement("max_age", False, expected, found, Reason.STATUS)
    found = f"{format_duration(max(math.ceil(age), 0))} ago"
    return Judgement("max_age", age <= longest, expected, found, Reason.STATUS)


def _judge_content(expect: FileExpect, seen: _Seen) -> Judgement:
    assert expect.content is not None  # noqa: S101  who calls knows
    if seen.content is None:
        return Judgement(
            "content", False, "a file that can be read", "no regular file", Reason.BODY
        )
    whole = len(seen.content) <= READ_LIMIT
    text = seen.content[:READ_LIMIT].decode("utf-8-sig", errors="replace")
    return judge_text("content", text, expect.content, whole=whole)


def _bytes(size: int) -> str:
    return f"{size:,} bytes"
