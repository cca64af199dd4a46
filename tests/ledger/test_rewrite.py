"""Files written whole or not at all."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidenced.ledger.rewrite import Change, ChangedError, RewriteError, rewrite

OLD, NEW = b"\xef\xbb\xbfold\r\n", b"new\xff"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "STATE.md"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_written_and_nothing_is_left_beside(file: Path) -> None:
    rewrite([Change(file, OLD, NEW)])
    assert file.read_bytes() == NEW
    assert names(file.parent) == ["STATE.md"]


def test_mode_and_owner_are_kept(file: Path) -> None:
    file.chmod(0o640)
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(file, owner, -1)
    rewrite([Change(file, OLD, NEW)])
    found = file.stat()
    assert (found.st_mode & 0o7777, found.st_uid) == (0o640, owner)


def test_a_link_stays_and_its_target_is_written(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    link.symlink_to("STATE.md")
    rewrite([Change(link, OLD, NEW)])
    assert link.is_symlink()
    assert file.read_bytes() == NEW


@pytest.mark.parametrize("now", [b"other\n", OLD + b"more\n", b""])
def test_a_file_that_changed_meanwhile_is_left_alone(file: Path, now: bytes) -> None:
    file.write_bytes(now)
    with pytest.raises(ChangedError, match="changed meanwhile"):
        rewrite([Change(file, OLD, NEW)])
    assert file.read_bytes() == now
    assert names(file.parent) == ["STATE.md"]


def test_a_file_that_went_away_is_not_made_again(file: Path) -> None:
    file.unlink()
    with pytest.raises(ChangedError):
        rewrite([Change(file, OLD, NEW)])
    assert names(file.parent) == []


def test_a_new_file_is_never_written_over(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ChangedError, match="is there already"):
        rewrite([Change(file, None, NEW)])
    assert file.read_bytes() == OLD
    rewrite([Change(tmp_path / "new.md", None, NEW)])
    assert (tmp_path / "new.md").read_bytes() == NEW


def test_of_several_all_are_written_or_none(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_bytes(b"other")
    with pytest.raises(ChangedError):
        rewrite([Change(file, OLD, NEW), Change(other, b"another", NEW)])
    assert (file.read_bytes(), other.read_bytes()) == (OLD, b"other")
    with other.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        changes = [Change(tmp_path / "new.md", None, NEW), Change(file, OLD, NEW)]
        with pytest.raises(ChangedError, match="edited by another process"):
            rewrite([*changes, Change(other, b"other", NEW)])
    assert (file.read_bytes(), other.read_bytes()) == (OLD, b"other")
    assert names(tmp_path) == ["STATE.md", "other.md"]


def test_a_full_disk_leaves_the_old_file(file: Path) -> None:
    # A file may not grow beyond the limit: to the program it is as if the disk were full.
    script = (
        "import resource, sys; from pathlib import Path;"
        "from evidenced.ledger.rewrite import *;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "path = Path(sys.argv[1]);"
        "rewrite([Change(path, path.read_bytes(), b'x' * 100_000)])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, file], capture_output=True, text=True, check=False
    )
    assert "RewriteError" in ran.stderr
    assert "cannot be written" in ran.stderr
    assert file.read_bytes() == OLD
    assert names(file.parent) == ["STATE.md"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RewriteError, match="cannot be written: No such file") as failed:
        rewrite([Change(tmp_path / "none" / "a.md", None, NEW)])
    assert "\n" not in str(failed.value)
