import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from evidenced.config.kinds.file import FileSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.file import READ_LIMIT, probe
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]


@pytest.fixture
def look(resources: Resources, tmp_path: Path) -> Look:
    """Take one look at a path below tmp_path, or at a pattern with a * in it."""

    async def take(name: str, /, **expect: object) -> Attempt:
        key = "glob" if "*" in name else "path"
        settings = FileSettings.model_validate({key: str(tmp_path / name), "expect": expect})
        return await probe(settings, 5.0, resources)

    return take


@pytest.fixture(autouse=True)
def pantry(tmp_path: Path) -> Path:
    """Files of 1, 2 and 3 hours of age, and what is no file."""
    for hours, name in ((1, "c.log"), (2, "b.log"), (3, "a.log")):
        (tmp_path / name).write_text(f"{hours} loaves PASS\n")
        os.utime(tmp_path / name, (time.time() - 3600 * hours,) * 2)
    (tmp_path / "empty").touch()
    (tmp_path / "later").touch()
    os.utime(tmp_path / "later", (time.time() + 7200,) * 2)
    (tmp_path / "large").write_bytes(b"PASS" + b"x" * READ_LIMIT)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"\xff\xfePASS\x00")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        ("c.log", {}),
        ("c.log", {"exists": True, "max_age": "61m", "size": {"min": 1, "max": "1KiB"}}),
        ("c.log", {"size": 14, "content": {"contains": "PASS", "matches": "^[0-9]+ loaves"}}),
        ("c.log", {"content": {"not_contains": "FAIL", "length": {"ge": 3}}}),
        ("missing", {"exists": False}),
        ("c.log/below-a-file", {"exists": False}),
        ("empty", {"size": 0, "content": {"empty": True}}),
        ("folder", {}),
        ("pipe", {}),
        ("bytes", {"content": {"contains": "PASS"}}),
        ("large", {"size": {"min": "1MiB"}, "content": {"contains": "PASS"}}),
        ("*.log", {}),
        ("*.log", {"count": {"min": 3}, "max_age": "61m", "content": {"contains": "1 loaves"}}),
        ("*.txt", {"exists": False}),
        ("*.txt", {"count": 0}),
        ("**/*.log", {"count": 3}),
    ],
)
async def test_what_holds_is_met(look: Look, name: str, expect: dict[str, object]) -> None:
    attempt = await look(name, **expect)
    assert attempt.failure is None
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.judgements


@pytest.mark.parametrize(
    ("name", "expect", "reason", "detail"),
    [
        ("missing", {}, "status", "expected a file, found no file"),
        ("missing", {"max_age": "1h"}, "status", "expected a file, found no file"),
        ("c.log", {"exists": False}, "status", "expected no file, found a file"),
        (
            "c.log",
            {"size": {"min": "1KiB"}},
            "status",
            "expected size to be at least 1,024 bytes, found 14 bytes",
        ),
        (
            "later",
            {"max_age": "1h"},
            "status",
            "expected to be modified within 1h, found a time 2h in the future",
        ),
        (
            "c.log",
            {"content": {"contains": "FAIL"}},
            "body",
            'expected content to contain "FAIL", found a text of length 14',
        ),
        (
            "large",
            {"content": {"not_contains": "FAIL"}},
            "body",
            'expected content not to contain "FAIL", found a text too long to be read whole',
        ),
        (
            "large",
            {"content": {"length": {"gt": 5}}},
            "body",
            "expected content length to be more than 5, found a text too long to be read whole",
        ),
        (
            "pipe",
            {"content": {"contains": "x"}},
            "body",
            "expected a file that can be read, found no regular file",
        ),
        (
            "folder",
            {"content": {"contains": "x"}},
            "body",
            "expected a file that can be read, found no regular file",
        ),
        (
            "*.log",
            {"count": {"max": 2}},
            "status",
            "expected the number of files to be at most 2, found 3",
        ),
        (
            "*.txt",
            {"count": 0, "max_age": "1h"},
            "status",
            "expected a file to judge max_age by, found no file",
        ),
    ],
)
async def test_what_does_not_hold_is_said(
    look: Look, name: str, expect: dict[str, object], reason: str, detail: str
) -> None:
    attempt = await look(name, **expect)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert (attempt.failure.reason, attempt.failure.detail) == (reason, detail)


async def test_an_old_file_is_told_how_old(look: Look) -> None:
    attempt = await look("a.log", max_age="1h")
    assert attempt.failure
    assert attempt.failure.detail.startswith("expected to be modified within 1h, found 3h")
    assert float(attempt.facts["age"]) == pytest.approx(3 * 3600, abs=30)
    assert (attempt.facts["size"], attempt.facts["exists"]) == (14, True)


async def test_a_file_that_may_not_be_read_is_no_failure_of_its(look: Look, pantry: Path) -> None:
    # A folder that is a loop of links cannot be read by anybody, root included.
    (pantry / "loop").symlink_to(pantry / "loop")
    attempt = await look("loop/file")
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.reason is Reason.DEPENDENCY
    assert "cannot be read: Too many levels of symbolic links" in attempt.failure.detail
