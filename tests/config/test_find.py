from pathlib import Path

import pytest

from evidenced.config.find import find_config, state_dir
from evidenced.config.problem import ConfigError


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's configuration, not there yet; the current folder is empty as well."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "etc.yaml"


def test_the_nearest_that_there_is_is_found(system: Path) -> None:
    system.touch()
    assert find_config(None, {}, system) == system
    Path("evidenced.yaml").touch()
    assert find_config(None, {}, system) == Path("evidenced.yaml")
    assert find_config(None, {"EVIDENCED_CONFIG": ""}, system) == Path("evidenced.yaml")
    named = {"EVIDENCED_CONFIG": "/elsewhere.yaml"}
    assert find_config(None, named, system) == Path("/elsewhere.yaml")
    assert find_config(Path("given.yaml"), named, system) == Path("given.yaml")


def test_where_there_is_none_all_places_are_named(system: Path) -> None:
    with pytest.raises(ConfigError) as error:
        find_config(None, {}, system)
    assert str(error.value) == (
        f"no configuration: $EVIDENCED_CONFIG is not set, and neither {Path.cwd()}/evidenced.yaml "
        f"nor {system} is there; name one with --config FILE"
    )


def test_one_that_may_not_be_looked_at_is_not_passed_over(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = Path.stat

    def forbidden(path: Path) -> object:
        # Root may look at everything, and tests may run as root.
        if path == system:
            raise PermissionError
        return looked_at(path)

    monkeypatch.setattr(Path, "stat", forbidden)
    assert find_config(None, {}, system) == system


def test_a_path_below_a_file_is_not_there(system: Path) -> None:
    system.touch()
    with pytest.raises(ConfigError, match=r"^no configuration: "):
        find_config(None, {}, system / "evidenced.yaml")


@pytest.mark.parametrize(
    ("explicit", "environ", "folder"),
    [
        (Path("/given"), {"STATE_DIRECTORY": "/var/lib/evidenced"}, "/given"),
        (None, {"STATE_DIRECTORY": "/var/lib/evidenced"}, "/var/lib/evidenced"),
        (None, {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a"),
        (None, {"STATE_DIRECTORY": ""}, "/etc/evidenced"),
        (None, {}, "/etc/evidenced"),
    ],
)
def test_the_state_is_kept(explicit: Path | None, environ: dict[str, str], folder: str) -> None:
    assert state_dir(explicit, Path("/etc/evidenced/evidenced.yaml"), environ) == Path(folder)


def test_the_state_folder_is_absolute(system: Path) -> None:
    assert state_dir(None, Path("evidenced.yaml"), {}) == Path.cwd()
    assert state_dir(Path("state"), Path("evidenced.yaml"), {}) == Path.cwd() / "state"
