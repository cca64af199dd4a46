"""How long the last runs took, as a line."""

from dataclasses import replace

import pytest

from evidenced.probes.attempt import Attempt, Outcome
from evidenced.publish.page.recent import KEPT, Recent
from evidenced.publish.page.spark import length, spark
from evidenced.watch.board import Board
from evidenced.watch.observation import Observation


def test_a_line_through_all_runs_with_dots_where_they_failed() -> None:
    found = spark([(0.1, True), (0.2, False), (0.05, True)])
    assert found is not None
    assert found.line == "M0 12L48 3L96 16"
    assert found.failed == "M48 3h0"
    assert found.typical == "100 ms"
    assert found.said == "the last 3 runs took 50 ms to 200 ms, 1 of them did not succeed"
    assert spark([]) is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0001, "under 1 ms"), (0.0123, "12 ms"), (2.34, "2.3 s")]
)
def test_lengths(seconds: float, text: str) -> None:
    assert length(seconds) == text


def test_only_the_last_runs_are_kept(board: Board, good: Attempt, bad: Attempt) -> None:
    recent, check = Recent(), board.checks["bells"].check
    for number in range(3 * KEPT):
        attempt = replace(good, duration=float(number))
        recent.seen(Observation(check, 0.0, 1.0, (attempt,)))
    recent.seen(Observation(check, 0.0, 1.0, (bad,)))
    runs = recent.of("bells")
    assert len(runs) == KEPT
    assert runs[-1] == (0.25, False)
    assert runs[-2] == (3 * KEPT - 1, True)
    assert bad.outcome is Outcome.FAILURE
    recent.forget({"bells"})
    assert recent.of("bells") == runs
    recent.forget(set())
    assert recent.of("bells") == ()
