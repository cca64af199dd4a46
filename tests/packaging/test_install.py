"""`evidenced install` and `uninstall`: below a root, and on a host with systemd."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evidenced.app import installing, laying
from evidenced.app.installing import File
from evidenced.app.laying import Deed, lay, planned, take_away
from evidenced.cli.commands import app
from systemd_box import Box

from .conftest import PROJECT

UNIT = "etc/systemd/system/evidenced.service"
PROGRAM = "/usr/local/bin/evidenced"


def _command(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output


def _tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_install_and_uninstall_leave_a_root_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "etc/evidenced").mkdir(parents=True)
    (tmp_path / "etc/evidenced/tokens").write_text("of somebody")
    before = _tree(tmp_path)
    status, said = _command("install", "--root", tmp_path)
    assert status == 0
    assert f"undo: evidenced uninstall --root {tmp_path}" in said
    laid = _tree(tmp_path)
    assert {UNIT, installing.CONFIG, installing.USER, laying.MANIFEST} <= set(laid)
    assert _command("uninstall", "--root", tmp_path)[0] == 0
    assert _tree(tmp_path) == before
    assert [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.rglob("*"))] == [
        "etc",
        "etc/evidenced",
        "etc/evidenced/tokens",
    ]


def test_each_file_that_is_laid_is_said(tmp_path: Path) -> None:
    _, said = _command("install", "--root", tmp_path)
    for path in set(_tree(tmp_path)) - {laying.MANIFEST}:
        assert f"lay {tmp_path / path}\n" in said


def test_what_was_edited_stays_and_is_named(tmp_path: Path) -> None:
    _command("install", "--root", tmp_path)
    config = tmp_path / installing.CONFIG
    config.write_text("listen: 127.0.0.1:1\n")
    status, again = _command("install", "--root", tmp_path)
    assert status == 0
    assert f"keep {config}  (it was edited: it stays as it is)\n" in again
    status, said = _command("uninstall", "--root", tmp_path)
    assert status == 0
    assert f"keep {config}  (it was edited: it stays as it is)\n" in said
    assert _tree(tmp_path) == {installing.CONFIG: b"listen: 127.0.0.1:1\n"}


def test_what_was_there_before_stays_and_is_named(tmp_path: Path) -> None:
    unit = tmp_path / UNIT
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    assert f"keep {unit}  (it was here before" in _command("install", "--root", tmp_path)[1]
    _command("uninstall", "--root", tmp_path)
    assert _tree(tmp_path) == {UNIT: b"[Service]\n"}


def test_what_was_there_before_and_is_the_same_is_not_taken_away(tmp_path: Path) -> None:
    unit = tmp_path / UNIT
    unit.parent.mkdir(parents=True)
    unit.write_bytes((PROJECT / "systemd/evidenced.service").read_bytes())
    _command("install", "--root", tmp_path)
    _command("uninstall", "--root", tmp_path)
    assert list(_tree(tmp_path)) == [UNIT]


def test_a_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/one").symlink_to(elsewhere)
    (step,) = lay(root, [File("etc/one", b"new")])
    assert step.deed is Deed.FOREIGN
    assert not elsewhere.exists()


def test_a_later_version_takes_the_place_of_what_was_laid(tmp_path: Path) -> None:
    lay(tmp_path, [File("a/one", b"1"), File("a/two", b"2")])
    (step, kept) = lay(tmp_path, [File("a/one", b"1+"), File("a/two", b"2")])
    assert (step.deed, kept.deed) == (Deed.UPDATE, Deed.SAME)
    assert (tmp_path / "a/one").read_bytes() == b"1+"
    take_away(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_planned_is_what_is_done(tmp_path: Path) -> None:
    files = installing.host_files(PROGRAM, ["icmp"])
    foreseen = planned(tmp_path, files)
    assert _tree(tmp_path) == {}
    assert lay(tmp_path, files) == foreseen


def test_files_and_folders_can_be_read_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        lay(tmp_path, [File("etc/evidenced/one", b"1")])
    finally:
        os.umask(before)
    modes = [
        (tmp_path / path).stat().st_mode & 0o777 for path in ("etc/evidenced", "etc/evidenced/one")
    ]
    assert modes == [0o755, 0o644]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', json.dumps({"version": 2, "files": {}, "folders": []})],
    ids=["empty", "cut", "list", "part", "newer"],
)
def test_a_manifest_that_cannot_be_read_stops_both(tmp_path: Path, text: str) -> None:
    manifest = tmp_path / laying.MANIFEST
    manifest.parent.mkdir(parents=True)
    manifest.write_text(text)
    for command in ("install", "uninstall"):
        status, said = _command(command, "--root", tmp_path)
        assert (status, str(manifest) in said) == (2, True)
    assert list(_tree(tmp_path)) == [laying.MANIFEST]


def test_the_units_run_the_program_that_is_named(tmp_path: Path) -> None:
    _command("install", "--root", tmp_path, "--program", "/opt/tools/evidenced")
    for unit in ("evidenced.service", "evidenced@.service", "evidenced-report.service"):
        text = (tmp_path / "etc/systemd/system" / unit).read_text()
        assert "ExecStart=/opt/tools/evidenced " in text
        assert PROGRAM not in text


@pytest.mark.parametrize(
    ("version", "expected"),
    [(0, []), (252, []), (253, ["notify-reload"]), (257, ["back-off", "notify-reload"])],
    ids=["unknown", "Debian 12", "the first that has it", "newer"],
)
def test_drop_ins_of_newer_versions_of_systemd_are_laid_there(
    version: int, expected: list[str]
) -> None:
    paths = {file.path for file in installing.host_files(PROGRAM, systemd=version)}
    for unit in ("evidenced.service", "evidenced@.service"):
        folder = f"etc/systemd/system/{unit}.d"
        assert sorted(Path(p).stem for p in paths if p.startswith(folder)) == expected


def test_a_drop_in_that_is_wanted_and_one_that_there_is_not(tmp_path: Path) -> None:
    status, said = _command("install", "--root", tmp_path, "--drop-in", "oven")
    assert (status, "no drop-in 'oven': there are" in said) == (2, True)
    assert _command("install", "--root", tmp_path, "--drop-in", "icmp")[0] == 0
    laid = tmp_path / f"{UNIT}.d/icmp.conf"
    assert laid.read_bytes() == (PROJECT / "systemd/drop-ins/icmp.conf").read_bytes()


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_who_is_not_root_is_told_so(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    status, said = _command(command)
    assert (status, f"sudo evidenced {command}" in said) == (2, True)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path: Path) -> None:
    image = tmp_path / "image"
    status, said = _command("install", "--dry-run", "--root", image)
    assert status == 0
    assert f"would lay {image}/etc/evidenced/evidenced.yaml\n" in said
    assert not image.exists()
    _command("install", "--root", image)
    before = _tree(image)
    status, said = _command("uninstall", "--dry-run", "--root", image)
    assert status == 0
    assert f"would remove {image}/etc/evidenced/evidenced.yaml\n" in said
    assert _tree(image) == before


def test_who_has_a_configuration_is_told_to_start_anew(tmp_path: Path) -> None:
    first, again = (_command("install", "--root", tmp_path)[1] for _ in range(2))
    assert "enable --now evidenced.service" in first
    assert "enable --now evidenced.service" not in again
    assert "systemctl try-restart 'evidenced*.service'" in again


def test_beside_a_package_of_the_distribution_nothing_is_laid(tmp_path: Path) -> None:
    unit = tmp_path / installing.PACKAGED
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    status, said = _command("install", "--root", tmp_path)
    assert (status, said.startswith(f"{unit}: a package")) == (2, True)
    assert list(_tree(tmp_path)) == [installing.PACKAGED]


def test_uninstall_where_all_that_was_laid_is_gone(tmp_path: Path) -> None:
    lay(tmp_path, [File("a/one", b"1")])
    (tmp_path / "a/one").unlink()
    assert _command("uninstall", "--root", tmp_path) == (0, "nothing is installed here\n")
    assert list(tmp_path.iterdir()) == []


def test_uninstall_where_nothing_is_installed(tmp_path: Path) -> None:
    assert _command("uninstall", "--root", tmp_path) == (0, "nothing is installed here\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_asks_the_program(shell: str) -> None:
    text = installing.completion(shell)
    assert "_EVIDENCED_COMPLETE" in text
    assert f"complete_{shell}" in text


def test_bash_completes_with_it(tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(installing.completion("bash"))
    asked = (
        f". {script}; COMP_WORDS=(evidenced unin); COMP_CWORD=1; "
        '_evidenced_completion evidenced; echo "${COMPREPLY[*]}"'
    )
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", asked],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PATH": f"{folder}:/usr/bin:/bin"},
    )
    assert done.stdout.strip() == "uninstall"


def test_on_a_host_with_systemd(machine: Box, named: Callable[[], set[str]]) -> None:
    before = named()
    program = str(Path(sys.executable).with_name("evidenced"))
    machine.run("ln", "--symbolic", program, "/root/evidenced")
    hidden = "/root/evidenced install 2>&1 | grep -o 'unit hides such folders'"
    assert machine.run("sh", "-c", hidden) == "unit hides such folders"
    assert named() == before

    said = machine.run(program, "install", "--program", PROGRAM, "--drop-in", "dbus")
    assert "ran systemd-sysusers /etc/sysusers.d/evidenced.conf" in said
    assert "ran systemctl daemon-reload" in said
    assert machine.run("getent", "passwd", "evidenced")
    shown = machine.run("systemctl", "show", "evidenced.service")
    assert "User=evidenced\n" in shown
    assert "evidenced.service.d/dbus.conf" in shown
    machine.run("systemctl", "enable", "--now", "evidenced.socket")

    machine.run(program, "uninstall")
    assert named() == before
    assert machine.run("systemctl", "list-units", "--all", "--no-legend", "evidenced*") == ""
