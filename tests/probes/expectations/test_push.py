from typing import Any

import pytest

from evidenced.config.kinds.push import PushExpect
from evidenced.probes.attempt import DETAIL_LIMIT, Failure, Reason
from evidenced.probes.expectations.push import judge_push
from evidenced.probes.mailbox import Push
from evidenced.probes.tally import Tally


def unmet(expect: dict[str, Any], push: Push) -> list[str]:
    judgements = list(judge_push(PushExpect.model_validate(expect), push))
    assert judgements
    return [f"{j.name}: {Failure.of(j).detail}" for j in judgements if not j.met]


def run(tests: int, **counts: Any) -> Push:  # noqa: ANN401  counts and seconds
    return Push(0.0, duration=counts.get("seconds"), tally=Tally(tests, **counts))


@pytest.mark.parametrize(
    ("expect", "push", "lines"),
    [
        pytest.param({}, Push(0.0), [], id="it only came"),
        pytest.param({}, Push(0.0, ok=True), [], id="ok"),
        pytest.param(
            {},
            Push(0.0, ok=False),
            ["ok: expected a push that says ok, found not ok"],
            id="not ok",
        ),
        pytest.param(
            {},
            Push(0.0, ok=False, message="disk is full"),
            ["ok: expected a push that says ok, found not ok: disk is full"],
            id="not ok, and why",
        ),
        pytest.param({"ok": False}, Push(0.0, ok=False), [], id="not ok, as expected"),
        pytest.param({}, run(19), [], id="a good run"),
        pytest.param({}, run(19, skipped=18), [], id="one test that ran"),
        pytest.param(
            {},
            run(0),
            ["tests: expected tests to be at least 1, found no test that ran"],
            id="no test",
        ),
        pytest.param(
            {"tests": {"min": 0}},
            run(3, skipped=3),
            ["tests: expected tests to be at least 1, found no test that ran (3 skipped)"],
            id="none but skipped tests",
        ),
        pytest.param(
            {},
            run(19, failures=2, errors=1),
            [
                "failures: expected failures to be exactly 0, found 2",
                "errors: expected errors to be exactly 0, found 1",
            ],
            id="failures that nothing is said of",
        ),
        pytest.param(
            {"failures": {"max": 2}, "errors": {"max": 1}},
            run(19, failures=2, errors=1),
            [],
            id="failures that are allowed",
        ),
        pytest.param(
            {"tests": {"min": 19}, "failures": 0, "assertions": {"min": 53}},
            run(19, assertions=53),
            [],
            id="a run as claimed",
        ),
        pytest.param(
            {"tests": {"min": 19}, "assertions": {"min": 53}, "skipped": 0},
            run(18, assertions=52, skipped=1),
            [
                "tests: expected tests to be at least 19, found 18",
                "skipped: expected skipped to be exactly 0, found 1",
                "assertions: expected assertions to be at least 53, found 52",
            ],
            id="less than claimed",
        ),
        pytest.param(
            {"assertions": {"min": 1}},
            run(5),
            ["assertions: expected assertions to be at least 1, found no count"],
            id="assertions that nobody counts",
        ),
        pytest.param(
            {"tests": {"min": 19}, "failures": 0},
            Push(0.0, ok=True),
            [
                "tests: expected tests to be at least 19, found no count",
                "failures: expected failures to be exactly 0, found no count",
            ],
            id="no run at all",
        ),
        pytest.param({"duration": "10m"}, Push(0.0, duration=600.0), [], id="in time"),
        pytest.param(
            {"duration": "10m"},
            Push(0.0, duration=600.5),
            ["duration: expected a duration of at most 10m, found 10m500ms"],
            id="too slow",
        ),
        pytest.param(
            {"duration": "10m"},
            Push(0.0),
            ["duration: expected a duration of at most 10m, found none"],
            id="no duration",
        ),
        pytest.param(
            {"facts": {"rows": {"gt": 0}, "host": "oven", "full": False}},
            Push(0.0, facts={"rows": 0, "host": "swordfish", "full": False}),
            [
                "fact:rows: expected fact rows to be more than 0, found 0",
                'fact:host: expected fact host to be "oven", found a text of length 9',
            ],
            id="facts",
        ),
        pytest.param(
            {"facts": {"rows": {"ge": 1}}},
            Push(0.0),
            ["fact:rows: expected fact rows to be at least 1, found nothing"],
            id="a fact that is not there",
        ),
    ],
)
def test_what_is_expected(expect: dict[str, Any], push: Push, lines: list[str]) -> None:
    assert unmet(expect, push) == lines


def test_a_message_becomes_one_short_line() -> None:
    push = Push(0.0, ok=False, message="a\nb\x1b[31m\u202e" + "x" * 1000)
    (judgement,) = judge_push(PushExpect(), push)
    for text in (judgement.found, Failure.of(judgement).detail):
        assert text.isprintable()
        assert len(text) <= DETAIL_LIMIT
    assert judgement.reason is Reason.STATUS
