"""The wheel, an environment with it, the Debian package, and a host to try them on."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from systemd_box import Box, booted

PROJECT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108  only folders with names of their own are made in there
DISK = Path("/var/tmp")  # noqa: S108  the same


@pytest.fixture
def machine() -> Iterator[Box]:
    """A machine of its own, booted with systemd over a copy of this one's files."""
    with booted() as box:
        yield box


@pytest.fixture
def named(machine: Box) -> Callable[[], set[str]]:
    """All files of the machine that have the name of the project."""

    def named() -> set[str]:
        found = machine.run("find", "/etc", "/usr", "/var/lib", "/run", "-name", "*evidenced*")
        # Bytecode in /run and units of systemd's own come and go with the units.
        return {path for path in found.splitlines() if not path.startswith("/run/")}

    return named


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program out of the wheel, in a fresh environment that sees the libraries of this one.

    It is made once for all processes that run tests; the wheel lies beside the environment.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "installed"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            _install(place)
            (place / "ready").touch()
    return place / "venv" / "bin" / "evidenced"


@pytest.fixture(scope="session")
def wheel(installed: Path) -> Path:
    """The wheel, built with nothing from a network."""
    (made,) = installed.parents[2].glob("*.whl")
    return made


def _install(place: Path) -> None:
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), str(PROJECT))
    (made,) = place.glob("*.whl")
    venv = place / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True, timeout=60)
    _pip("--python", str(venv / "bin" / "python"), "install", "--no-deps", str(made))
    # A folder on the path: the .pth files in it, such as that of this checkout, are not read.
    site = venv / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")


@pytest.fixture(scope="session")
def package() -> Iterator[Path]:
    """The Debian package, where the machine sees it, which has a /tmp of its own."""
    # In memory, where there is enough of it: thousands of files on a disk take long.
    enough = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**31
    folder = Path(tempfile.mkdtemp(prefix="evidenced-", dir=MEMORY if enough else DISK))
    try:
        built = subprocess.run(
            [
                sys.executable,
                PROJECT / "tools" / "deb",
                "--output",
                folder,
                "--compression",
                "none",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TMPDIR": str(folder)},
        )
        assert built.returncode == 0, built.stderr
        yield Path(built.stdout.strip())
    finally:
        shutil.rmtree(folder)


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *_at(arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def _at(arguments: tuple[str, ...]) -> list[str]:
    """With --no-index after the command, which `--python` stands before."""
    at = 3 if arguments[0] == "--python" else 1
    return [*arguments[:at], "--no-index", *arguments[at:]]
