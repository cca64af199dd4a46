"""How several daemons divide the checks of one plan: each on its own comes to the same division.

Checks that share a claim, or depend on one another, are a group, and a group goes to one shard: the
one that weighs most for it (rendezvous hashing, "highest random weight"). A weight hangs on nothing
but the group and the shard, so one more shard takes what it weighs most for from all the others,
and nothing else moves. Sentinels, and what these depend on, are looked at by every shard, for each
needs a view of its own; who depends on them is in no group for that. What they see is told and kept
by one, as with any other check. Claims that no check speaks for go to the first shard: nobody looks
at them, and whoever counts them has to see them all.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evidenced.watch.plan import Check, Plan

KEEPER_OF_THE_LEDGER = 0
"""The shard that tells what is the whole ledger's, and of claims without a check."""


@dataclass(frozen=True, slots=True)
class Share:
    """A daemon's part of a plan: that of the shard `index` where the work is divided by `count`.

    `checks` and `claims` are the shards that have them, `groups` the key of each check's group;
    what is in neither is this daemon's own. `everywhere` are the checks that every shard looks at.
    """

    index: int = 0
    count: int = 1
    checks: Mapping[str, int] = field(default_factory=dict)
    claims: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    everywhere: frozenset[str] = frozenset()

    def has_check(self, name: str) -> bool:
        """Whether this daemon tells and keeps what is seen by a check."""
        return self.checks.get(name, self.index) == self.index

    def looks(self, name: str) -> bool:
        """Whether it looks at a check."""
        return name in self.everywhere or self.has_check(name)

    def has_claim(self, claim: str) -> bool:
        """Whether it says how a claim stands; one that the ledger lacks is the first shard's."""
        return self.claims.get(claim, KEEPER_OF_THE_LEDGER) == self.index

    def other(self, claim: str) -> int | None:
        """The shard that says how a claim stands, None for this one."""
        return None if self.has_claim(claim) else self.claims[claim]

    @property
    def keeps_ledger(self) -> bool:
        """Whether it tells what is the whole ledger's."""
        return self.index == KEEPER_OF_THE_LEDGER


WHOLE = Share()
"""The part of a daemon that shares with nobody."""


def shared(plan: Plan, index: int, count: int) -> Share:
    """The part of this plan that a shard has; a thousand checks take some milliseconds."""
    everywhere = frozenset(_everywhere(plan))
    groups = _groups(plan.checks, everywhere)
    owners = {key: owner(key, count) for key in set(groups.values())}
    checks = {name: owners[key] for name, key in groups.items()}
    claims = dict.fromkeys((item.id for item in plan.ledger.claims), KEEPER_OF_THE_LEDGER)
    for check in plan.checks:
        claims.update(dict.fromkeys(check.claims, checks[check.name]))
    return Share(index, count, checks, claims, groups, everywhere)


def owner(group: str, count: int) -> int:
    """Which of so many shards has a group, by its key."""
    return max(range(count), key=lambda shard: weight(group, shard))


def weight(group: str, shard: int) -> bytes:
    """How much a shard weighs for a group: a hash of both."""
    return hashlib.blake2b(
        f"{shard} {group}".encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()


def _everywhere(plan: Plan) -> Iterator[str]:
    checks = {check.name: check for check in plan.checks}
    ahead, known = list(plan.sentinels), set[str]()
    while ahead:
        name = ahead.pop()
        if name in checks and name not in known:
            known.add(name)
            ahead += checks[name].depends_on
            yield name


def _groups(checks: tuple[Check, ...], everywhere: frozenset[str]) -> dict[str, str]:
    """The key of each check's group: the least of its claims, or of its checks where it has none.

    Claims come first, so that one more check for a claim moves nothing.
    """
    union = _Union()
    names = {check.name for check in checks}
    for check in checks:
        me = _check_key(check.name)
        union.add(me)
        for claim in check.claims:
            union.join(me, f"0 {claim}")
        for parent in check.depends_on:
            if parent in names and parent not in everywhere:
                union.join(me, _check_key(parent))
    return {check.name: union.least(_check_key(check.name)) for check in checks}


def _check_key(name: str) -> str:
    return f"1 {name}"


class _Union:
    """Sets that are joined, each known by its least member."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def add(self, one: str) -> None:
        self._above.setdefault(one, one)

    def least(self, one: str) -> str:
        above = self._above
        while above[one] != one:
            above[one] = one = above[above[one]]
        return one

    def join(self, one: str, other: str) -> None:
        self.add(other)
        low, high = sorted((self.least(one), self.least(other)))
        self._above[high] = low
