"""Every block of every page is held by a rule: what cannot be tested has no place in a page."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from docs.blocks import PAGES, ROOT, Block, blocks, cells, commands
from docs.reading import fragment
from docs.rules import RULES, Bench, parsed, script_of
from evidenced.config.check import CheckSettings
from evidenced.config.problem import ConfigError

ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("docs/access.md", "yaml"): "publish/test_access_docs.py",
    ("docs/alertmanager-direct.md", "yaml"): "publish/test_alerts_docs.py",
    ("docs/alertmanager.md", "sh"): "publish/test_alertmanager_docs.py",
    ("docs/alerts.md", "yaml"): "publish/test_rules_docs.py",
    ("docs/api.md", "sh"): "publish/test_api_docs.py",
    ("docs/drill.md", "sh"): "integration/test_drill.py",
    ("docs/gate.md", "sh"): "cli/test_gate_docs.py",
    ("docs/gate.md", "text"): "cli/test_gate_docs.py",
    ("docs/gate.md", "yaml"): "cli/test_gate_docs.py",
    ("docs/install.md", "sh"): "packaging/test_install_docs.py",
    ("docs/ledger-edits.md", "sh"): "cli/test_edit.py",
    ("docs/lint.md", "sh"): "cli/test_lint.py",
    ("docs/push.md", "crontab"): "integration/test_push_docs.py",
    ("docs/push.md", "json"): "integration/test_push_docs.py",
    ("docs/push.md", "sh"): "integration/test_push_docs.py",
    ("docs/push.md", "yaml"): "integration/test_push_docs.py",
    ("docs/replay.md", "yaml"): "replay/test_replay_docs.py",
    ("docs/report.md", "sh"): "cli/test_report.py",
    ("docs/scaling.md", "yaml"): "packaging/test_scaling_docs.py",
    ("docs/systemd.md", "sh"): "systemd/test_systemd_docs.py",
    ("docs/systemd.md", "yaml"): "systemd/test_systemd_docs.py",
}
"""Blocks that a test beside the code of which they are about runs or reads, as they stand."""

ALL = [block for page in PAGES for block in blocks(page)]
HERE = [block for block in ALL if (block.page, block.language) not in ELSEWHERE]
SCRIPTS = [block for block in ALL if block.language in {"sh", "console"}]
FRAGMENTS = [
    (row[0], part)
    for page in PAGES
    for row in cells(page, "| in the check |")
    for part in re.findall(r"`([^`]+)`", row[-1])
    if ": " in part
]


def test_each_test_elsewhere_is_there_and_reads_the_page() -> None:
    there = {(block.page, block.language) for block in ALL}
    for (page, language), test in ELSEWHERE.items():
        assert (page, language) in there, f"{page} has no block of {language} any more"
        assert Path(page).name in (ROOT / "tests" / test).read_text("utf-8")


@pytest.mark.parametrize("block", HERE, ids=lambda block: block.place)
def test_each_block_is_held(block: Block, tmp_path: Path, promtool: Path) -> None:
    assert block.language in RULES, f"no rule for a block of {block.language!r}"
    RULES[block.language](block, Bench(tmp_path, promtool))


@pytest.mark.parametrize("block", SCRIPTS, ids=lambda block: block.place)
def test_our_commands_are_taken_with_their_options(block: Block) -> None:
    for program, *arguments in commands(script_of(block)):
        if program == "evidenced":
            parsed(arguments)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "frobnicate\n"),
        ("sh", "make nothing\n"),
        ("sh", "install grafana/nothing.json /srv\n"),
        ("yaml", "checks: [{name: a, htp: {url: /}}]\n"),
        ("yaml", "scrape_configs: [{job: a}]\n"),
        ("yaml", "colour: green\n"),
        ("promql", "probe_nothing == 1\n"),
        ("markdown", "## STABLE\n## STABLE\n- **A**: x\n"),
        ("nginx", "server {}\n"),
    ],
)
def test_what_is_wrong_is_noticed(language: str, text: str, tmp_path: Path, promtool: Path) -> None:
    block = Block("docs/page.md", 1, language, text, "")
    with pytest.raises((AssertionError, ConfigError)):
        RULES[language](block, Bench(tmp_path, promtool))


@pytest.mark.parametrize("words", [["gat"], ["gate"], ["gate", "a", "--dry"], ["ledger", "clse"]])
def test_what_is_no_command_of_ours_is_noticed(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"No such|Missing"):
        parsed(words)


@pytest.mark.parametrize(("there", "here"), FRAGMENTS, ids=[here for _, here in FRAGMENTS])
def test_each_cell_of_what_becomes_a_check_is_taken(there: str, here: str, tmp_path: Path) -> None:
    assert yaml.safe_load(here).keys() <= set(CheckSettings.model_fields), there
    fragment(here, tmp_path)
