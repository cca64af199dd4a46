"""Files that are sent, read off the event loop and again only when they have changed."""

from pathlib import Path

from evidenced.probes.threads import Workers

LIMIT = 16 * 1024 * 1024
"""The most bytes of a file that is sent."""

_Stamp = tuple[int, int, int]


class FileError(Exception):
    """A file cannot be read: the looker's fault, not the target's. The text says why."""


class FileCache:
    """The contents of files, each as of its last change."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._read: dict[Path, tuple[_Stamp, bytes]] = {}

    async def read(self, path: Path) -> bytes:
        """What is in the file now; raises FileError."""
        known = self._read.get(path)
        self._read[path] = await self._workers.run(lambda: _read(path, known))
        return self._read[path][1]


def _read(path: Path, known: tuple[_Stamp, bytes] | None) -> tuple[_Stamp, bytes]:
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if known is not None and known[0] == stamp:
            return known
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or 'unreadable'}") from None
    if len(content) > LIMIT:
        raise FileError(f"cannot send {path}: more than {LIMIT // 1024 // 1024} MiB")
    return stamp, content
