"""The rules of good rules, one test each: those of pint that a file alone can be held to.

Each test has the name of pint's check in its own.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.config.types import parse_duration
from evidenced.ledger.model import Item, Ledger, Section, Url
from evidenced.publish.reference import reference
from evidenced.publish.rules import rules

SCRAPE = 15.0
"""Seconds between scrapes in the shipped configuration."""
RETENTION = 15 * 86_400.0
"""Seconds for which Prometheus keeps samples where nothing else is set."""

DEFAULT: dict[str, Any] = {"ledger": {"path": "STATE.md"}}
LINKS = {
    "runbook_url": "https://wiki.rad.example/runbooks/",
    "dashboard_url": "https://grafana.rad.example/d/evidenced",
}
FULL: dict[str, Any] = {
    **DEFAULT,
    "location": "fra1",
    "external_url": "https://evidence.rad.example",
    "defaults": {"interval": "30s"},
    "rules": {
        **LINKS,
        "selector": 'job=~"evidenced-.+", env="prod"',
        "quorum": 2,
        "certificate": {"warning": "30d", "critical": "7d"},
        "slow_share": 0.5,
    },
    "claims": {
        "cart": {
            "runbook_url": "https://wiki.rad.example/cart",
            "slo": {"objective": 99.9, "latency": "500ms"},
        }
    },
    "checks": [
        {"name": "bells", "interval": "1h", "http": {"url": "https://rad.example/bells"}},
        {
            "name": "cart",
            "claims": ["cart"],
            "slo": {"objective": 99, "window": "7d"},
            "http": {"url": "https://rad.example/cart"},
        },
    ],
}
CITED = Item(
    "search", Section.STABLE, "Search", "", 3, references=(Url("https://wiki.rad.example/Runbook"),)
)
LEDGER = Ledger(None, {Section.STABLE: (CITED,)}, frozenset({Section.STABLE}), ())

Rule = dict[str, Any]


def _default() -> str:
    return rules(Config.model_validate(DEFAULT))


def _full() -> str:
    return rules(Config.model_validate(FULL), LEDGER)


@pytest.fixture(params=[_default, _full], ids=["default", "all options"])
def text(request: pytest.FixtureRequest) -> str:
    written: str = request.param()
    return written


@pytest.fixture
def groups(text: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(text)["groups"]
    return loaded


@pytest.fixture
def all_rules(groups: list[dict[str, Any]]) -> list[Rule]:
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture
def alerts(all_rules: list[Rule]) -> list[Rule]:
    return [rule for rule in all_rules if "alert" in rule]


@pytest.fixture
def records(all_rules: list[Rule]) -> dict[str, Rule]:
    return {rule["record"]: rule for rule in all_rules if "record" in rule}


def _bare(expr: str) -> str:
    """The expression with all texts in it empty."""
    return re.sub(r'"[^"]*"', '""', expr)


def _selectors(expr: str) -> list[tuple[str, str]]:
    """Each metric that is selected with matchers, and these."""
    return re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", expr)


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{keys} at {node.start_mark}"
        return super().construct_mapping(node, deep)


def test_yaml_parse(text: str) -> None:
    loaded = yaml.load(text, _Strict)  # noqa: S506  a safe loader, and stricter than that
    assert set(loaded) == {"groups"}
    for group in loaded["groups"]:
        assert set(group) <= {"name", "interval", "rules"}
        for rule in group["rules"]:
            kind = (
                {"alert", "for", "keep_firing_for", "annotations"}
                if "alert" in rule
                else {"record"}
            )
            assert set(rule) <= kind | {"expr", "labels"}


def test_promql_syntax_and_alerts_template(text: str, promtool: Path, tmp_path: Path) -> None:
    """Prometheus' own checker parses each expression and each template."""
    (tmp_path / "rules.yml").write_text(text, "utf-8")
    command = (promtool, "check", "rules", "--lint=all", "--lint-fatal", "rules.yml")
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_pint_comment_and_ignore_file(text: str) -> None:
    comments = re.findall(r"^ *# *pint (.*)$", text, re.MULTILINE)
    assert comments == ["disable alerts/comparison"]
    lines = text.splitlines()
    at = next(index for index, line in enumerate(lines) if "# pint" in line)
    assert lines[at - 2].strip() == "- alert: EvidencedWatchdog"


def test_alerts_comparison(alerts: list[Rule]) -> None:
    for rule in alerts:
        compares = re.search(r"[=!<>]=|[<>]|\babsent\(", _bare(rule["expr"]))
        assert compares or rule["alert"] == "EvidencedWatchdog", rule["alert"]


