"""`evidenced ledger lint` on files, configurations and repositories."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from evidenced.config.load import load
from evidenced.ledger.lint.table import RULES

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]
GOOD = """\
## CLOSED
- **Tea**: hot, PR #7 (Closed: 2026-01-02)

## STABLE
- **Cart**: /cart returns 200
"""


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger that keeps all rules, in the folder at hand, which is in no repository."""
    monkeypatch.chdir(tmp_path)
    file = Path("docs/STATE.md")
    file.parent.mkdir()
    file.write_text(GOOD, "utf-8")
    return file


@pytest.fixture
def git(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run git in a repository that has the ledger committed."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")

    def run(*arguments: str) -> None:
        who = ("-c", "user.name=Otter", "-c", "user.email=otter@shop.example")
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    run("init", "--initial-branch=main")
    run("add", ".")
    run("commit", "--message=first")
    return run


def configure(**settings: object) -> Path:
    path = Path("evidenced.yaml")
    base = {"path": "docs/STATE.md", "base_url": "http://127.0.0.1:9", "derive": True}
    path.write_text(yaml.safe_dump({"ledger": base | settings}), "utf-8")
    return path


def test_a_clean_ledger(evidenced: Run, ledger: Path) -> None:
    ran = evidenced("ledger", "lint", ledger)
    assert (ran.status, ran.out, ran.err) == (0, "no rule is broken\n", "")


def test_text_has_the_line_the_rule_and_the_fix(evidenced: Run, ledger: Path) -> None:
    ledger.write_text(GOOD + "## IN PROGRESS\n- A\n- B\n## Ideas\n", "utf-8")
    ran = evidenced("ledger", "lint", ledger)
    assert ran.status == 1
    lines = ran.out.splitlines()
    assert lines[0].startswith("docs/STATE.md:8: error: 'B' is beyond the limit of 1")
    assert lines[0].endswith("[wip-limit]")
    assert lines[1].startswith("    fix: finish or park")
    assert lines[2].startswith("docs/STATE.md:9: warning: ")
    assert lines[-1] == "1 error, 1 warning"


def test_warnings_alone_are_exit_0(evidenced: Run, ledger: Path) -> None:
    ledger.write_text(GOOD + "## Ideas\n", "utf-8")
    assert evidenced("ledger", "lint", ledger).status == 0


def test_what_cannot_be_read_is_exit_2(evidenced: Run, ledger: Path) -> None:
    ran = evidenced("ledger", "lint", "nothing.md")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("nothing.md: cannot be read")
    assert evidenced("ledger", "lint", "-c", "nothing.yaml").status == 2
    assert evidenced("ledger", "lint", "nothing.md", "--fix").status == 2


def test_json_and_sarif(evidenced: Run, ledger: Path) -> None:
    ledger.write_text(GOOD + "## Ideas\n", "utf-8")
    found = json.loads(evidenced("ledger", "lint", ledger, "--json").out)
    assert (found["errors"], found["warnings"]) == (0, 1)
    (one,) = found["violations"]
    assert (one["file"], one["line"], one["rule"]) == ("docs/STATE.md", 6, "unknown-section")
    assert found["judged"]["docs/STATE.md"]["wip-limit"] == "error"
    ran = evidenced("ledger", "lint", ledger, "--sarif")
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert result["ruleId"] == "unknown-section"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "docs/STATE.md"


def test_several_files(evidenced: Run, ledger: Path) -> None:
    other = Path("other.md")
    other.write_text("## IN PROGRESS\n- A\n- B\n", "utf-8")
    ran = evidenced("ledger", "lint", ledger, other)
    assert ran.status == 1
    assert ran.out.startswith("other.md:3: error")


def test_the_configuration_sets_severities_and_limits(evidenced: Run, ledger: Path) -> None:
    ledger.write_text(GOOD + "## IN PROGRESS\n- A\n- B\n## Ideas\n", "utf-8")
    config = configure(limits={"in_progress": 2}, lint={"unknown-section": "error"})
    ran = evidenced("ledger", "lint", "-c", config)
    assert ran.status == 1
    assert "wip-limit" not in ran.out
    configure(limits={"in_progress": 2}, lint={"unknown-section": "off"})
    assert evidenced("ledger", "lint", ledger, "-c", config).status == 0


def test_the_configuration_knows_of_checks(evidenced: Run, ledger: Path) -> None:
    ledger.write_text(GOOD + "- **Milk**: fresh\n", "utf-8")
    ran = evidenced("ledger", "lint", "-c", configure())
    assert ran.status == 0
    assert "docs/STATE.md:6: warning: no check speaks for 'Milk' [stable-without-check]" in ran.out
    assert "'Cart'" not in ran.out


def test_the_file_of_the_next_items_is_linted_as_such(evidenced: Run, ledger: Path) -> None:
    Path("NEXT.md").write_text("## This week\n## NEXT\n- A\n", "utf-8")
    ran = evidenced("ledger", "lint", "-c", configure(next_path="NEXT.md"))
    assert ran.status == 1
    assert ran.out.startswith("NEXT.md:3: error: 'A' does not say when it is done")
    assert "unknown-section" not in ran.out


