"""What is known of a check and of a claim now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evidenced.ledger.model import Item
from evidenced.probes.attempt import Outcome
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.stood import Basis, Blind
from evidenced.watch.verdict import CheckState, Standing

NOTHING_SEEN = CheckState()
ZERO: Mapping[Outcome, int] = MappingProxyType(dict.fromkeys(Outcome, 0))


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """A check as it stands now; the counts are since the daemon began with it.

    `recovered` is when it last held again after a failed run; `held` is the standing that it keeps
    while it is in maintenance. Times are in seconds since the epoch.
    """

    check: Check
    state: CheckState = NOTHING_SEEN
    last: Observation | None = None
    runs: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)
    attempts: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)
    recovered: float | None = None
    blind: Blind | None = None
    maintenance: Maintenance | None = None
    held: Standing | None = None

    @property
    def standing(self) -> Standing:
        """How the check stands, with all that clouds it considered.

        What is contradicted stays so while nothing can be seen: that is no news of its target.
        """
        if self.held is not None:
            return self.held
        if self.blind is not None and self.state.standing is not Standing.CONTRADICTED:
            return Standing.UNKNOWN
        return self.state.standing

    @property
    def failing(self) -> bool:
        """Whether its last run failed, be it before a restart."""
        if self.last is None:
            return self.state.failures > 0
        return self.last.result is Outcome.FAILURE

    @property
    def seen(self) -> Outcome:
        """What its last run saw; before the first one it is believed, unless it failed before."""
        if self.last is None:
            return Outcome.FAILURE if self.failing else Outcome.SUCCESS
        return self.last.result

    @property
    def holding(self) -> bool:
        """Whether its last run is the one that last verified it."""
        return self.last is not None and self.last.ended == self.state.last_verified


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """A claim as it stands now; times are in seconds since the epoch.

    `since` is when the standing became what it is, `last_verified` when the least recently verified
    of its checks last held, `contradicted` when a check of it was last contradicted, and `missing`
    are the documents that it cites and the repository does not have. `blind` says why it is unknown
    where the daemon knows, and `maintenance` is the work for which its standing is left as it is.
    `shard` is the daemon that looks at it, None for this one.
    """

    item: Item
    checks: tuple[str, ...]
    basis: Basis
    missing: tuple[str, ...] = ()
    standing: Standing = Standing.UNVERIFIED
    since: float | None = None
    last_verified: float | None = None
    contradicted: float | None = None
    blind: Blind | None = None
    maintenance: Maintenance | None = None
    shard: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A claim whose standing changed at `at`, and the check that brought it about (or "")."""

    claim: ClaimStatus
    before: Standing
    check: str
    at: float
