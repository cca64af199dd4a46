"""The tutorial, followed from its first line to its last: site, daemon, pager and Alertmanager."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from docs.blocks import Block, blocks, commands
from docs.living import Life
from docs.programs import listens, process, until
from docs.terminal import Terminal, shell_environment
from evidenced.ledger.model import Section
from evidenced.ledger.parse import read
from integration.alerting import _command as alertmanager
from ports import free_port

PORTS = ("8000", "8001", "9093", "9321")
"""Those of the page, each of which is another one here."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Ports of this test in the place of the page's, and a beat that is five times as quick."""
    ports = dict(zip(PORTS, (str(free_port()) for _ in PORTS), strict=True))
    quick = {"interval: 5s": "interval: 1s", "  5s     config": "  1s     config"}
    return Terminal(tmp_path, ports | quick)


def test_the_tutorial_can_be_followed(terminal: Terminal) -> None:
    folder, paged = terminal.folder, terminal.folder / "8001.log"
    with Life.begin() as life, ExitStack() as running:
        for block in blocks("docs/tutorial.md"):
            if name := re.search(r"Write `([\w.]+)`:$", block.before):
                (folder / name[1]).write_text(terminal.here(block.text), "utf-8")
            elif block.language == "yaml":
                with (folder / "evidenced.yaml").open("a", encoding="utf-8") as config:
                    config.write(terminal.here(block.text))
                until(lambda: "PAGE: firing The CLOSED claim cart" in paged.read_text("utf-8"))
                assert "found 39 bytes without it (body)" in paged.read_text("utf-8")
            elif block.before == "Left running:":
                left_running(block, terminal, life, running)
            elif block.language == "console":
                terminal.session(block)
            else:
                terminal.script(block, {})
        ledger = read(folder / "STATE.md")
        (item,) = ledger.sections[Section.CLOSED]
        assert "Reopened" in item.text
        assert ledger.claims == (item,)


def left_running(block: Block, terminal: Terminal, life: Life, running: ExitStack) -> None:
    """Start what the page leaves running in a terminal of its own, and wait until it listens."""
    (words,) = commands(terminal.here(block.text))
    if words[0] == "evidenced":
        assert words == ["evidenced", "run"]
        life.daemon(terminal.folder / "evidenced.yaml")
        return
    shown = {"-m": "8000", "pager.py": "8001"}.get(words[1], "9093")
    port = terminal.instead[shown]
    if words[0] == "prometheus-alertmanager":
        words = alertmanager(*words[1:], f"--web.listen-address=127.0.0.1:{port}")
    log = terminal.folder / f"{shown}.log"
    running.enter_context(process(words, terminal.folder, shell_environment(), log))
    until(lambda: listens(int(port)))
