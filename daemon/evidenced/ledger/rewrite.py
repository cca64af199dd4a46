"""Files written whole or not at all, and only where nobody else changed them meanwhile."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


class RewriteError(Exception):
    """A file cannot be written; the message is one line that begins with `file: `."""


class ChangedError(RewriteError):
    """A file is no longer what it was when it was read."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file, its bytes when it was read, and those that it should have; a new one has None."""

    path: Path
    before: bytes | None
    after: bytes


def rewrite(changes: Sequence[Change]) -> None:
    """Write all of these files, in this order, or none of them.

    Each is written beside itself, synced and renamed (rename(2) is atomic), with the mode, the
    owner and the extended attributes of the old one; a symbolic link stays, and its target is
    written. Raises ChangedError where the content of one is not what it was, and RewriteError where
    one cannot be written or its owner cannot be kept; what was written by then is put back. Blocks
    on the file system.
    """
    for change in changes:
        _check(change)
    written: list[Change] = []
    try:
        for change in changes:
            if change.before != change.after:
                _write(change)
                written.append(change)
    except RewriteError:
        for change in reversed(written):
            _undo(change)
        raise


def _check(change: Change) -> None:
    """See that the content is still what it was."""
    try:
        now = change.path.read_bytes()
    except FileNotFoundError:
        now = None
    except OSError as error:
        raise _failed(change.path, error) from None
    if now != change.before:
        what = "is there already" if change.before is None else "changed meanwhile"
        raise ChangedError(f"{change.path}: {what}: nothing was written, try again")


def _write(change: Change) -> None:
    try:
        path = change.path.resolve(strict=change.before is not None)
        if change.before is None:
            _create(path, change)
            return
        with _locked(path):
            with _beside(path, change.after) as temporary:
                _keep(path, temporary)
                # As late as can be: nothing locks out an editor that knows of no lock.
                _check(change)
                temporary.replace(path)
            _sync(path.parent)
    except OSError as error:
        raise _failed(change.path, error) from None


def _create(path: Path, change: Change) -> None:
    with _beside(path, change.after) as temporary:
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise ChangedError(f"{change.path}: is there already: nothing was written") from None
    _sync(path.parent)


def _undo(change: Change) -> None:
    with suppress(RewriteError, OSError):
        if change.before is None:
            _check(Change(change.path, change.after, b""))
            change.path.unlink()
        else:
            _write(Change(change.path, change.after, change.before))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep out every other edit of this kind; raises ChangedError where one is under way."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{path}: is being edited by another process: nothing was written"
            raise ChangedError(message) from None
        yield


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A synced file of these bytes in the same folder, gone afterwards unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _keep(path: Path, temporary: Path) -> None:
    """Give a file the owner, the mode and the extended attributes of another."""
    old, new = path.stat(), temporary.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.chown(temporary, old.st_uid, old.st_gid)
        except PermissionError:
            message = f"{path}: its owner {old.st_uid}:{old.st_gid} could not be kept"
            raise RewriteError(f"{message}: run this as that user") from None
    temporary.chmod(old.st_mode & 0o7777)
    with suppress(OSError):
        for name in os.listxattr(path):
            with suppress(OSError):
                os.setxattr(temporary, name, os.getxattr(path, name))


def _sync(folder: Path) -> None:
    """Make a rename last; folders of some file systems cannot be synced, and need not be."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failed(path: Path, error: OSError) -> RewriteError:
    return RewriteError(f"{path}: cannot be written: {error.strerror or type(error).__name__}")