def test_alerts_for_and_alerts_absent(alerts: list[Rule]) -> None:
    for rule in alerts:
        held = parse_duration(rule["for"]) if "for" in rule else None
        assert held is None or held > 0, rule["alert"]
        if "absent(" in rule["expr"]:
            assert held is not None
            assert held >= 2 * SCRAPE


def test_alerts_template_says_no_value_in_labels(alerts: list[Rule]) -> None:
    for rule in alerts:
        for label in rule["labels"].values():
            assert "$value" not in label
            assert ".Value" not in label


def _kept(rule: Rule, records: dict[str, Rule]) -> set[str]:
    """The labels that the result of a rule can have beside the static ones."""
    for name, record in records.items():
        if re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", rule["expr"]):
            own = record.get("labels", {})
            return _kept(record, {}) | set(own)
    by = re.search(r" by \(([^)]*)\)", rule["expr"])
    return set(re.findall(r"\w+", by[1])) if by else {"job", "instance", "location"}


def test_alerts_template_uses_labels_that_there_are(
    alerts: list[Rule], records: dict[str, Rule]
) -> None:
    for rule in alerts:
        there = _kept(rule, records) | set(rule["labels"])
        for text in rule["annotations"].values():
            used = set(re.findall(r"\$labels\.(\w+)", text))
            assert used <= there, (rule["alert"], used - there)


def test_alerts_template_rounds_what_is_no_count(alerts: list[Rule]) -> None:
    for rule in alerts:
        whole = re.match(r"count|max by \(job, rule\)", rule["expr"])
        for value in re.findall(r"\$value[^}]*", rule["annotations"]["description"]):
            assert whole or re.match(r"\$value \| humanize", value), rule["alert"]


def test_alerts_annotation(alerts: list[Rule], text: str) -> None:
    for rule in alerts:
        annotations = rule["annotations"]
        assert annotations["description"]
        assert re.fullmatch(r"[A-Z][^{}.]*\.", annotations["summary"]), annotations["summary"]
        links = set(annotations) - {"summary", "description"}
        if LINKS["dashboard_url"] not in text:
            assert not links
        elif "claim" in annotations["description"].partition("\n")[0]:
            assert links >= set(LINKS)
        else:
            assert links == set(LINKS) | ({"proof_url"} & links)


def test_alerts_external_labels_are_not_relied_on(text: str) -> None:
    assert "externalLabels" not in text


def test_rule_link(alerts: list[Rule]) -> None:
    for rule in alerts:
        for name, link in rule["annotations"].items():
            if name.endswith("_url"):
                addresses = re.findall(r"https://\S+?(?=\{\{|$)", link)
                assert addresses, link
                assert re.sub(r"\{\{[^{}]*\}\}", "", link).strip(), link


def test_rule_duplicate(all_rules: list[Rule]) -> None:
    names = [
        (rule.get("alert"), rule.get("record"), tuple(sorted(rule.get("labels", {}).items())))
        for rule in all_rules
    ]
    assert len(names) == len(set(names))
    asked = [(rule["expr"], rule.get("record")) for rule in all_rules]
    assert len(asked) == len(set(asked))


def test_rule_dependency_and_promql_series(all_rules: list[Rule], records: dict[str, Rule]) -> None:
    """All that is asked for is exported by the daemon, recorded here, or Prometheus' own."""
    exported = re.findall(r"^\| `(\w+)` \| (\w+) ", reference(), re.MULTILINE)
    known = {name + ("_bucket" if kind == "histogram" else "") for name, kind in exported}
    for rule in all_rules:
        expr = _bare(rule["expr"])
        used = {name for name, _ in _selectors(expr)} | set(re.findall(r"\w*:[\w:]*\w", expr))
        for query in re.findall(r"`([^`]*)`", "\n".join(rule.get("annotations", {}).values())):
            used |= {name for name, _ in _selectors(query)}
        unknown = used - known - set(records) - {"up"}
        assert not unknown, (rule.get("alert", rule.get("record")), unknown)


@pytest.mark.parametrize("function", ["rate", "irate", "increase"])
def test_promql_rate(function: str, all_rules: list[Rule]) -> None:
    """Over at least two scrapes, of counters alone, and never of a sum."""
    for rule in all_rules:
        calls = re.findall(rf"\b{function}\((.*)", rule["expr"])
        for call in calls:
            inner = re.match(r"(\w+)\{[^}]*\}\[(\w+)\]\)", call)
            assert inner, call
            assert inner[1].endswith(("_total", "_bucket", "_count", "_sum"))
            assert parse_duration(inner[2]) >= 2 * SCRAPE


def test_promql_counter(all_rules: list[Rule]) -> None:
    for rule in all_rules:
        for found in re.finditer(r"\w+(?:_total|_bucket)\{", rule["expr"]):
            assert rule["expr"][: found.start()].endswith(("rate(", "increase("))


