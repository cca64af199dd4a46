"""`evidenced install` and `evidenced uninstall`: what a host needs beside the program."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evidenced.app import installing, laying
from evidenced.app.laying import Deed, Step
from evidenced.cli.options import BAD_INPUT

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be done; needs no root.")
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="The root of an image, instead of this host's; nothing is run then.",
    ),
]

_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108  compared, not written to
"""What the units hide from the daemon (ProtectHome=, PrivateTmp=)."""

_NOTES = {
    Deed.EDITED: "it was edited: it stays as it is",
    Deed.FOREIGN: "it was here before: it stays as it is",
    Deed.SAME: "it is as it should be",
}
_DEADLINE = 60.0
"""Seconds for a program of the host."""


def install(
    dry_run: DryRunOption = False,
    root: RootOption = None,
    program: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What the units run; else this program."),
    ] = None,
    drop_in: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A drop-in, such as icmp or dbus; may be repeated."),
    ] = None,
) -> None:
    """Lay units, their user, an example of a configuration and completion (exit 0, or 2)."""
    if root is None and not dry_run:
        _need_root("install")
    at = root or Path("/")
    _need_no_package(at)
    with _trouble_exits():
        runs = program or (Path(installing.PROGRAM) if root else _this_program(dry_run))
        version = 0 if root else _systemd_version()
        files = installing.host_files(str(runs), drop_in or (), version)
        steps = laying.planned(at, files) if dry_run else laying.lay(at, files)
    _tell(at, steps, dry_run)
    _then(_after_install(steps), root, dry_run)
    _say_next(at, root, {step.path: step.deed for step in steps})


def uninstall(dry_run: DryRunOption = False, root: RootOption = None) -> None:
    """Take away what `evidenced install` laid, and nothing else (exit 0, or 2)."""
    if root is None and not dry_run:
        _need_root("uninstall")
    at = root or Path("/")
    with _trouble_exits():
        steps = laying.to_take_away(at)
        if not steps:
            if not dry_run:
                laying.take_away(at)  # The manifest, where all that it names is gone.
            typer.echo("nothing is installed here")
            return
        going = [step.path for step in steps if step.deed is Deed.REMOVE]
        _then(_before_uninstall(going), root, dry_run)
        steps = steps if dry_run else laying.take_away(at)
    _tell(at, steps, dry_run)
    _then([["systemctl", "daemon-reload"]], root, dry_run)
    typer.echo(
        "left where they are: /var/lib/evidenced with the state, and the user; without need of "
        "them: rm -r /var/lib/evidenced; userdel evidenced"
    )


def _need_root(command: str) -> None:
    if os.geteuid() != 0:
        typer.echo(f"needs root: sudo evidenced {command}; or see with --dry-run", err=True)
        raise typer.Exit(BAD_INPUT)


def _need_no_package(at: Path) -> None:
    if (at / installing.PACKAGED).exists():
        typer.echo(
            f"{at / installing.PACKAGED}: a package of the distribution has laid all of it; "
            "drop-ins to choose from are in /usr/share/evidenced",
            err=True,
        )
        raise typer.Exit(BAD_INPUT)


@contextmanager
def _trouble_exits() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror or error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except (installing.UnknownDropInError, laying.ManifestError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None


def _this_program(dry_run: bool) -> Path:
    """The program that runs now; where the service could not see it, says so and exits with 2."""
    called = Path(sys.argv[0])
    found = called if called.is_absolute() else Path(shutil.which(called.name) or called.absolute())
    seen = {str(found), str(found.resolve()), sys.prefix, sys.base_prefix}
    hidden = sorted(path for path in seen if path.startswith(tuple(f"{one}/" for one in _HIDDEN)))
    if hidden:
        typer.echo(
            f"{hidden[0]}: the service could not see it, for its unit hides such folders. "
            "Install the program elsewhere (docs/install.md), or name it with --program.",
            err=True,
        )
        if not dry_run:
            raise typer.Exit(BAD_INPUT)
    return found


def _systemd_version() -> int:
    """The version of systemd that this host has; 0 for none, and where it does not say."""
    if not shutil.which("systemctl"):
        return 0
    said = _run(["systemctl", "--version"])
    found = re.match(r"systemd (\d+)", said.stdout)
    return int(found[1]) if found else 0


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    # Fixed words only, of which the first is looked up as in any shell.
    return subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, timeout=_DEADLINE
    )


def _tell(root: Path, steps: Sequence[Step], dry_run: bool) -> None:
    for step in steps:
        note = f"  ({_NOTES[step.deed]})" if step.deed in _NOTES else ""
        verb = "keep" if step.deed in _NOTES else step.deed.value
        typer.echo(f"{'would ' if dry_run else ''}{verb} {root / step.path}{note}")


def _after_install(steps: Sequence[Step]) -> list[list[str]]:
    changed = any(step.deed in (Deed.LAY, Deed.UPDATE) for step in steps)
    user = ["systemd-sysusers", f"/{installing.USER}"]
    return [user, ["systemctl", "daemon-reload"]] if changed else []


def _before_uninstall(paths: Sequence[str]) -> list[list[str]]:
    units = sorted(
        Path(path).name
        for path in paths
        if Path(path).parent == Path(installing.UNITS) and "@" not in path
    )
    return [["systemctl", "disable", "--now", *units]] if units else []


def _then(commands: Sequence[Sequence[str]], root: Path | None, dry_run: bool) -> None:
    """Run what makes the host take notice; say so, and what could not be run."""
    for command in commands:
        words = " ".join(command)
        booted = Path("/run/systemd/system").is_dir() or command[0] != "systemctl"
        if dry_run and root is None:
            typer.echo(f"would run {words}")
        elif root is not None:
            typer.echo(f"to be run in the image, where it has systemd: {words}")
        elif not booted or not shutil.which(command[0]):
            typer.echo(f"not run, as this host is not booted with systemd: {words}")
        else:
            done = _run(command)
            typer.echo(f"ran {words}" if done.returncode == 0 else f"failed: {words}")
            if done.returncode:
                typer.echo(done.stderr.strip(), err=True)


def _say_next(at: Path, root: Path | None, deeds: Mapping[str, Deed]) -> None:
    undo = "evidenced uninstall" if root is None else f"evidenced uninstall --root {root}"
    if deeds[installing.CONFIG] is Deed.LAY:
        typer.echo(f"next: change {at / installing.CONFIG} to your site, then")
        typer.echo("      evidenced validate && systemctl enable --now evidenced.service")
    else:
        typer.echo("next: evidenced validate && systemctl try-restart 'evidenced*.service'")
    typer.echo(f"undo: {undo}")
