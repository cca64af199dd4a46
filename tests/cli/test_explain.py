"""`evidenced explain` says of each word what the reference documents say."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.cli.entries import Dictionary, Kind
from evidenced.cli.keys import plain
from evidenced.ledger.lint.table import RULES
from evidenced.probes.attempt import Reason
from evidenced.publish.rules import default_rules
from evidenced.publish.slo_alerts import NAME as BUDGET
from evidenced.watch.verdict import Standing

ROOT = Path(__file__).parents[2]
ALERTS = {
    rule["alert"]
    for group in yaml.safe_load(default_rules())["groups"]
    for rule in group["rules"]
    if "alert" in rule
} | {BUDGET}


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary()


@pytest.mark.parametrize(
    ("kind", "words", "document"),
    [
        (Kind.ALERT, ALERTS, "docs/alerts.md"),
        (Kind.REASON, set(Reason), "docs/standings.md"),
        (Kind.STANDING, set(Standing), "docs/standings.md"),
        (Kind.RULE, {rule.id for rule in RULES}, "docs/lint.md"),
    ],
    ids=["alerts", "reasons", "standings", "rules"],
)
def test_each_word_has_the_section_of_its_page(
    kind: Kind, words: set[str], document: str, dictionary: Dictionary
) -> None:
    page = (ROOT / document).read_text("utf-8")
    for word in words:
        (found,) = (one for one in dictionary.explained(word) if one.kind is kind)
        assert (found.name, found.document) == (word, document)
        assert found.text
        assert f"{found.text}\n" in page, word


def test_each_metric_has_its_row(dictionary: Dictionary) -> None:
    page = (ROOT / "METRICS.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|.*\| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)
    assert len(rows) > 50
    for name, type_, meaning in rows:
        (found,) = (one for one in dictionary.explained(name) if one.kind is Kind.METRIC)
        assert found.text.startswith(f"type: {type_}\n")
        assert found.text.endswith(f"\n\n{meaning}")


def test_each_key_has_its_row(dictionary: Dictionary) -> None:
    page = (ROOT / "CONFIGURATION.md").read_text("utf-8").replace("\\|", "|")
    rows = page[page.index("## All keys") :].count("\n| `")
    keys = {(key.within, key.row["key"]): key for key in dictionary.keys}
    assert len(keys) == rows
    for key in keys.values():
        found = dictionary.explained(key.path)[-1]
        assert key.row["meaning"] in found.text, key.path


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("checks[].http.expect.latency", "checks[].http.expect.latency"),
        ("checks[0].http.expect.latency", "checks[].http.expect.latency"),
        ("checks.http.expect.latency", "checks[].http.expect.latency"),
        (".Checks[3].HTTP.body-limit", "checks[].http.body_limit"),
        ("defaults.retry", "defaults.retry"),
        ("claims.cart.runbook_url", "claims[].runbook_url"),
        ("alertmanager.tls.ca_file", "alertmanager.tls.ca_file"),
        ("base_url", "ledger.base_url"),
        ("retry.max_wait", "defaults.retry.max_wait"),
        ("probe_success", "probe_success"),
        ("evidenced_schedule_lateness_seconds_bucket", "evidenced_schedule_lateness_seconds"),
        ("claimnotverified", "EvidencedClaimNotVerified"),
        ("Too-Large", "too_large"),
        ("wip_limit", "wip-limit"),
    ],
)
def test_a_word_may_be_written_otherwise(word: str, name: str, dictionary: Dictionary) -> None:
    assert dictionary.explained(word)[0].name == name


def test_a_section_is_shown_with_its_keys(evidenced: Callable[..., Any]) -> None:
    ran = evidenced("explain", "defaults.confirm")
    assert ran.status == 0
    assert ran.out.startswith("defaults.confirm: key of the configuration (CONFIGURATION.md)\n")
    assert "| `failures` |" in ran.out
    assert "```yaml" in ran.out


def test_a_word_with_two_meanings_has_both(evidenced: Callable[..., Any]) -> None:
    ran = evidenced("explain", "checks")
    assert ran.out.startswith("checks: key of the configuration")
    ran = evidenced("explain", "timeout")
    assert ran.out.startswith("timeout: reason of a failure (docs/standings.md)\n\n")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("checks[].http.expect.latncy", "checks[].http.expect.latency"),
        ("evidenced_claim_verifed", "evidenced_claim_verified"),
        ("EvidencedClaimNotVerifid", "EvidencedClaimNotVerified"),
        ("contradictd", "contradicted"),
        ("wip-limits", "wip-limit"),
    ],
)
def test_an_unknown_word_has_its_nearest(
    word: str, near: str, evidenced: Callable[..., Any]
) -> None:
    ran = evidenced("explain", word)
    assert (ran.status, ran.out) == (1, "")
    assert f"did you mean {near}" in ran.err


def test_a_word_like_none(evidenced: Callable[..., Any]) -> None:
    ran = evidenced("explain", "qqqqqqqqqqqqqqqq")
    assert (ran.status, ran.out) == (1, "")
    assert "did you mean" not in ran.err


@pytest.mark.parametrize("page", ["doctor.md", "standings.md"])
def test_the_words_of_a_page_are_known(page: str, evidenced: Callable[..., Any]) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    shown = re.findall(r"^evidenced (explain .+)$", text, re.MULTILINE)
    assert shown
    for command in shown:
        assert evidenced(*shlex.split(command)).status == 0, command


def test_paths_are_told_apart_without_what_nobody_writes() -> None:
    assert plain(".Checks[0].http.Body-Limit") == "checks.http.body_limit"