def test_promql_regexp(all_rules: list[Rule]) -> None:
    for rule in all_rules:
        for pattern in re.findall(r'[=!]~"([^"]*)"', rule["expr"]):
            assert re.search(r"[|.*+?\[(]", pattern), f"{pattern} is no pattern"
            assert not pattern.startswith("^")
            assert not pattern.endswith("$")
            assert pattern not in {".*", ".+"}


def test_promql_fragile(all_rules: list[Rule], text: str) -> None:
    jobs = {job for rule in all_rules for job in re.findall(r'job=~?"[^"]*"', rule["expr"])}
    assert len(jobs) == 1
    for rule in all_rules:
        assert not re.search(r"\b(?:topk|bottomk|limitk)\b", rule["expr"])


def _around(expr: str, at: int) -> Iterator[str]:
    """The functions and aggregations within whose parentheses a place stands."""
    depth = 0
    for index in range(at - 1, -1, -1):
        if expr[index] == ")":
            depth += 1
        elif expr[index] == "(" and depth:
            depth -= 1
        elif expr[index] == "(":
            found = re.search(r"(\w+)(?: (?:by|without) \([^)]*\) )?$", expr[:index])
            yield found[1] if found else ""


def test_promql_nan(all_rules: list[Rule]) -> None:
    """No division where it would make all of a sum unknown."""
    for rule in all_rules:
        expr = _bare(rule["expr"])
        for found in re.finditer("/", expr):
            around = set(_around(expr, found.start()))
            assert not around & {"sum", "avg", "min", "max"}, rule


def test_promql_offset_and_range_query(groups: list[dict[str, Any]]) -> None:
    """Nothing beyond what Prometheus keeps, but for SLOs, whose window says how long it must."""
    for group in groups:
        for rule in group["rules"]:
            spans = re.findall(r"\[(\w+)\]|offset (\w+)", rule["expr"])
            longest = max((parse_duration(a or b) for a, b in spans), default=0)
            assert longest <= RETENTION or group["name"].startswith("evidenced-slo-")


def test_promql_features(all_rules: list[Rule]) -> None:
    """Neither experimental functions nor modifiers that a flag must allow."""
    for rule in all_rules:
        expr = _bare(rule["expr"])
        assert not re.search(r"@|offset -|\b(?:limitk|limit_ratio|sort_by_label\w*|mad_)\b", expr)


def test_promql_selector(all_rules: list[Rule], records: dict[str, Rule]) -> None:
    for rule in all_rules:
        selected = _selectors(rule["expr"])
        raw = [matchers for name, matchers in selected if name not in records]
        assert all(re.match(r'job=~?"', matchers) for matchers in raw), rule


def test_promql_aggregate_and_vector_matching(all_rules: list[Rule]) -> None:
    """The job stays, and what is matched is matched within it."""
    for rule in all_rules:
        for kept in re.findall(r"\b(?:by|on) \(([^)]*)\)", rule["expr"]):
            assert re.match(r"job\b", kept), rule["expr"]
        assert not re.search(r"\bignoring\b", rule["expr"])


def test_promql_impossible(all_rules: list[Rule]) -> None:
    """No selector contradicts itself; that every alert can fire is shown by its unit tests."""
    for rule in all_rules:
        for _, matchers in _selectors(rule["expr"]):
            equal = re.findall(r'(\w+)="', matchers)
            assert len(equal) == len(set(equal)), matchers


def test_rule_name_and_rule_label(all_rules: list[Rule]) -> None:
    for rule in all_rules:
        if "alert" in rule:
            assert re.fullmatch(r"Evidenced([A-Z][a-z]+)+", rule["alert"])
            assert rule["labels"]["severity"] in {"critical", "warning", "info", "none"}
        else:
            assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", rule["record"])


def test_labels_conflict(all_rules: list[Rule]) -> None:
    """Nothing that a scrape or an external label says is written over."""
    scraped = {"job", "instance", "location", "cluster", "replica", "prometheus", "drill"}
    for rule in all_rules:
        assert not scraped & set(rule.get("labels", {}))


def test_group_interval(groups: list[dict[str, Any]]) -> None:
    names = [group["name"] for group in groups]
    assert len(names) == len(set(names))
    for group in groups:
        assert parse_duration(group.get("interval", "1m")) <= 300


def test_all_options_are_in_what_is_held_to_this() -> None:
    """The second file has links, a quorum, a slow check and SLOs in it."""
    text = _full()
    for part in (
        ">= 2",
        "offset",
        "proof_url: https://evidence.rad.example/claims/",
        'if eq $labels.claim "cart"',
        'if eq $labels.claim "search"',
        "evidenced-slo-claim-cart",
        "evidenced-slo-check-cart",
    ):
        assert part in text
