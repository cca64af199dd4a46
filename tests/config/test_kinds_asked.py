"""The settings of the kinds that ask: dns, icmp, prometheus, sql, forge."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidenced.config.check import CheckSettings
from evidenced.config.kinds.dns import parse_server
from evidenced.config.model import Config

Loads = Callable[..., Config]

START = "ledger: {path: STATE.md}\nchecks:\n  - name: x\n"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.53", "192.0.2.53", None),
        ("192.0.2.53:5353", "192.0.2.53", 5353),
        ("ns.bakery.example", "ns.bakery.example", None),
        ("ns.bakery.example:53", "ns.bakery.example", 53),
        ("2001:db8::53", "2001:db8::53", None),
        ("[2001:db8::53]", "2001:db8::53", None),
        ("[2001:db8::53]:53", "2001:db8::53", 53),
    ],
)
def test_servers(text: str, host: str, port: int | None) -> None:
    assert parse_server(text) == (host, port)


@pytest.mark.parametrize(
    "text", ["", ":53", "a:", "a:0", "a:65536", "a:x", "a b", "u@a", "[a]:53", "a/b", "[::1]53"]
)
def test_no_servers(text: str) -> None:
    with pytest.raises(ValueError, match="expected HOST or HOST:PORT"):
        parse_server(text)


@pytest.mark.parametrize(
    ("kind", "settings", "target"),
    [
        ("dns", {"name": "bakery.example"}, "bakery.example A @system"),
        ("dns", {"name": "x", "type": "mx", "server": "ns:5"}, "x MX @ns:5"),
        ("icmp", {"host": "10.0.0.1"}, "10.0.0.1"),
        (
            "prometheus",
            {"server": "https://u:swordfish@prom.example/x", "query": "up"},
            "https://prom.example/x",
        ),
        (
            "sql",
            {"url": "postgresql://u:swordfish@db.example:5433/shop?sslkey=k", "query": "select 1"},
            "postgresql://db.example:5433/shop",
        ),
        ("sql", {"url": "sqlite:////var/x.db", "query": "select 1"}, "sqlite:////var/x.db"),
        ("forge", {"repository": "a/b", "pull_request": 7}, "github.com/a/b#7"),
        (
            "forge",
            {"forge": "gitlab", "repository": "a/b/c", "pull_request": 7, "token": "swordfish"},
            "gitlab.com/a/b/c!7",
        ),
        (
            "forge",
            {
                "forge": "gitea",
                "base_url": "https://u:swordfish@git.example/x",
                "repository": "a/b",
                "workflow": "ci.yml",
                "branch": "main",
            },
            "git.example/a/b ci.yml on main",
        ),
    ],
)
def test_a_target_has_no_secrets(kind: str, settings: dict[str, Any], target: str) -> None:
    check = CheckSettings.model_validate({"name": "x", kind: settings})
    assert check.kind == kind
    assert check.settings.target == target
    assert "swordfish" not in repr(check)


def test_a_database_is_looked_up_from_the_configuration(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "address").write_text("sqlite:///var/shop.db\n")
    config = loads(f"{START}    sql: {{url_file: address, query: select 1;}}\n")
    sql = config.checks[0].sql
    assert sql
    assert sql.url
    assert sql.url.reveal() == f"sqlite:///{tmp_path}/var/shop.db"
    assert sql.query == "select 1"
    assert sql.target == f"sqlite:///{tmp_path}/var/shop.db"
