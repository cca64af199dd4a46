"""A terminal in which the commands of a page are run as they stand there."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner

from docs.blocks import Block, like, lines, shown
from docs.programs import PARTS, PATIENCE
from evidenced.cli.commands import app


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, on both of its outputs, and how it ended."""

    status: int
    out: str


@dataclass(slots=True)
class Terminal:
    """Runs commands in a folder: ours in this process, all others in a shell.

    `instead` has what stands in the place of what the page says: ports differ from test to test.
    """

    folder: Path
    instead: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """The text, with the addresses of this test."""
        if not self.instead:
            return text
        any_of = "|".join(rf"(?<!\d){re.escape(there)}(?!\d)" for there in self.instead)
        return re.sub(any_of, lambda found: self.instead[found[0]], text)

    def run(self, line: str) -> Ran:
        """One line."""
        line = self.here(line)
        if found := re.fullmatch(r"((?:\w+=\S+ )*)evidenced ([^|>]*)", line):
            given = dict(word.split("=", 1) for word in found[1].split())
            words = shlex.split(found[2], comments=True)
            with chdir(self.folder):
                done = CliRunner().invoke(app, words, env=self.environment | given)
            if done.exception and not isinstance(done.exception, SystemExit):
                raise done.exception
            return Ran(done.exit_code, done.output)
        process = subprocess.run(
            ["bash", "-euc", line],
            cwd=self.folder,
            env=shell_environment() | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ran(process.returncode, process.stdout)

    def script(self, block: Block, ends: Mapping[str, int | None]) -> dict[str, str]:
        """All lines of a block of `sh`: what each printed.

        Each ends with 0 unless `ends` says otherwise; None there is one that is not run.
        """
        found = {}
        for line in lines(block.text):
            command = line.partition("  #")[0].strip()
            if (status := ends.get(command, 0)) is not None:
                ran = self.run(command)
                assert ran.status == status, f"{block.place}: {command}\n{ran.out}"
                found[command] = ran.out
        return found

    def session(self, block: Block) -> None:
        """All commands of a block of `console`: each comes to print what is shown below it."""
        for command, output in shown(block):
            pattern = like(self.here(output))
            until = time.monotonic() + PATIENCE
            while not pattern.match((ran := self.run(command)).out):
                said = f"{block.place}: {command}\nprinted\n{ran.out}\nnot\n{output}"
                assert time.monotonic() < until, said
                time.sleep(0.1)


def shell_environment() -> dict[str, str]:
    """That of this process, with the programs and libraries of the parts."""
    libraries = [*PARTS.glob("usr/lib/*-linux-gnu"), *PARTS.glob("lib/*-linux-gnu")]
    programs = [PARTS / "usr/bin", PARTS / "usr/sbin", Path(sys.executable).parent]
    return os.environ | {
        "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
        "LD_LIBRARY_PATH": os.pathsep.join(map(str, libraries)),
    }
