"""A real PostgreSQL server for the tests of any room."""

import os
import shutil
import subprocess
from pathlib import Path

import asyncpg

from ports import free_port

PARTS = Path(__file__).parents[1] / ".parts/root/usr"


class Server:
    """A PostgreSQL server of our own on a free port of loopback; stopped and started at will."""

    def __init__(self, folder: Path) -> None:
        # It refuses to be root's, so as root it is nobody's, as are copies of its files: those of
        # the parts may lie where nobody can go.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._home = folder
        self._data = folder / "data"
        self._programs = PARTS
        if self._user:
            self._programs = folder / "usr"
            for name in ("lib/postgresql/15", "share/postgresql/15"):
                shutil.copytree(PARTS / name, self._programs / name)
            for library in PARTS.glob("lib/*-linux-gnu/lib*.so.*"):
                target = self._programs / library.relative_to(PARTS)
                target.parent.mkdir(exist_ok=True)
                shutil.copy(library, target)
            shutil.chown(folder, self._user)
        self.port = free_port()
        self._run(
            "initdb", "--username=tester", "--auth=trust", "--no-sync", "--encoding=UTF8",
            "--no-locale",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self._home} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self._home / "log")
        self._run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def address(self, database: str) -> str:
        return f"postgresql+asyncpg://tester@127.0.0.1:{self.port}/{database}"

    async def create(self, database: str) -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=self.port, user="tester", database="postgres"
        )
        try:
            await connection.execute(f'CREATE DATABASE "{database}" STRATEGY file_copy')
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        libraries = ":".join(str(path) for path in self._programs.glob("lib/*-linux-gnu"))
        done = subprocess.run(
            [self._programs / "lib/postgresql/15/bin" / program, "-D", self._data, *arguments],
            user=self._user,
            cwd=self._home,
            env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": libraries, "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{program} failed: {done.stderr!r}"
