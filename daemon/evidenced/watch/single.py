"""A board of one look at each check, where there is no daemon that looks again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter

from evidenced.config.defaults import Confirm
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Plan

AT_ONCE = Confirm(failures=1, successes=1)
"""There is one look: what it sees is confirmed by it."""


def for_one_look(plan: Plan) -> Plan:
    """The same plan, with checks of which a single run counts."""
    checks = (
        replace(check, timing=replace(check.timing, confirm=AT_ONCE)) for check in plan.checks
    )
    return replace(plan, checks=tuple(checks))


def single_board(
    plan: Plan,
    missing: Mapping[str, tuple[str, ...]],
    reading: Reading,
    observations: Iterable[Observation],
) -> Board:
    """The board after these runs of the checks of a plan made by `for_one_look`.

    What a check depends on is taken in before it, and the view of the daemon itself before all, in
    whatever order they ended.
    """
    board = Board.of(plan, missing, reading)
    latest = 0.0
    for one in _in_order(plan, {one.check.name: one for one in observations}):
        board.record(one)
        latest = max(latest, one.ended)
    # Afterwards: a claim in maintenance stands as it is seen, and nothing of it counts.
    board.sweep(latest)
    return board


def _in_order(plan: Plan, seen: Mapping[str, Observation]) -> Iterator[Observation]:
    # Those that a sentinel depends on come before it all the same.
    graph = {check.name: {*check.depends_on} for check in plan.checks}
    for name in graph:
        if name not in plan.sentinels and not _below(name, plan.sentinels, graph):
            graph[name] |= set(plan.sentinels)
    return (seen[name] for name in TopologicalSorter(graph).static_order() if name in seen)


def _below(name: str, sentinels: Iterable[str], graph: Mapping[str, set[str]]) -> bool:
    """Whether a sentinel depends on this check."""
    ahead, known = list(sentinels), set[str]()
    while ahead:
        one = ahead.pop()
        if one == name:
            return True
        if one not in known:
            known.add(one)
            ahead += graph.get(one, ())
    return False
