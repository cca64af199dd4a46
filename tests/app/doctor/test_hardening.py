import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidenced.app.doctor import hardening

pytestmark = pytest.mark.usefixtures("programs")

UNIT = "evidenced.service"
BARE = "[Service]\nExecStart=/bin/true\n"
SHUT = (
    BARE
    + """DynamicUser=yes
CapabilityBoundingSet=
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallArchitectures=native
PrivateDevices=yes
PrivateNetwork=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
IPAddressDeny=any
UMask=0077
"""
)


@pytest.mark.parametrize(
    ("state", "verdict", "what"),
    [
        ({"ActiveState": "active", "UnitFileState": "enabled"}, "ok", "is active (enabled)"),
        ({"ActiveState": "active", "UnitFileState": "disabled"}, "warning", "no boot starts it"),
        ({"ActiveState": "inactive"}, "warning", "is inactive"),
        ({"ActiveState": "failed"}, "problem", "has failed"),
        ({"ActiveState": "active", "NeedDaemonReload": "yes"}, "warning", "changed on disk"),
    ],
    ids=["fine", "disabled", "stopped", "failed", "changed"],
)
def test_how_the_unit_is(
    state: dict[str, str], verdict: str, what: str, said: Callable[..., Any]
) -> None:
    ((found, line),) = said((hardening.running(UNIT, state),))
    assert found == verdict
    assert what in line


@pytest.mark.parametrize(
    ("text", "verdict"), [(BARE, "warning"), (SHUT, "ok")], ids=["bare", "shut in"]
)
def test_how_far_it_is_shut_in(
    text: str, verdict: str, said: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / UNIT
    file.write_text(text)
    analyzed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", file],
        capture_output=True,
        text=True,
        check=False,
    )
    ((found, line),) = said((hardening.hardened(UNIT, analyzed.stdout),))
    assert found == verdict, line
    assert "exposure" in line


def test_what_systemd_does_not_say(said: Callable[..., Any]) -> None:
    assert said((hardening.hardened(UNIT, ""),))[0][0] == "not looked at"


async def test_another_init_is_not_looked_at(
    read: Callable[..., Any],
    said: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hardening, "BOOTED", tmp_path / "none")
    found = said(await hardening.examine(await read()))
    assert found == [("not looked at", "systemd does not run this host")]


async def test_a_unit_that_is_not_installed(
    read: Callable[..., Any],
    said: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # systemctl without a systemd to ask prints nothing, as for a unit that it does not know
    monkeypatch.setattr(hardening, "BOOTED", tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    monkeypatch.setenv("SYSTEMCTL_FORCE_BUS", "1")
    monkeypatch.setattr(hardening, "_SHOWN", "LoadState")
    found = said(await hardening.examine(await read()))
    assert found == [("not looked at", "evidenced.service is not installed")]
