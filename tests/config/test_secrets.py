from pathlib import Path

import pytest

from evidenced.config.secrets import LIMIT, read_secret


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"swordfish", "swordfish"),
        (b"swordfish\n", "swordfish"),
        (b"swordfish\r\n", "swordfish"),
        (b" sword fish \n\n", " sword fish \n"),
        ("κωδικός\n".encode(), "κωδικός"),
    ],
)
def test_a_secret_is_read_without_its_newline(tmp_path: Path, content: bytes, secret: str) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    assert read_secret(path).reveal() == secret


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "nothing in it"),
        (b"\n", "nothing in it"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (LIMIT + 1), "more than 64 KiB, which is no secret"),
    ],
    ids=["gone", "empty", "newline", "binary", "large"],
)
def test_a_file_without_a_secret_is_refused(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"secret: ") as error:
        read_secret(path)
    assert str(error.value) == f"{path}: {reason}"
