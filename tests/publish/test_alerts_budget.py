"""Error budgets that burn too fast: the same minutes, and the same labels, as of a Prometheus."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.config.model import Config
from evidenced.probes.attempt import Attempt
from evidenced.publish.alerts_budget import Scales
from evidenced.publish.alerts_hold import labels_of
from evidenced.publish.alerts_minutes import Minutes, Sample
from evidenced.publish.alerts_model import Matter
from evidenced.publish.alerts_rules import RuleBook
from evidenced.publish.rules import rules
from evidenced.publish.slo import QUICK, SLOW
from evidenced.publish.slo_alerts import NAME
from evidenced.publish.slo_series import GOOD
from evidenced.publish.slo_tiers import TIERS
from evidenced.watch.board import Board
from rule_tests import rule_tests

LISTEN = "127.0.0.1:9321"
Samples = Sequence[Sample]
WORDS: Mapping[Sample, str] = {True: "1", False: "0", None: "_"}


def config(objective: float = 99.9, name: str = "bells", **more: object) -> Config:
    check = {"name": name, "http": {"url": "/bells"}, "slo": {"objective": objective, **more}}
    slo = {"slo": {"objective": objective, **more}}
    document = {
        "ledger": {"path": "STATE.md", "base_url": "https://rad.example"},
        "claims": {"stable-2": slo},
        "checks": [check],
    }
    return Config.model_validate(document)


def book_of(config: Config, board: Board) -> RuleBook:
    return RuleBook.of(config, board.plan.ledger, LISTEN)


def told(book: RuleBook, board: Board, samples: Samples) -> Iterator[list[Matter]]:
    """What is told of both SLOs after each minute."""
    scales = Scales()
    kept = {(one.kind, one.name): Minutes() for one in book.objectives}
    for minute, sample in enumerate(samples):
        for minutes in kept.values():
            minutes.note(minute, sample)
        yield [
            matter
            for one in book.objectives
            for every in (QUICK, SLOW)
            for matter in scales.matters(one, kept[one.kind, one.name], every, board, book.sender)
        ]


SAME = [
    pytest.param("bells", 99.9, [True] * 60 + [False] * 90 + [True] * 60, id="an outage"),
    pytest.param("bells", 99.9, [False] * 30, id="bad from the start"),
    pytest.param('say-"{{ringg}}"', 99.9, [False] * 5, id="a name that has to be quoted"),
    pytest.param("bells", 99.9, ([True] * 49 + [False]) * 5, id="2 % bad"),
    pytest.param("bells", 99, ([True] * 4 + [False]) * 30 + [True] * 10, id="a fifth is bad"),
    pytest.param(
        "bells", 99.9, [True, False, None, None] + [None] * 60, id="1 bad of 2 since the start"
    ),
    pytest.param("bells", 99.9, [True] * 60 + [False] * 10 + [None] * 60 + [True] * 90, id="a gap"),
    pytest.param(
        "bells", 99.9, [None] * 20 + [True] * 3 + [False] * 3 + [None] * 20, id="few samples"
    ),
    pytest.param("bells", 50, [False] * 60, id="a budget that is hard to burn"),
    pytest.param("bells", 99.9, [True] * 300 + [False] * 3 + [True] * 90, id="just enough"),
]


@pytest.mark.parametrize(("name", "objective", "samples"), SAME)
def test_it_burns_when_prometheus_says_so(
    name: str, objective: float, samples: Samples, board: Board, promtool: Path, tmp_path: Path
) -> None:
    settings = config(objective, name)
    document = yaml.safe_load(rules(settings))
    ours = [group for group in document["groups"] if "slo" in group["name"]]
    for group in ours:
        group["rules"] = [_plain(rule) for rule in group["rules"] if not _long(rule)]
    book = book_of(settings, board)
    test = {
        "interval": "1m",
        "input_series": [
            {
                "series": _series(one.kind, one.name),
                "values": " ".join(WORDS[sample] for sample in samples),
            }
            for one in book.objectives
        ],
        "alert_rule_test": [
            {
                "alertname": NAME,
                "eval_time": f"{minute}m",
                "exp_alerts": [
                    {"exp_labels": _told(labels_of(one, book.rule(one)))} for one in found
                ],
            }
            for minute, found in enumerate(told(book, board, samples))
        ],
    }
    assert rule_tests(promtool, tmp_path, json.dumps({"groups": ours}), [test]) == ""


def _told(labels: frozenset[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in labels if name != "alertname"}


def _series(kind: str, name: str) -> str:
    quoted = json.dumps(name, ensure_ascii=False)
    return f'{GOOD}{{job="evidenced", {kind}={quoted}, slo={quoted}}}'


def _long(rule: dict[str, Any]) -> bool:
    return any(name in rule.get("record", "") for name in (":sum5m", ":count5m", "_window", "left"))


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: rule[key] for key in rule if key not in ("annotations", "keep_firing_for")}


def test_the_rule_of_each_tier_is_found(board: Board) -> None:
    """What the daemon takes of the rule is what stands in the file for that tier."""
    settings = config()
    book = book_of(settings, board)
    written = {
        (rule["labels"]["tier"], rule["labels"].get("check") or rule["labels"].get("claim")): rule
        for group in yaml.safe_load(rules(settings))["groups"]
        for rule in group["rules"]
        if rule.get("alert") == NAME
    }
    *_, found = told(book, board, [False] * 10)
    assert {one.labels["tier"] for one in found} == {tier.name for tier in TIERS}
    assert len(found) == len(written) == 2 * len(TIERS)
    for matter in found:
        rule = book.rule(matter)
        subject = matter.labels.get("check") or matter.labels.get("claim")
        one = written[matter.labels["tier"], subject]
        assert rule.severity.value == one["labels"]["severity"]
        assert rule.summary == one["annotations"]["summary"]
        assert rule.hold == 0
        assert {300.0: "5m", 0.0: None}[rule.keep] == one.get("keep_firing_for")


def test_a_claim_has_its_runbook_and_its_proof(board: Board) -> None:
    document = config().model_dump(exclude_unset=True)
    document["external_url"] = "https://rad.example/evidenced"
    document["claims"]["stable-2"]["runbook_url"] = "https://wiki.example/rides"
    book = book_of(Config.model_validate(document), board)
    *_, found = told(book, board, [False] * 10)
    links = {(one.labels.get("claim"), *sorted(book.rule(one).links.items())) for one in found}
    assert links == {
        (None,),
        (
            "stable-2",
            ("proof_url", "https://rad.example/evidenced/claims/stable-2"),
            ("runbook_url", "https://wiki.example/rides"),
        ),
    }


def test_what_is_told(board: Board, observe: Callable[..., None], bad: Attempt) -> None:
    book = book_of(config(), board)
    observe("bells", bad)
    *_, found = told(book, board, [True] * 57 + [False] * 4)
    by = {(one.labels["tier"], "claim" in one.labels): one.description for one in found}
    assert by["page-quick", False] == (
        "In the last 1h the check bells was bad for 6.6% of the time, in the last 5m as well. "
        "Of its SLO (99.9 % over 30d) the error budget burns at a rate above 14.4; at 1 it lasts "
        "for all of that.\n"
        "Now https://rad.example/bells: expected 200, found 500 (status)."
    )
    assert by["page-slow", True].splitlines()[1] == (
        "Now check bells of https://rad.example/bells: expected 200, found 500 (status)."
    )


def test_of_what_is_good_nothing_is_reckoned(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_of(config(), board)
    monkeypatch.delattr("evidenced.publish.slo.burns")
    minutes = Minutes()
    minutes.fill(0, 9, False)
    minutes.fill(10, 400, True)
    assert not list(Scales().burning(book.objectives[0], minutes, QUICK))
