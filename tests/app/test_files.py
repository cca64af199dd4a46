import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from evidenced.app.files import notices
from evidenced.config.sources import mark


@pytest.fixture
async def noticed(tmp_path: Path) -> AsyncIterator[Callable[[], int]]:
    """Follow the file `watched` in a folder; how many changes were noticed so far."""
    (tmp_path / "watched").write_text("one")
    count = 0

    async def follow() -> None:
        nonlocal count
        known = mark(tmp_path / "watched")
        async for _ in notices(lambda: (tmp_path / "watched",)):
            count += mark(tmp_path / "watched") != known
            known = mark(tmp_path / "watched")

    task = asyncio.create_task(follow())
    yield lambda: count
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def rewrite(file: Path) -> None:
    file.write_text("written in place, and longer")


def replace(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_text("another file under the same name")
    new.replace(file)


def relink(file: Path) -> None:
    target = file.with_suffix(".target")
    target.write_text("behind a link")
    file.unlink()
    file.symlink_to(target)


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("change", [rewrite, replace, relink, remove])
async def test_a_change_is_noticed_however_it_is_made(
    change: Callable[[Path], None], noticed: Callable[[], int], tmp_path: Path
) -> None:
    before = noticed()
    change(tmp_path / "watched")
    await until(lambda: noticed() > before)
    assert noticed() > before


async def test_other_files_in_the_folder_are_none_of_its_business(
    noticed: Callable[[], int], tmp_path: Path
) -> None:
    await asyncio.sleep(0)
    before = noticed()
    (tmp_path / "other").write_text("nothing to do with it")
    replace(tmp_path / "watched")
    await until(lambda: noticed() > before)
    assert noticed() <= before + 2
