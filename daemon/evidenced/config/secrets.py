"""Secrets that stand in files of their own, such as systemd's credentials."""

from pathlib import Path

from evidenced.config.types import Secret

LIMIT = 64 * 1024
"""The most bytes of a secret: a file with more is a mistake."""


def read_secret(path: Path) -> Secret:
    """The secret in a file, without the newline that ends it.

    Raises ValueError, with the path and the reason on one line, where there is no text to be had.
    """
    try:
        return Secret(secret_text(path))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def secret_text(path: Path) -> str:
    """The text in a file, without the newline that ends it; ValueError gives only the reason."""
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise ValueError(error.strerror or type(error).__name__) from None
    if len(content) > LIMIT:
        raise ValueError(f"more than {LIMIT // 1024} KiB, which is no secret")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise ValueError("nothing in it")
    return text
