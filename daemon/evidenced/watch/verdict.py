"""What observations amount to: a pure state machine for each check, and claims made of checks.

The rules:

- A good run verifies a check once there were `confirm.successes` in a row, a failed run contradicts
  it once there were `confirm.failures` in a row. Until then the standing stays as it was.
- A run that could not see (unknown) neither confirms nor breaks a row. After `confirm.failures` of
  them a check is unknown, but what is contradicted stays contradicted until a good run.
- What was verified longer ago than `max_age` is stale.
- A check that changed between verified and contradicted more than `flapping.changes` times within
  `flapping.window` is flapping: it is held as contradicted, since it began to flap, until so many
  changes no longer lie in the window. That is one contradiction, however often it comes and goes.
- A claim is contradicted when any of its checks is, verified when all are.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from evidenced.config.defaults import Confirm
from evidenced.config.flapping import Flapping
from evidenced.probes.attempt import Failure, Outcome
from evidenced.watch.observation import Observation


class Standing(StrEnum):
    """What the observations of a check or of a claim amount to now."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    STALE = "stale"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


WEIGHT = (
    Standing.CONTRADICTED,
    Standing.UNKNOWN,
    Standing.STALE,
    Standing.UNVERIFIED,
    Standing.VERIFIED,
)
"""The standings from the one that outweighs all others to the one that must be unanimous."""


@dataclass(frozen=True, slots=True)
class CheckState:
    """All that the verdict on a check depends on; times are in seconds since the epoch.

    `failure` is the one that the outage began with: it changes only with its reason, so that a
    page about it does not change with every run. `changes` are when the confirmed standing changed
    between verified and contradicted, as far back as the window of flapping reaches.
    """

    confirmed: Standing = Standing.UNVERIFIED
    confirmed_since: float | None = None
    failures: int = 0
    successes: int = 0
    unknowns: int = 0
    last_verified: float | None = None
    contradicted: float | None = None
    failure: Failure | None = None
    changes: tuple[float, ...] = ()
    flapping_since: float | None = None

    @property
    def standing(self) -> Standing:
        """How the check stands: as confirmed, or contradicted while it flaps."""
        return self.confirmed if self.flapping_since is None else Standing.CONTRADICTED

    @property
    def since(self) -> float | None:
        """Since when it stands so."""
        return self.confirmed_since if self.flapping_since is None else self.flapping_since


CALM = Flapping()


def step(
    state: CheckState, observation: Observation, confirm: Confirm, flapping: Flapping = CALM
) -> CheckState:
    """The state after one more observation."""
    at = observation.ended
    match observation.result:
        case Outcome.SUCCESS:
            after = _seen_good(state, at, confirm)
        case Outcome.FAILURE:
            after = _seen_bad(state, observation, confirm)
        case Outcome.UNKNOWN:
            after = _seen_nothing(state, at, confirm)
    changed = {state.confirmed, after.confirmed} == {Standing.VERIFIED, Standing.CONTRADICTED}
    if changed:
        after = replace(after, changes=(*after.changes, at))
    return _flapped(after, at, flapping)


def at_age(state: CheckState, now: float, max_age: float, flapping: Flapping = CALM) -> CheckState:
    """The state with its age considered: stale what was verified too long ago, calm what is."""
    state = _flapped(state, now, flapping)
    if (
        state.confirmed is Standing.VERIFIED
        and state.last_verified is not None
        and now - state.last_verified > max_age
    ):
        return _stand(state, Standing.STALE, state.last_verified + max_age)
    return state


def aged_by(state: CheckState, max_age: float, flapping: Flapping = CALM) -> float:
    """The first moment at which age may change this state: infinity where it never will, and minus
    infinity where it does at once, as when another limit for flapping has come into force."""
    if (len(state.changes) > flapping.changes) is not (state.flapping_since is not None):
        return -math.inf
    moments = [at + flapping.window for at in state.changes[:1]]
    if state.confirmed is Standing.VERIFIED and state.last_verified is not None:
        moments.append(state.last_verified + max_age)
    return min(moments, default=math.inf)


def _seen_good(state: CheckState, at: float, confirm: Confirm) -> CheckState:
    successes = state.successes + 1
    state = replace(
        state, successes=successes, failures=0, unknowns=0, last_verified=at, failure=None
    )
    return _stand(state, Standing.VERIFIED, at) if successes >= confirm.successes else state


def _seen_bad(state: CheckState, observation: Observation, confirm: Confirm) -> CheckState:
    state = replace(
        state,
        failures=state.failures + 1,
        successes=0,
        unknowns=0,
        failure=_lasting(state.failure, observation.failure),
    )
    if state.failures < confirm.failures or state.confirmed is Standing.CONTRADICTED:
        return state
    at = observation.ended
    return replace(_stand(state, Standing.CONTRADICTED, at), contradicted=at)


def _seen_nothing(state: CheckState, at: float, confirm: Confirm) -> CheckState:
    state = replace(state, unknowns=state.unknowns + 1)
    if state.unknowns < confirm.failures or state.confirmed is Standing.CONTRADICTED:
        return state
    return _stand(state, Standing.UNKNOWN, at)


def _flapped(state: CheckState, now: float, flapping: Flapping) -> CheckState:
    """The state with the changes that the window holds, and whether these are too many."""
    if not state.changes and state.flapping_since is None:
        return state
    changes = tuple(at for at in state.changes if now - at <= flapping.window)
    many = len(changes) > flapping.changes
    since = (now if state.flapping_since is None else state.flapping_since) if many else None
    if changes == state.changes and since == state.flapping_since:
        return state
    return replace(state, changes=changes, flapping_since=since)


def combine(standings: Iterable[Standing]) -> Standing:
    """The standing of a claim from those of its checks; unverified where there is none."""
    found = frozenset(standings)
    return next((standing for standing in WEIGHT if standing in found), Standing.UNVERIFIED)


def _stand(state: CheckState, standing: Standing, at: float) -> CheckState:
    if state.confirmed is standing:
        return state
    return replace(state, confirmed=standing, confirmed_since=at)


def _lasting(old: Failure | None, new: Failure | None) -> Failure | None:
    same = old is not None and new is not None and old.reason is new.reason
    return old if same else new
