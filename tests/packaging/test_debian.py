"""The Debian package on a host: installed, upgraded, removed and purged by dpkg.

All in one test, as the package takes long to build.
"""

import re
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from ports import free_port
from systemd.hosting import Host
from systemd_box import Box

CONFIG = Path("etc/evidenced/evidenced.yaml")
LEDGER = """# STATE

Updated: 2026-03-01T09:00Z

## CLOSED

- **Oven**: is named. Closed 2026-02-20.
"""


@pytest.fixture
def later(package: Path) -> Path:
    """The package of a later version, with another example of a configuration."""
    tree = package.with_name("later")
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True, timeout=60)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^(Version: .*)-1$", r"\1-2", control.read_text()))
    (tree / CONFIG).write_text((tree / CONFIG).read_text() + "# One key more.\n")
    made = package.with_name("later.deb")
    subprocess.run(
        ["dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, made],
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )
    return made


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _configure(host: Host) -> int:
    port = free_port()
    host.write("/srv/STATE.md", LEDGER)
    host.write(
        f"/{CONFIG}",
        f"listen: 127.0.0.1:{port}\nledger: {{path: /srv/STATE.md}}\n"
        "checks:\n  - {name: oven, claims: [oven], interval: 1s, file: {path: /etc/hostname}}\n",
    )
    return port


def _has_nothing_of_who_built_it(package: Path, tree: Path) -> None:
    listed = subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()
    modes, owners, _, dates, times, paths = zip(
        *(line.split(maxsplit=5) for line in listed), strict=True
    )
    assert set(owners) == {"root/root"}
    assert {(date, hour) for date, hour in zip(dates, times, strict=True)} == {
        ("2023-11-14", "22:13")
    }
    assert {mode for mode in modes if mode[0] in "-d"} <= {
        "drwxr-xr-x",
        "-rw-r--r--",
        "-rwxr-xr-x",
    }
    assert "./etc/evidenced/evidenced.yaml" in paths
    here = str(Path(__file__).parents[2]).encode()
    ours = [
        *(tree / "usr/lib/evidenced").rglob("evidenced/**/*"),
        *(tree / "usr/share").rglob("*"),
        *(tree / "usr/lib/evidenced").rglob("*.dist-info/*"),
    ]
    assert len(ours) > 300, tree
    assert [path for path in ours if path.is_file() and here in path.read_bytes()] == []


def test_its_life_on_a_host(
    package: Path, later: Path, machine: Box, named: Callable[[], set[str]]
) -> None:
    _has_nothing_of_who_built_it(package, later.with_suffix(""))
    before = named()
    host = Host(machine)

    machine.run("dpkg", "--force-unsafe-io", "--install", str(package))
    assert machine.run("evidenced", "--version").startswith("evidenced ")
    assert "evidenced" in machine.run("getent", "passwd", "evidenced")
    assert host.show("evidenced.service")["ActiveState"] == "inactive"
    assert host.show("evidenced.service")["UnitFileState"] == "disabled"
    example = (machine.root / CONFIG).read_text()

    port = _configure(host)
    edited = (machine.root / CONFIG).read_text()
    machine.run("evidenced", "validate")
    host.systemctl("enable", "--now", "evidenced.service", "evidenced-report.timer")
    host.systemctl("enable", "evidenced@other.service")
    stamp = machine.root / "var/lib/systemd/timers/stamp-evidenced-report.timer"
    assert stamp.exists(), "systemd keeps when a timer ran last"
    host.wait("it answers", lambda: _answers(port))
    state = machine.root / "var/lib/evidenced"
    host.wait("it keeps evidence", lambda: any(state.glob("evidence.db*")))
    owner = machine.run("stat", "--format=%U", "/var/lib/evidenced")
    assert owner == "evidenced"
    (state / "kept").write_text("by the version before")
    first = host.show("evidenced.service")["MainPID"]

    machine.run("dpkg", "--force-unsafe-io", "--force-confold", "--install", str(later))
    assert machine.run("dpkg-query", "-Wf${Version}", "evidenced").endswith("-2")
    host.wait("it answers after the upgrade", lambda: _answers(port))
    assert host.show("evidenced.service")["MainPID"] not in {first, "0"}
    assert (machine.root / CONFIG).read_text() == edited
    beside = machine.root / f"{CONFIG}.dpkg-dist"
    assert beside.read_text() == f"{example}# One key more.\n"
    assert (state / "kept").read_text() == "by the version before"

    machine.run("dpkg", "--remove", "evidenced")
    assert not _answers(port)
    assert host.show("evidenced.service")["LoadState"] == "not-found"
    assert not (machine.root / "usr/lib/evidenced").exists()
    assert (machine.root / CONFIG).read_text() == edited
    assert (state / "kept").exists()

    machine.run("dpkg", "--purge", "evidenced")
    assert named() == before
    assert machine.run("getent", "passwd", "evidenced", check=False) == ""
    assert machine.run("systemctl", "list-units", "--all", "--no-legend", "evidenced*") == ""
