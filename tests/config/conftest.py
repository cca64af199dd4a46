"""A folder with a configuration in it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evidenced.config.load import ConfigError, load
from evidenced.config.model import Config

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Load a text as a configuration in tmp_path."""

    def load_text(text: str, environ: Mapping[str, str] | None = None) -> Config:
        path = tmp_path / "evidenced.yaml"
        path.write_text(text, "utf-8")
        return load(path, environ or {})

    return load_text


@pytest.fixture
def refuses(loads: Loads, tmp_path: Path) -> Refuses:
    """The lines that say what is wrong with a text, without the folder."""

    def lines(text: str, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as error:
            loads(text, environ)
        return [line.removeprefix(f"{tmp_path}/") for line in str(error.value).splitlines()]

    return lines
