"""How far the unit is shut in, where systemd runs the daemon."""

import asyncio
import re
import shutil
from pathlib import Path

from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, warning
from evidenced.app.doctor.subject import Subject

BOOTED = Path("/run/systemd/system")
"""A folder that is there where systemd is what runs this host (sd_booted(3))."""

PATIENCE = 8.0
"""Seconds in which a command of systemd must end."""

EXPOSED = 2.0
"""The exposure above which the unit is warned of; the unit that comes with us is below 1.5, and
what a drop-in opens for a kind of probe adds a little."""

_LEVEL = re.compile(r"Overall exposure level for [^:\n]*: *([0-9]+\.[0-9]+)")
_SHOWN = "LoadState,ActiveState,UnitFileState,NeedDaemonReload"


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """What systemd says of the unit."""
    unit = subject.places.unit
    if not _is_booted():
        return (not_looked_at("systemd does not run this host"),)
    shown = await _output("systemctl", "show", "--property", _SHOWN, "--", unit)
    state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if state.get("LoadState") != "loaded":
        mend = "install it, or name another one with --unit"
        return (not_looked_at(f"{unit} is not installed", mend),)
    exposure = await _output("systemd-analyze", "security", "--no-pager", "--", unit)
    return (running(unit, state), hardened(unit, exposure))


def _is_booted() -> bool:
    return BOOTED.is_dir() and shutil.which("systemctl") is not None


def running(unit: str, state: dict[str, str]) -> Finding:
    """What is said of a unit by its properties."""
    active, enabled = state.get("ActiveState", ""), state.get("UnitFileState", "")
    if active == "failed":
        return problem(f"{unit} has failed", f"`journalctl -u {unit} -e` says why")
    if state.get("NeedDaemonReload") == "yes":
        return warning(
            f"{unit} changed on disk since it was read",
            f"systemctl daemon-reload && systemctl restart {unit}",
        )
    if active != "active":
        return warning(f"{unit} is {active}", f"systemctl enable --now {unit}")
    if enabled == "disabled":
        return warning(f"{unit} runs, but no boot starts it", f"systemctl enable {unit}")
    return ok(f"{unit} is active ({enabled})")


def hardened(unit: str, text: str) -> Finding:
    """What `systemd-analyze security` amounts to."""
    found = _LEVEL.search(text)
    if found is None:
        return not_looked_at(f"how far {unit} is shut in: systemd-analyze does not say")
    level = float(found[1])
    if level > EXPOSED:
        return warning(
            f"{unit} may do more than it has to: exposure {level} of 10",
            "install the unit that comes with this version, and see what drop-ins open: "
            f"`systemctl cat {unit}`",
        )
    return ok(f"{unit} is shut in: exposure {level} of 10")


async def _output(*command: str) -> str:
    """What a command prints; nothing where it cannot be run or does not end."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
    except TimeoutError:
        return ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode("utf-8", "replace")
