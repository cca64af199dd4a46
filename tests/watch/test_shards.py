"""Which shards are heard of, and who looks at what of those that are."""

from dataclasses import replace

import pytest

from evidenced.evidence.records import Saved
from evidenced.watch.shards import SILENT, Cover, Roll, Shard, missing, word_of, words
from evidenced.watch.sharing import Share, owner

WALL = 1_800_000_000.0


def shard(index: int, count: int = 4, at: float = WALL) -> Shard:
    return Shard(index, count, f"10.0.0.{index}:9321", at, WALL - 100)


def called(*found: Shard, wall: float = WALL, now: float = 50.0, me: int = 0) -> Roll:
    roll = Roll(me)
    roll.call({one.index: one for one in found}, wall, now)
    return roll


def test_what_a_shard_tells_of_itself_comes_back() -> None:
    kept = [word_of(shard(index)) for index in range(3)]
    odd = [
        Saved(kind="daemon", name="beat", state={"at": 1.0, "began": 0.0}),
        Saved(kind="daemon", name="beat 7", state=["?"]),
        Saved(kind="check", name="beat 8", state=word_of(shard(8)).state),
    ]
    assert words([*odd, *kept]) == {index: shard(index) for index in range(3)}
    assert [one.name for one in kept] == ["beat", "beat 1", "beat 2"]


def test_one_that_says_nothing_new_for_long_is_silent_until_it_does() -> None:
    roll = called(shard(1), shard(2))
    assert set(roll.alive) == {1, 2}
    roll.call({1: shard(1, at=WALL + 31), 2: shard(2)}, WALL + 31, 50 + SILENT + 1)
    assert set(roll.alive) == {1}
    assert set(roll.known) == {1, 2}, "it is known all the same"
    roll.call({1: shard(1, at=WALL + 32), 2: shard(2, at=WALL + 32)}, WALL + 32, 83.0)
    assert set(roll.alive) == {1, 2}


def test_a_clock_that_is_wrong_makes_no_shard_silent() -> None:
    behind = shard(1, at=WALL - 300)
    roll = called(behind)
    assert not roll.alive, "a word of long ago is no sign of life the first time"
    roll.call({1: replace(behind, at=WALL - 295)}, WALL + 5, 55.0)
    assert set(roll.alive) == {1}
    assert set(called(shard(1, at=WALL + 3600)).alive) == {1}


def test_neither_this_one_nor_one_long_gone_is_heard_of() -> None:
    assert not called(shard(0), shard(3, at=WALL - 90_000)).known


@pytest.mark.parametrize(
    ("alive", "count", "found"), [((1, 2, 3), 4, 0), ((1, 9), 4, 2), ((), 1, 0)]
)
def test_those_that_are_missing_are_counted(alive: tuple[int, ...], count: int, found: int) -> None:
    assert missing(Share(0, count), count, alive) == found


def covered(group: str, count: int, *alive: Shard) -> int | None:
    mine = owner(group, count)
    share = Share(99, count, checks={"page": mine}, groups={"page": group})
    one = Cover(share, {shard.index: shard for shard in alive}).of("page")
    return one.index if one else None


def test_a_check_is_looked_at_by_whom_the_division_says_as_long_as_that_one_lives() -> None:
    groups = [f"0 page-{number}" for number in range(20)]
    everyone = [shard(index) for index in range(4)]
    for group in groups:
        mine = owner(group, 4)
        assert covered(group, 4, *everyone) == mine
        assert covered(group, 4, *(one for one in everyone if one.index != mine)) is None


def test_while_the_number_is_changed_it_is_who_looks_by_the_old_one() -> None:
    moves = next(f"0 {n}" for n in range(99) if owner(f"0 {n}", 5) == 4)
    stays = next(f"0 {n}" for n in range(99) if owner(f"0 {n}", 5) == 1)
    old = [shard(index, 4) for index in range(4)]
    assert covered(moves, 5, *old) == owner(moves, 4), "the new one has not begun"
    assert covered(stays, 5, *old) == 1
    assert covered(moves, 5, *old, shard(4, 5)) == 4
    assert covered(moves, 5, *(replace(one, count=5) for one in old)) is None, "all have let go"
