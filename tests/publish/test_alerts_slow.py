"""Checks that get good answers nearly too late, over the window of the rule."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from evidenced.config.rulefile import RuleFile
from evidenced.probes.attempt import Attempt, Outcome
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_slow import Slowness
from evidenced.watch.board import Board

SENDER = Sender("evidenced", "127.0.0.1:9321")
RULES = RuleFile()
BAD, BLIND, SLOW_BLIND = "bad", "blind", "slow and blind"
ENDED = {BAD: Outcome.FAILURE, BLIND: Outcome.UNKNOWN, SLOW_BLIND: Outcome.UNKNOWN}
Runs = Sequence[float | str]


@pytest.fixture
def seen(
    board: Board, observe: Callable[..., None], good: Attempt
) -> Callable[..., list[Matter | None]]:
    """Show a check after each of its runs, one a minute: seconds each took, bad, or blind."""
    slowness = Slowness()

    def seen(runs: Runs, first: int = 0) -> list[Matter | None]:
        found = []
        for minute, run in enumerate(runs, first):
            took = run if isinstance(run, float) else 9.0 if run == SLOW_BLIND else 0.1
            outcome = ENDED.get(str(run), Outcome.SUCCESS)
            observe("bells", replace(good, duration=took, outcome=outcome), at=60 * minute)
            # A little later, as the look is.
            ticks = 60.0 * minute + 5
            found.append(slowness.seen(board.checks["bells"], RULES, SENDER, ticks))
        return found

    return seen


@pytest.mark.parametrize(
    ("runs", "slow"),
    [
        pytest.param([9.0], 1, id="the first is slow"),
        pytest.param([8.0] * 16, 0, id="at the limit"),
        pytest.param([8.1] * 16, 16, id="always slow"),
        pytest.param([0.1] * 16 + [9.0] * 12, 0, id="not yet on average"),
        pytest.param([0.1] * 16 + [9.0] * 16, 2, id="slow on average"),
        pytest.param([9.0, 0.1] * 20, 2, id="by turns"),
        pytest.param([BAD, *[9.0] * 16], 1, id="a failure is remembered for as long"),
        pytest.param([9.0, BLIND, BLIND], 2, id="one that could not look counts, too"),
        pytest.param([BLIND] * 3, 0, id="nobody can tell"),
        pytest.param([9.0, *[SLOW_BLIND] * 20], 16, id="nobody can tell any more"),
    ],
)
def test_slow(runs: Runs, slow: int, seen: Callable[..., list[Matter | None]]) -> None:
    found = seen(runs)
    assert sum(one is not None for one in found) == slow


def test_what_is_told(seen: Callable[..., list[Matter | None]]) -> None:
    first, second = seen([9.0, 9.5])
    assert first is not None
    assert first == second, "a text that is another one at each look is sent anew"
    assert first.labels == {
        "job": "evidenced",
        "check": "bells",
        "kind": "http",
        "target": "https://rad.example/bells",
    }
    assert first.description == (
        "The answers to the http check bells of https://rad.example/bells take longer than 8s on "
        "average, close to the timeout of 10s; beyond it they are failures."
    )


def test_each_run_counts_for_as_long_as_it_was_the_last(
    board: Board, observe: Callable[..., None], good: Attempt
) -> None:
    slowness, status = Slowness(), board.checks["bells"]
    assert slowness.seen(status, RULES, SENDER, 0.0) is None

    def at(ticks: float, took: float | None = None) -> bool:
        if took is not None:
            observe("bells", replace(good, duration=took), at=ticks)
        return slowness.seen(board.checks["bells"], RULES, SENDER, ticks) is not None

    assert at(0.0, 9.0)
    assert at(100.0, 1.0)
    assert not at(120.0), "8 is the limit: 100 seconds of 9 and 20 of 1 are 7.7"
    assert not at(1000.0)


def test_a_check_that_is_gone_or_another_one_is_forgotten(
    board: Board, observe: Callable[..., None], good: Attempt
) -> None:
    slowness = Slowness()
    observe("bells", replace(good, duration=0.1))
    assert slowness.seen(board.checks["bells"], RULES, SENDER, 0.0) is None
    slowness.forget({"bells"})
    slowness.forget(())
    observe("bells", replace(good, duration=9.0), at=1)
    assert slowness.seen(board.checks["bells"], RULES, SENDER, 1.0) is not None
    status = board.checks["bells"]
    assert slowness.seen(replace(status, last=None), RULES, SENDER, 2.0) is None
