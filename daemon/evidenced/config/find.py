"""Where the configuration and the daemon's state are, when nobody says so."""

from collections.abc import Mapping
from pathlib import Path

from evidenced.config.problem import ConfigError

LOCAL_CONFIG = Path("evidenced.yaml")
SYSTEM_CONFIG = Path("/etc/evidenced/evidenced.yaml")


def find_config(
    explicit: Path | None, environ: Mapping[str, str], system: Path = SYSTEM_CONFIG
) -> Path:
    """The configuration to use: the one given, $EVIDENCED_CONFIG, ./evidenced.yaml, the system's.

    One that is named is not looked for: reading it says what is wrong with it. Raises ConfigError,
    naming the places looked at, where none is named and none is there.
    """
    if explicit is not None:
        return explicit
    if named := environ.get("EVIDENCED_CONFIG"):
        return Path(named)
    for path in (LOCAL_CONFIG, system):
        if _is_there(path):
            return path
    raise ConfigError(
        f"no configuration: $EVIDENCED_CONFIG is not set, and neither {LOCAL_CONFIG.absolute()} "
        f"nor {system} is there; name one with --config FILE"
    )


def _is_there(path: Path) -> bool:
    """Whether there is such a file, also one that may not be looked at: reading it says so."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def state_dir(explicit: Path | None, config: Path, environ: Mapping[str, str]) -> Path:
    """The folder for the daemon's state: the one given, $STATE_DIRECTORY, or the config's own.

    systemd sets $STATE_DIRECTORY to several folders with colons between them where a unit asks
    for several (systemd.exec(5), RuntimeDirectory=): the first is taken. The path is absolute.
    """
    if explicit is not None:
        return explicit.absolute()
    if first := environ.get("STATE_DIRECTORY", "").split(":")[0]:
        return Path(first).absolute()
    return config.absolute().parent
