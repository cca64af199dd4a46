"""The page on systemd: its commands run, its drop-ins are there, and it says what the units say."""

import re

import pytest
from markdown_it import MarkdownIt

from evidenced.probes.registry import KINDS
from ports import free_port
from systemd.hosting import PROJECT, UNITS, Host
from systemd.test_sandbox import WITH_DROP_IN

PAGE = (PROJECT / "docs" / "systemd.md").read_text("utf-8")
FENCES = [token for token in MarkdownIt().parse(PAGE) if token.type == "fence"]
COMMANDS = [token.content for token in FENCES if token.info == "sh"]
(CONFIG,) = [token.content for token in FENCES if token.info == "yaml"]


def test_its_commands_run_one_after_the_other(host: Host) -> None:
    checks = "  - {name: till, claims: [till], file: {path: /etc/hostname}}\n"
    more = "report: {path: /var/lib/evidenced/FACTS.md}"
    host.configure("evidenced", checks, more)
    port = free_port()
    # The box shares the network of the machine, on which the usual port may be taken.
    text = f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{port}\n"
    host.write("/etc/systemd/system/evidenced.socket.d/port.conf", text)
    try:
        for commands in COMMANDS:
            if "credstore" in commands:
                host.configure("evidenced", checks, f"{CONFIG}{more}")
            host.run("sh", "-euc", f"cd {PROJECT}\n{commands}")
        shown = host.show("evidenced.service")
        assert shown["ActiveState"] == "active"
        assert "icmp.conf" in shown["DropInPaths"]
        assert "since" not in shown["DropInPaths"]
    finally:
        units = "evidenced.socket", "evidenced.service", "evidenced-report.timer"
        host.systemctl("disable", "--now", *units, check=False)
        host.box.run("rm", "-rf", "/etc/systemd/system/evidenced.service.d")


def test_its_drop_ins_are_those_that_there_are() -> None:
    named = re.findall(r"^\| `([\w/-]+\.conf)` \|", PAGE, re.MULTILINE)
    folder = UNITS / "drop-ins"
    assert set(named) == {str(file.relative_to(folder)) for file in folder.rglob("*.conf")}


def test_its_credentials_are_those_of_the_unit() -> None:
    unit = (UNITS / "evidenced.service").read_text()
    (listed,) = re.findall(r"The names are (.*?); of others", PAGE, re.DOTALL)
    assert re.findall(r"`([^`]+)`", listed) == re.findall(
        r"^LoadCredential=(.*)$", unit, re.MULTILINE
    )


@pytest.mark.parametrize("kind", WITH_DROP_IN)
def test_the_kinds_that_need_a_drop_in_are_named(kind: str) -> None:
    assert kind in KINDS
    assert f"`{WITH_DROP_IN[kind][0]}.conf` | checks of the kind `{kind}`" in PAGE
