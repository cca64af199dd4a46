"""Commands are imported when they are asked for, and are what is said of them before that."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import run
from evidenced.cli.commands import app
from evidenced.cli.lazy import LazyGroup, whole
from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store

LEDGER = """
## CLOSED

- **Ovens** (2026-01-02): /ovens returns 200

## STABLE

- **Loaves**: rise
"""
CONFIG = "ledger: {path: STATE.md, base_url: 'http://bakery.example'}\n"
SEVERAL = """
import json, os, sys
from evidenced.cli import main

for arguments, environment in json.loads(sys.argv[1]):
    sys.argv = ["evidenced", *arguments]
    os.environ.update(environment)
    try:
        main()
    except SystemExit as ended:
        status = ended.code
sys.stderr.write("\\n" + json.dumps([status, list(sys.modules)]))
"""
COMPLETION = {
    "_EVIDENCED_COMPLETE": "complete_bash",
    "COMP_WORDS": "evidenced ledger ",
    "COMP_CWORD": "2",
}
STORE = ("sqlalchemy", "alembic")
DAEMON = ("structlog", "prometheus_client", "uvloop", "evidenced.app.daemon", "evidenced.demo")
LOOKING = ("aiohttp", "cryptography", "dbus_fast", "dns", "jsonpath", "selectolax")


def _groups(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, LazyGroup]]:
    if isinstance(command, LazyGroup):
        yield " ".join(words), command
        for name in command.table:
            yield from _groups(command.commands[name], (*words, name))


GROUPS = dict(_groups(whole(app)))


def imported(
    folder: Path, *commands: list[str], environment: dict[str, str] | None = None
) -> tuple[int, str, set[str]]:
    """What a process of its own has imported after these commands, and how the last one ended."""
    given: list[tuple[list[str], dict[str, str]]] = [(command, {}) for command in commands]
    given[-1][1].update(environment or {})
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, json.dumps(given)],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("EVIDENCED_")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, modules = json.loads(done.stderr.splitlines()[-1])
    return status, done.stdout, set(modules)


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """A folder with a ledger, a configuration and a store."""
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "evidenced.yaml").write_text(CONFIG, "utf-8")

    async def keep() -> None:
        async with Store("sqlite:///evidence.db", tmp_path) as store:
            store.put(
                Evidence(
                    at=time.time(),
                    claim="ovens",
                    section="closed",
                    check="ovens",
                    before="verified",
                    standing="contradicted",
                )
            )

    asyncio.run(keep())
    return tmp_path


def test_every_group_is_looked_at() -> None:
    assert set(GROUPS) == {"", "ledger", "ledger next", "maintenance", "evidence"}


@pytest.mark.parametrize("group", GROUPS)
def test_a_list_of_commands_says_of_each_what_its_own_help_begins_with(group: str) -> None:
    own = {name: command.help or "" for name, command in GROUPS[group].commands.items()}
    first = {name: " ".join(text.split("\n\n")[0].split("\n")) for name, text in own.items()}
    said = {name: entry.help for name, entry in GROUPS[group].table.items()}
    assert list(said.items()) == list(first.items())


def test_a_word_that_is_no_command_is_answered_with_the_nearest() -> None:
    ran = run("ledger", "sho")
    assert (ran.status, ran.out) == (2, "")
    assert "No such command 'sho'. Did you mean 'show'?" in ran.err


def test_help_version_and_completion_import_no_command(tmp_path: Path) -> None:
    status, out, modules = imported(
        tmp_path, [], ["--help"], ["--version"], ["ledger", "--help"], [], environment=COMPLETION
    )
    assert status == 0
    assert out.endswith("\n".join(GROUPS["ledger"].table) + "\n")
    assert not modules.intersection((*STORE, *DAEMON, *LOOKING, "yaml", "asyncio"))
    ours = {module for module in modules if module.startswith("evidenced.")}
    assert ours == {f"evidenced.cli{module}" for module in ("", ".commands", ".lazy")}


@pytest.mark.parametrize(
    ("command", "exits", "needed", "without"),
    [
        ("ledger show STATE.md", 0, "rich", (*STORE, *DAEMON, *LOOKING, "asyncio")),
        ("validate", 0, "evidenced.publish.rules", (*STORE, *DAEMON, *LOOKING, "asyncio")),
        ("gate ovens", 3, "sqlalchemy", ("alembic", *DAEMON, *LOOKING)),
        (
            "maintenance list --url http://127.0.0.1:1",
            1,
            "aiohttp",
            (*STORE, *DAEMON, "rich", "markdown_it", "cryptography", "evidenced.config.model"),
        ),
    ],
    ids=["ledger show", "validate", "gate", "maintenance"],
)
def test_a_command_imports_what_it_needs(
    command: str, exits: int, needed: str, without: tuple[str, ...], bakery: Path
) -> None:
    status, _, modules = imported(bakery, command.split())
    assert (status, needed in modules) == (exits, True)
    assert not modules.intersection(without)
