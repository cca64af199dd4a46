"""What observations amount to: a pure state machine for each check, and claims made of checks.

The rules:

- A good run verifies a check once there were `confirm.successes` in a row, a failed run contradicts
  it once there were `confirm.failures` in a row. Until then the standing stays as it was.
- A run that could not see (unknown) neither confirms nor breaks a row. After `confirm.failures` of
  them a check is unknown, but what is contradicted stays contradicted until a good run.
- What was verified longer ago than `max_age` is stale.
- A claim is contradicted when any of its checks is, verified when all are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from evidenced.config.model import Confirm
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
    page about it does not change with every run.
    """

    standing: Standing = Standing.UNVERIFIED
    since: float | None = None
    failures: int = 0
    successes: int = 0
    unknowns: int = 0
    last_verified: float | None = None
    contradicted: float | None = None
    failure: Failure | None = None


def step(state: CheckState, observation: Observation, confirm: Confirm) -> CheckState:
    """The state after one more observation."""
    at = observation.ended
    match observation.result:
        case Outcome.SUCCESS:
            state = replace(
                state,
                successes=state.successes + 1,
                failures=0,
                unknowns=0,
                last_verified=at,
                failure=None,
            )
            if state.successes >= confirm.successes:
                return _stand(state, Standing.VERIFIED, at)
        case Outcome.FAILURE:
            state = replace(
                state,
                failures=state.failures + 1,
                successes=0,
                unknowns=0,
                failure=_lasting(state.failure, observation.failure),
            )
            if state.failures >= confirm.failures and state.standing is not Standing.CONTRADICTED:
                return replace(_stand(state, Standing.CONTRADICTED, at), contradicted=at)
        case Outcome.UNKNOWN:
            state = replace(state, unknowns=state.unknowns + 1)
            if state.unknowns >= confirm.failures and state.standing is not Standing.CONTRADICTED:
                return _stand(state, Standing.UNKNOWN, at)
    return state


def at_age(state: CheckState, now: float, max_age: float) -> CheckState:
    """The state with its age considered: what was verified too long ago is stale."""
    if (
        state.standing is Standing.VERIFIED
        and state.last_verified is not None
        and now - state.last_verified > max_age
    ):
        return _stand(state, Standing.STALE, state.last_verified + max_age)
    return state


def combine(standings: Iterable[Standing]) -> Standing:
    """The standing of a claim from those of its checks; unverified where there is none."""
    found = frozenset(standings)
    return next((standing for standing in WEIGHT if standing in found), Standing.UNVERIFIED)


def _stand(state: CheckState, standing: Standing, at: float) -> CheckState:
    return state if state.standing is standing else replace(state, standing=standing, since=at)


def _lasting(old: Failure | None, new: Failure | None) -> Failure | None:
    same = old is not None and new is not None and old.reason is new.reason
    return old if same else new
