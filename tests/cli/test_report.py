import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from markdown_it import MarkdownIt

from evidenced.app.report_file import NAME
from evidenced.config.model import Config
from evidenced.demo.shop import Shop

Command = Callable[..., Any]
PAGE = Path(__file__).parents[2] / "docs" / "report.md"


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def reporting(config: Path) -> Callable[..., Path]:
    """The demo's configuration with a report that has these settings."""

    def write(**settings: object) -> Path:
        text = yaml.safe_load(config.read_text("utf-8"))
        text["report"] = {"path": "FACTS.md", **settings}
        config.write_text(yaml.safe_dump(text), "utf-8")
        return config

    return write


def test_a_report_is_written_and_all_is_well(
    evidenced: Command, reporting: Callable[..., Path], tmp_path: Path
) -> None:
    ran = evidenced("report", "-c", reporting(formats=["markdown", "html", "json"]))
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    text = (tmp_path / "FACTS.md").read_text("utf-8")
    assert "### Verified (11)" in text
    assert "- Facts: none fails" in text
    data = json.loads((tmp_path / "FACTS.json").read_text("utf-8"))
    assert (data["failing"], len(data["checks"])) == (False, 12)
    assert (tmp_path / "FACTS.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_failing_fact_is_exit_1_and_a_change(
    evidenced: Command, reporting: Callable[..., Path], tmp_path: Path, shop: tuple[Shop, str]
) -> None:
    path = reporting()
    evidenced("report", "-c", path)
    before = (tmp_path / "FACTS.md").read_text("utf-8").splitlines()
    shop[0].broken["/cart"] = "500"
    assert evidenced("report", "-c", path).status == 1
    after = (tmp_path / "FACTS.md").read_text("utf-8").splitlines()
    assert "- claim `cart`: verified → contradicted" in after
    # What stands as it did says so in the same words, since when included.
    same = [line for line in before if line.startswith("- `") and "`cart`" not in line]
    assert len(same) == 11
    assert set(same) <= set(after)


def test_the_same_facts_are_the_same_report_but_for_one_line(
    evidenced: Command, reporting: Callable[..., Path], tmp_path: Path
) -> None:
    path = reporting()
    texts = []
    for _ in range(2):
        evidenced("report", "-c", path)
        texts.append((tmp_path / "FACTS.md").read_text("utf-8").splitlines())
    differing = [(a, b) for a, b in zip(*texts, strict=True) if a != b]
    # How long a look takes is up to the machine; steps of it may differ once.
    assert [a for a, _ in differing if not a.startswith("| ")] == [texts[0][2]]
    assert "no changes since the report of" in texts[1][2]


def test_stdout_writes_nothing(
    evidenced: Command, reporting: Callable[..., Path], tmp_path: Path
) -> None:
    path = reporting(commit=True)
    ran = evidenced("report", "-c", path, "--stdout")
    assert (ran.status, ran.out.splitlines()[0]) == (0, "# Production facts")
    ran = evidenced("report", "-c", path, "--stdout", "--json")
    assert json.loads(ran.out)["failing"] is False
    assert {one.name for one in tmp_path.iterdir()} == {"STATE.md", "evidenced.yaml"}


def test_json_is_printed_beside_what_is_written(
    evidenced: Command, reporting: Callable[..., Path], tmp_path: Path
) -> None:
    ran = evidenced("report", "-c", reporting(), "--json")
    assert json.loads(ran.out)["claims"][0]["standing"] == "verified"
    assert (tmp_path / "FACTS.md").exists()
    assert json.loads((tmp_path / NAME).read_text("utf-8")) == json.loads(ran.out)


def test_without_a_report_in_the_configuration_there_is_only_stdout(
    evidenced: Command, config: Path
) -> None:
    ran = evidenced("report", "-c", config)
    assert (ran.status, ran.out) == (2, "")
    assert "report: no report is configured: set path, or use --stdout" in ran.err
    assert evidenced("report", "-c", config, "--stdout").status == 0


def test_what_cannot_be_written_is_exit_2_and_1_where_a_fact_fails(
    evidenced: Command, reporting: Callable[..., Path], shop: tuple[Shop, str]
) -> None:
    path = reporting(path="none/FACTS.md")
    ran = evidenced("report", "-c", path)
    assert ran.status == 2
    assert "the report is not written" in ran.err
    shop[0].broken["/cart"] = "500"
    assert evidenced("report", "-c", path).status == 1


def test_it_is_committed_once(
    evidenced: Command,
    reporting: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "no-config"))
    path = reporting(commit={"author": "The Shop <shop@shop.example>"})
    assert "no repository" in evidenced("report", "-c", path).err
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for _ in range(2):
        ran = evidenced("report", "-c", path)
        assert (ran.status, ran.err) == (0, "")
    shown = subprocess.run(
        [*git, "log", "--format=%an %s", "--name-only"], check=True, capture_output=True, text=True
    )
    assert shown.stdout.split("\n")[:3] == ["The Shop Production facts", "", "FACTS.md"]


def fences(language: str) -> list[str]:
    tokens = MarkdownIt().parse(PAGE.read_text("utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def test_the_configurations_of_the_page_load() -> None:
    found = [data for text in fences("yaml") if "report" in (data := yaml.safe_load(text))]
    assert len(found) == 2
    for data in found:
        loaded = Config.model_validate({"ledger": {"path": "STATE.md"}, **data})
        assert loaded.report is not None
        assert loaded.report.commit is not None
        assert (loaded.report.schedule.source, loaded.report.on_change) == ("0 7 * * *", True)


def test_the_commands_of_the_page_run(
    evidenced: Command, reporting: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reporting().parent)
    (shell,) = fences("sh")
    workflow = next(data for text in fences("yaml") if "jobs" in (data := yaml.safe_load(text)))
    steps = [step.get("run", "") for step in workflow["jobs"]["facts"]["steps"]]
    (in_ci,) = [step for step in steps if step.startswith("evidenced ")]
    commands = [*shell.splitlines(), in_ci.replace("config/", "")]
    for command in commands:
        program, *arguments = command.split()
        assert program == "evidenced"
        assert evidenced(*arguments).status == 0, command
