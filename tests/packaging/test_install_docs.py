"""The page on installation: its commands are those that there are, and all that is laid is said."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from evidenced.app import installing, laying
from evidenced.cli.commands import app

from .conftest import PROJECT

PAGE = (PROJECT / "docs" / "install.md").read_text("utf-8")
COMMANDS = [
    line
    for token in MarkdownIt().parse(PAGE)
    if token.type == "fence" and token.info == "sh"
    for line in token.content.splitlines()
]
OURS = [line for line in COMMANDS if line.startswith("evidenced ")]


@pytest.mark.parametrize("line", OURS)
def test_its_commands_do_as_they_say(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packaging").mkdir()
    for name in ("evidenced.yaml", "STATE.md"):
        target = tmp_path / "packaging" / "kubernetes" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((PROJECT / "packaging" / "kubernetes" / name).read_bytes())
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    if words[0] in ("install", "uninstall") and "--root" not in words:
        # Not on this machine; tests on one of its own do that.
        words += ["--root", "image"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output


def test_the_rules_that_are_made_for_the_cluster_are_a_resource(tmp_path: Path) -> None:
    output = tmp_path / "rules.yaml"
    config = PROJECT / "packaging" / "kubernetes" / "evidenced.yaml"
    words = ["rules", "--kubernetes", "-c", str(config), "-o", str(output)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert yaml.safe_load(output.read_text("utf-8"))["kind"] == "PrometheusRule"


def test_all_that_is_laid_is_in_its_table() -> None:
    places = re.findall(r"^\| .* \| `/(.*)` \|$", PAGE, re.MULTILINE)
    assert len(places) == 5
    files = installing.host_files("/usr/local/bin/evidenced", ["icmp"], systemd=257)
    for place in places:
        assert any(file.path.startswith(place) for file in files), place
    for file in files:
        assert any(file.path.startswith(place) for place in places), file.path
    assert f"`/{laying.MANIFEST}`" in PAGE


def test_the_drop_ins_that_it_wants_are_there() -> None:
    wanted = {name for line in OURS for name in re.findall(r"--drop-in (\w+)", line)}
    assert wanted
    assert wanted <= set(installing.drop_ins())


def test_the_files_that_it_names_are_there() -> None:
    for path in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert (PROJECT / "docs" / path).exists(), path
    for path in re.findall(r"(?:--file|--kustomize) (\S+)", "\n".join(COMMANDS)):
        assert (PROJECT / path).exists(), path
    targets = (PROJECT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)$", "\n".join(COMMANDS), re.MULTILINE):
        assert re.search(rf"^{target}:", targets, re.MULTILINE)
