"""What `evidenced install` lays on a host, and where: each file with what is in it.

The places are those for what an administrator adds beside the packages of the distribution
(file-hierarchy(7), systemd.unit(5), sysusers.d(5)); the Debian package has places of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from typer.completion import get_completion_script  # type: ignore[attr-defined]

from evidenced.app.shipped import below

UNITS = "etc/systemd/system"
CONFIG = "etc/evidenced/evidenced.yaml"
SHARE = "usr/local/share/evidenced"
USER = "etc/sysusers.d/evidenced.conf"

PACKAGED = "usr/lib/systemd/system/evidenced.service"
"""The daemon's unit where the Debian package has laid it."""

PROGRAM = "/usr/local/bin/evidenced"
"""As the units name it."""

_COMPLETIONS = {
    "bash": "usr/local/share/bash-completion/completions/evidenced",
    "zsh": "usr/local/share/zsh/site-functions/_evidenced",
    "fish": "usr/local/share/fish/vendor_completions.d/evidenced.fish",
}

_SINCE = "since-"
"""Drop-ins in folders of this name are for systemd of that version and later."""


@dataclass(frozen=True, slots=True)
class File:
    """A file for the host: its path below the root, without a slash before it, and its bytes."""

    path: str
    content: bytes


class UnknownDropInError(ValueError):
    """There is no drop-in of this name."""


def drop_ins() -> dict[str, bytes]:
    """Those that a host may want, by name: `icmp`, `dbus` and so on."""
    return {
        path.removesuffix(".conf"): content
        for path, content in below("systemd/drop-ins")
        if "/" not in path
    }


def host_files(program: str, wanted: Iterable[str] = (), systemd: int = 0) -> tuple[File, ...]:
    """All files for a host on which `program` is the path of `evidenced`, sorted by path.

    `wanted` are names of drop-ins for the daemon's unit, `systemd` the version of systemd there, 0
    where nobody knows. Raises UnknownDropInError.
    """
    found = [
        *_units(program, systemd),
        *_dropped(wanted),
        *(File(path, completion(shell).encode()) for shell, path in _COMPLETIONS.items()),
        *_examples(),
    ]
    return tuple(sorted(found, key=lambda file: file.path))


def completion(shell: str) -> str:
    """What a shell (bash, zsh, fish) reads to complete the command line."""
    variable = "_EVIDENCED_COMPLETE"
    return f"{get_completion_script(prog_name='evidenced', complete_var=variable, shell=shell)}\n"


def _units(program: str, systemd: int) -> Iterator[File]:
    for path, content in below("systemd"):
        if path == "evidenced.sysusers":
            yield File(USER, content)
        elif "/" not in path:
            text = content.decode().replace(PROGRAM, program)
            yield File(f"{UNITS}/{path}", text.encode())
            if path in ("evidenced.service", "evidenced@.service"):
                yield from _for_version(path, systemd)


def _for_version(unit: str, systemd: int) -> Iterator[File]:
    for path, content in below("systemd/drop-ins"):
        since, slash, name = path.partition("/")
        if slash and int(since.removeprefix(_SINCE)) <= systemd:
            yield File(f"{UNITS}/{unit}.d/{name}", content)


def _dropped(wanted: Iterable[str]) -> Iterator[File]:
    known = drop_ins()
    for name in sorted(set(wanted)):
        if name not in known:
            raise UnknownDropInError(f"no drop-in {name!r}: there are {', '.join(sorted(known))}")
        yield File(f"{UNITS}/evidenced.service.d/{name}.conf", known[name])


def _examples() -> Iterator[File]:
    for path, content in below("config"):
        if path == "evidenced.yaml":
            yield File(CONFIG, content)
        yield File(f"{SHARE}/config/{path}", content)
    for name in ("grafana/dashboards", "grafana/provisioning", "systemd/drop-ins"):
        for path, content in below(name):
            yield File(f"{SHARE}/{name}/{path}", content)
