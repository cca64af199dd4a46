from pathlib import Path

import pytest

from evidenced.probes.filecache import LIMIT, FileCache, FileError
from evidenced.probes.threads import Workers


@pytest.fixture
def cache() -> FileCache:
    return FileCache(Workers(1))


async def test_a_file_is_read_again_only_when_it_has_changed(
    cache: FileCache, tmp_path: Path
) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"one")
    first = await cache.read(file)
    assert await cache.read(file) is first
    (tmp_path / "new").write_bytes(b"two")
    (tmp_path / "new").replace(file)
    assert await cache.read(file) == b"two"


async def test_a_file_that_cannot_be_sent(cache: FileCache, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"cannot read .*gone: No such file or directory"):
        await cache.read(tmp_path / "gone")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(LIMIT + 1)
    with pytest.raises(FileError, match=r"cannot send .*large: more than 16 MiB"):
        await cache.read(large)