def test_documents_are_looked_up_in_the_repository(
    evidenced: Run, ledger: Path, git: Callable[..., None]
) -> None:
    ledger.write_text(GOOD.replace("PR #7", "`docs/tea.md`"), "utf-8")
    ran = evidenced("ledger", "lint", ledger)
    assert ran.status == 1
    assert "docs/STATE.md:2: error: 'Tea' cites docs/tea.md" in ran.out
    Path("docs/tea.md").touch()
    assert evidenced("ledger", "lint", ledger).status == 0


def test_a_claim_that_vanished_since_the_last_commit(
    evidenced: Run, ledger: Path, git: Callable[..., None]
) -> None:
    ledger.write_text(GOOD.replace("Cart", "New cart"), "utf-8")
    ran = evidenced("ledger", "lint", ledger)
    assert "docs/STATE.md:5: warning: the claim 'cart' is gone" in ran.out
    git("commit", "--all", "--message=second")
    assert evidenced("ledger", "lint", ledger).out == "no rule is broken\n"
    assert "'cart' is gone" in evidenced("ledger", "lint", ledger, "--since", "HEAD~1").out
    for revision in ("nonsense", "--output=x"):
        ran = evidenced("ledger", "lint", ledger, f"--since={revision}")
        assert (ran.status, ran.err) == (2, f"--since: git knows no revision {revision!r}\n")


def test_a_repository_without_a_commit(evidenced: Run, ledger: Path) -> None:
    subprocess.run(["git", "init"], check=True, capture_output=True)
    found = json.loads(evidenced("ledger", "lint", ledger, "--json").out)
    assert "claim-renamed" not in found["judged"]["docs/STATE.md"]


def test_fix_mends_mojibake(evidenced: Run, ledger: Path) -> None:
    text = GOOD.replace("hot", "hot ✅ → cup")
    ledger.write_text(text.encode().decode("mac_roman"), "utf-8")
    assert "[mojibake]" in evidenced("ledger", "lint", ledger).out
    ran = evidenced("ledger", "lint", ledger, "--fix")
    assert (ran.status, ran.err) == (0, "docs/STATE.md: fixed\n")
    assert ledger.read_text("utf-8") == text


def test_a_journal(evidenced: Run, ledger: Path) -> None:
    ledger.write_text("## 2026-02-21 — Tea\n**Status**: ✅ DONE PR #7\n", "utf-8")
    for arguments in ((ledger,), ("-c", configure())):
        ran = evidenced("ledger", "lint", *arguments)
        assert ran.status == 1
        assert ran.out.startswith("docs/STATE.md:1: error: 1 dated pass is not read")
        assert "fix: set `ledger.layout` to `journal`" in ran.out
    assert evidenced("ledger", "lint", ledger, "--layout", "journal").status == 0
    config = configure(layout="journal")
    assert evidenced("ledger", "lint", "-c", config).status == 0
    shown = json.loads(evidenced("ledger", "show", "-c", config, "--json").out)
    assert shown["sections"]["closed"][0]["closed"] == "2026-02-21"
    assert evidenced("validate", "-c", config).status == 0


def test_the_hooks_are_commands_that_there_are(evidenced: Run, ledger: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["evidenced-ledger-lint", "evidenced-ledger-fix"]
    for hook in hooks:
        program, *arguments = hook["entry"].split()
        assert (program, hook["language"]) == ("evidenced", "python")
        assert evidenced(*arguments, ledger).status == 0


def blocks(page: str, language: str) -> list[str]:
    tokens = MarkdownIt().parse((ROOT / "docs" / page).read_text("utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def test_the_page_has_every_rule_as_the_table_has_it() -> None:
    page = (ROOT / "docs" / "lint.md").read_text("utf-8").partition("## The rules\n")[2]
    sections = {}
    for part in page.split("\n### ")[1:]:
        name, _, text = part.partition("\n\n")
        sections[name] = text
    assert list(sections) == [rule.id for rule in RULES]
    for rule in RULES:
        text = sections[rule.id]
        mended = ", mended by `--fix`" if rule.fixable else ""
        assert text.startswith(f"{rule.summary} ({rule.severity}{mended})\n")
        assert "\nWhy: " in text
        assert f"\nFix: {rule.hint}.\n" in text + "\n"


def test_the_configurations_of_the_pages_load(ledger: Path) -> None:
    shown = [*blocks("lint.md", "yaml"), *blocks("journal.md", "yaml")]
    settings = [text for text in shown if text.startswith("ledger:")]
    assert len(settings) == 2
    for text in settings:
        Path("evidenced.yaml").write_text(text, "utf-8")
        load(Path("evidenced.yaml"), {})


def test_the_commands_of_the_page_run(
    evidenced: Run, ledger: Path, git: Callable[..., None]
) -> None:
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    file = Path("docs/OPS/STATE.md")
    file.parent.mkdir()
    file.write_text(GOOD, "utf-8")
    configure()
    lines = [
        line.partition("#")[0].split()
        for text in blocks("lint.md", "sh")
        for line in text.splitlines()
    ]
    assert len(lines) == 4
    for _, *arguments in lines:
        assert evidenced(*arguments).status == 0
