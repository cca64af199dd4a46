"""Noticing that a file is no longer what it was when it was read, however it was replaced."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

from watchfiles import awatch

SETTLE = 200
"""Milliseconds in which several changes count as one."""

LOOK_ANYWAY = 5000
"""Milliseconds after which to look without a notice: network file systems give none."""


async def notices(files: Callable[[], tuple[Path, ...]]) -> AsyncIterator[None]:
    """Yield whenever one of the files may have changed; `files` may answer anew each time.

    Folders are watched, not files: editors and deployments replace a file or the link to it, and a
    watch on the old one would see nothing more.
    """
    while True:
        yield  # what changed before the watch stood would go unnoticed
        watched = files()
        folders = {
            folder
            for file in watched
            for folder in (file.absolute().parent, file.resolve().parent)
            if folder.is_dir()
        }
        async for _ in awatch(
            *folders,
            recursive=False,
            step=50,
            debounce=SETTLE,
            rust_timeout=LOOK_ANYWAY,
            yield_on_timeout=True,
        ):
            yield
            if files() != watched:
                break
