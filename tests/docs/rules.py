"""What is asked of a block by its language: of YAML by what it is, for there are many."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import typer
import typer.main
import yaml
from cronsim import CronSim

from docs.blocks import ROOT, Block, commands, lines, shown, text_of
from docs.reading import read
from evidenced.cli.commands import app
from evidenced.config.model import Config
from evidenced.ledger.model import Layout
from evidenced.ledger.parse import parse

SYSTEM = frozenset(
    {"[", "cat", "echo", "exit", "export", "grep", "install", "make", "mkdir"}
    | {"amtool", "curl", "prometheus-alertmanager", "promtool", "python3"}
    | {"apt-get", "docker", "kubectl", "pip", "pipx", "systemctl", "systemd-sysusers"}
)
"""Programs of others that a page may call."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a block is tried: a folder of its own, and Prometheus' checker."""

    folder: Path
    promtool: Path

    def check(self, what: str, text: str) -> None:
        """`promtool check`: `config` or `rules`."""
        (self.folder / "checked.yml").write_text(text, "utf-8")
        self._run(self.promtool, "check", what, "checked.yml")

    def check_routes(self, text: str) -> None:
        """`amtool check-config`."""
        (self.folder / "alertmanager.yml").write_text(text, "utf-8")
        self._run(self.promtool.with_name("amtool"), "check-config", "alertmanager.yml")

    def _run(self, *command: str | Path) -> None:
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def script_of(block: Block) -> str:
    """The commands of a block of `sh` or `console`."""
    if block.language == "sh":
        return block.text
    return "\n".join(command for command, _ in shown(block))


def parsed(words: list[str]) -> None:
    """Parse the arguments of a command of ours as the program does, and do nothing.

    Raises what Typer does of a command, an option or a number of arguments that is none.
    """
    command: Any = typer.main.get_command(app)
    name, rest = "evidenced", words
    while hasattr(command, "resolve_command"):
        context = typer.Context(command, info_name=name)
        name, command, rest = command.resolve_command(context, rest)
    command.make_context(name, rest)


def _shell(block: Block, bench: Bench) -> None:
    script = script_of(block)
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    functions = set(re.findall(r"(?m)^(\w+)\(\)", script))
    for program, *arguments in commands(script):
        assert program in SYSTEM | functions | {"evidenced"}, f"{program} is not known here"
        if program == "make":
            targets = (ROOT / "Makefile").read_text("utf-8")
            assert re.search(rf"(?m)^{arguments[0]}:", targets)
        if program == "curl":
            schemes = {urlsplit(word).scheme for word in arguments}
            assert schemes & {"http", "https"} or "$base" in script
        for word in arguments:
            if re.match(r"(config|grafana|packaging|systemd)/", word):
                assert list(ROOT.glob(word)), f"{word} is not in the repository"


def _configuration(block: Block, bench: Bench) -> None:
    read(block.text, bench.folder)


def _prometheus(block: Block, bench: Bench) -> None:
    for name in yaml.safe_load(block.text).get("rule_files", []):
        (bench.folder / name).write_text("groups: []\n", "utf-8")
    bench.check("config", block.text)


def _rules(block: Block, bench: Bench) -> None:
    bench.check("rules", block.text)


def _alertmanager(block: Block, bench: Bench) -> None:
    bench.check_routes(block.text)


def _workflow(block: Block, bench: Bench) -> None:
    for job in yaml.safe_load(block.text)["jobs"].values():
        for step in job["steps"]:
            for program, *arguments in commands(step.get("run", "")):
                assert program in SYSTEM | {"evidenced"}
                if program == "evidenced":
                    parsed(arguments)


def _hooks(block: Block, bench: Bench) -> None:
    known = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    for repo in yaml.safe_load(block.text)["repos"]:
        assert {hook["id"] for hook in repo["hooks"]} <= {hook["id"] for hook in known}


def _gatus(block: Block, bench: Bench) -> None:
    """Gatus is not among the parts: only the form of its conditions is looked at."""
    for endpoint in yaml.safe_load(block.text)["endpoints"]:
        for condition in endpoint["conditions"]:
            assert re.search(r"\[[A-Z_]+\].* (==|!=|<=?|>=?) ", condition)


Rule = Callable[[Block, Bench], None]

YAML: Mapping[str, tuple[Callable[[set[str]], bool], Rule]] = MappingProxyType(
    {
        "a configuration": (lambda keys: keys <= set(Config.model_fields), _configuration),
        "of Prometheus": (lambda keys: "scrape_configs" in keys, _prometheus),
        "rules": (lambda keys: keys == {"groups"}, _rules),
        "of Alertmanager": (lambda keys: keys == {"route", "receivers"}, _alertmanager),
        "a workflow": (lambda keys: "jobs" in keys, _workflow),
        "hooks": (lambda keys: keys == {"repos"}, _hooks),
        "of Gatus": (lambda keys: "endpoints" in keys, _gatus),
    }
)
"""What YAML may be, how that shows in the keys at its top, and what is asked of it."""


def _yaml(block: Block, bench: Bench) -> None:
    keys = set(yaml.safe_load(block.text))
    found = [rule for is_it, rule in YAML.values() if is_it(keys)]
    assert len(found) == 1, f"YAML with {sorted(map(str, keys))} is none of {', '.join(YAML)}"
    found[0](block, bench)


def _promql(block: Block, bench: Bench) -> None:
    known = text_of("METRICS.md") + text_of("docs/slo.md")
    expressions = lines(block.text)
    for metric in re.findall(r"\b(?:probe|evidenced)[_:][a-z0-9_:]+", " ".join(expressions)):
        assert f"`{metric}`" in known, f"{metric} is no metric"
    rules = [{"record": f"shown:{n}", "expr": text} for n, text in enumerate(expressions)]
    bench.check("rules", yaml.safe_dump({"groups": [{"name": "shown", "rules": rules}]}))


def _markdown(block: Block, bench: Bench) -> None:
    if "## " not in block.text:
        badge = r"\[!\[\w+\]\(https://\S+/badge/\w+\.svg\)\]\(https://\S+/claims/\w+\)$"
        assert re.match(badge, block.text)
        return
    ledger = parse(block.text, Layout.SECTIONS if "## STABLE" in block.text else Layout.JOURNAL)
    assert ledger.claims
    assert not ledger.findings


def _python(block: Block, bench: Bench) -> None:
    compile(block.text, block.place, "exec")


def _json(block: Block, bench: Bench) -> None:
    json.loads(block.text)


def _crontab(block: Block, bench: Bench) -> None:
    for line in lines(block.text):
        *times, command = line.split(None, 5)
        CronSim(" ".join(times), datetime(2026, 1, 1, tzinfo=UTC))
        for program, *arguments in commands(command):
            assert program == "evidenced"
            parsed(arguments)


def _ini(block: Block, bench: Bench) -> None:
    unit = (ROOT / "systemd/evidenced.service").read_text("utf-8")
    for line in lines(block.text):
        assert line in unit if line[0] == "[" else re.match(r"Environment=\w+=\S+$", line)


def _proxied(block: Block, bench: Bench) -> None:
    assert block.page == "docs/proxy.md", "test_proxy.py runs those of that page alone"


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "sh": _shell,
        "console": _shell,
        "yaml": _yaml,
        "promql": _promql,
        "markdown": _markdown,
        "python": _python,
        "json": _json,
        "crontab": _crontab,
        "ini": _ini,
        "nginx": _proxied,
        "caddyfile": _proxied,
    }
)
"""The languages that a block may have. That commands run, other tests here and elsewhere show."""
