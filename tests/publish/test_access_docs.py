"""The page on access: its blocks load, and its tables say what the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest
import trustme
import yaml
from markdown_it import MarkdownIt

from evidenced.cli import reach
from evidenced.config.load import load
from evidenced.config.sources import Sources
from evidenced.config.web import SHORTEST, Group, RateLimit
from evidenced.config.webfile import load_web_file
from evidenced.publish.access import FAILURES
from evidenced.publish.access_groups import LIST_COST, group_of
from evidenced.publish.access_rate import MOST

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text("utf-8")
BLOCKS = [t.content for t in MarkdownIt().parse(PAGE) if t.type == "fence" and t.info == "yaml"]
CONFIGS = [block for block in BLOCKS if "\nweb:" in f"\n{block}"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All files that the page names."""
    authority = trustme.CA()
    issued = authority.issue_cert("evidence.bakery.example")
    (tmp_path / "evidence.crt").write_bytes(issued.cert_chain_pems[0].bytes())
    (tmp_path / "evidence.key").write_bytes(issued.private_key_pem.bytes())
    (tmp_path / "callers.crt").write_bytes(authority.cert_pem.bytes())
    (tmp_path / "dashboard-token").write_text("x" * SHORTEST)
    (tmp_path / "web.yml").write_text(next(b for b in BLOCKS if b.startswith("tls_server")))
    return tmp_path


@pytest.mark.parametrize("block", CONFIGS, ids=["file", "tokens", "certificates"])
def test_the_configurations_load(folder: Path, block: str) -> None:
    path = folder / "evidenced.yaml"
    path.write_text(f"ledger: {{path: STATE.md}}\n{block}")
    assert load(path, {}).web.closed


def test_the_web_file_loads_and_prometheus_knows_the_user(folder: Path) -> None:
    users = load_web_file(folder / "web.yml", Sources(folder)).basic_auth_users
    (scrape,) = [yaml.safe_load(b)["scrape_configs"][0] for b in BLOCKS if "scrape_configs" in b]
    assert scrape["basic_auth"]["username"] in users


def test_the_groups_are_those_of_the_code() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (`/.*) \|$", PAGE, re.MULTILINE))
    assert table.keys() == set(get_args(Group))
    for group, paths in table.items():
        for path in re.findall(r"`([^`]+)`", paths):
            assert group_of(path.replace("…", "{x}")) == group


def test_the_numbers_are_those_of_the_code() -> None:
    limit = RateLimit()
    assert f"At first {limit.burst} are in it, and one more comes each 10 ms" in PAGE
    assert (limit.interval, LIST_COST) == (0.01, 5)
    assert (FAILURES.burst, FAILURES.interval) == (10, 5)
    assert f"{MOST:,} addresses" in PAGE
    assert f"at least {SHORTEST} characters" in PAGE


@pytest.mark.parametrize(
    "name", [reach.CA_FILE, reach.CERT_FILE, reach.KEY_FILE, reach.TOKEN], ids=str
)
def test_the_variables_of_the_commands_are_named(name: str) -> None:
    assert f"`{name}`" in PAGE
