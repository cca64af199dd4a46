from collections.abc import Callable
from dataclasses import replace

from evidenced.probes.attempt import Attempt
from evidenced.watch.board import Board

Observe = Callable[..., None]
SeriesOf = Callable[..., dict[tuple[str, ...], float]]
START = 1_800_000_000.0


def test_a_check_verifies_or_is_contradicted_or_neither(
    series: SeriesOf, board: Board, observe: Observe, good: Attempt, bad: Attempt, blind: Attempt
) -> None:
    def now() -> tuple[float | None, float]:
        verified = series("probe_verified", "check").get(("bells",))
        return verified, series("probe_contradicted", "check")["bells",]

    assert now() == (None, 0)
    observe("bells", good, at=60)
    assert now() == (1, 0)
    observe("bells", bad, at=120)
    assert now() == (1, 0)
    observe("bells", bad, at=180)
    assert now() == (0, 1)
    observe("bells", good, at=240)
    assert now() == (1, 0)
    board.sweep(START + 3600)
    assert now() == (0, 0)
    for at in (3660, 3720):
        observe("bells", blind, at=at)
    assert now() == (0, 0)


def test_sentinels_are_named(series: SeriesOf, board: Board) -> None:
    assert series("evidenced_vantage_sentinel_info", "check") == {}
    board.plan = replace(board.plan, sentinels=("hub", "gone"), sentinels_needed=1)
    assert series("evidenced_vantage_sentinel_info", "check") == {("hub",): 1}
