"""What is kept of what was seen: runs, changes with their proof, states to come back to.

Records are made here of the board's own types; how they are stored is another room's business.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from evidenced.evidence.records import JSON, Evidence, Run, Saved
from evidenced.probes.attempt import Attempt, Failure, Reason
from evidenced.probes.trace import Line
from evidenced.watch.board import Change, CheckStatus, ClaimStatus, Stood
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.verdict import CheckState, Standing

CHECK, CLAIM, MAINTENANCE, DAEMON = "check", "claim", "maintenance", "daemon"
BEAT = "beat"
ALONE: Mapping[tuple[str, str], int] = MappingProxyType({})
"""Who kept what, where there is but one daemon."""

REACH = 1.5
"""Intervals after which a run no longer speaks for its check."""


def run_of(observation: Observation) -> Run:
    """The run that an observation is."""
    check = observation.check
    return Run(
        check=check.name,
        status=observation.result.value,
        at=observation.started,
        duration=observation.duration,
        reach=REACH * check.timing.interval,
        location=check.location or "",
    )


def evidence_of(change: Change, observation: Observation | None, lines: Sequence[Line]) -> Evidence:
    """A change of standing with its proof: the observation that brought it about, if one did."""
    return Evidence(
        at=change.at,
        claim=change.claim.item.id,
        section=change.claim.item.section.value,
        check=change.check,
        before=change.before.value,
        standing=change.claim.standing.value,
        location=observation.check.location or "" if observation else "",
        proof=_proof(observation, lines) if observation else {},
    )


def state_of(status: CheckStatus) -> Saved:
    """What of a check's state comes back after a restart, held to the check as it is now."""
    state = status.state
    failure = state.failure
    why: JSON = [failure.reason.value, failure.expectation, failure.detail] if failure else None
    saved: dict[str, JSON] = {
        "fingerprint": fingerprint(status.check),
        "confirmed": state.confirmed.value,
        "confirmed_since": state.confirmed_since,
        "failures": state.failures,
        "successes": state.successes,
        "last_verified": state.last_verified,
        "contradicted": state.contradicted,
        "failure": why,
        "changes": list(state.changes),
        "flapping_since": state.flapping_since,
        "holding": status.holding,
    }
    return Saved(kind=CHECK, name=status.check.name, state=saved)


def stood_of(claim: ClaimStatus) -> Saved:
    """How a claim stands, to come back after a restart."""
    state: dict[str, JSON] = {
        "standing": claim.standing.value,
        "since": claim.since,
        "contradicted": claim.contradicted,
    }
    return Saved(kind=CLAIM, name=claim.item.id, state=state)


def lasting(before: CheckStatus, after: CheckStatus) -> bool:
    """Whether the step between two statuses is one to keep: more than a count or an age."""
    return _lasting(before) != _lasting(after)


def _lasting(status: CheckStatus) -> tuple[object, ...]:
    state = status.state
    return (
        state.confirmed,
        state.failure,
        state.changes,
        state.flapping_since,
        status.holding,
    )


def beat_of(now: float, began: float) -> Saved:
    """That the daemon was alive and watching at this time, and since when it was."""
    return Saved(kind=DAEMON, name=BEAT, state={"at": now, "began": began})


def beat_name(shard: int) -> str:
    """Under which name a shard keeps that it is alive: the first as a daemon that is alone."""
    return f"{BEAT} {shard}" if shard else BEAT


def last_alive(saved: Mapping[tuple[str, str], JSON], shard: int = 0) -> float | None:
    """When the daemon was last known to live, in seconds since the epoch; None where nobody knows.

    What another version kept in another form counts as nothing.
    """
    beat: Any = saved.get((DAEMON, beat_name(shard)))
    at = beat.get("at") if isinstance(beat, Mapping) else None
    return float(at) if isinstance(at, int | float) else None


def maintenance_of(one: Maintenance) -> Saved:
    """Maintenance that was begun by hand."""
    return Saved(kind=MAINTENANCE, name=one.subject, state={"until": one.until, "why": one.why})


def ended(subject: str) -> Saved:
    """That the maintenance on this subject is over: it does not come back."""
    return Saved(kind=MAINTENANCE, name=subject, state=None)


def restored_states(
    saved: Mapping[tuple[str, str], JSON],
    checks: Iterable[Check],
    shards: Mapping[tuple[str, str], int] = ALONE,
) -> dict[str, CheckState]:
    """The states that come back: of checks that are still the same as when they were kept.

    One that another version kept in another form does not. `shards` are those that kept them.
    """
    found: dict[str, CheckState] = {}
    for check in checks:
        key = (CHECK, check.name)
        state: Any = saved.get(key)
        beat: Any = saved.get((DAEMON, beat_name(shards.get(key, 0))))
        if isinstance(state, Mapping) and state.get("fingerprint") == fingerprint(check):
            with suppress(LookupError, TypeError, ValueError):
                found[check.name] = _state(state, _alive(beat, check.timing.interval))
    return found


def holding(saved: Mapping[tuple[str, str], JSON], check: str) -> bool:
    """Whether the last run of a check was the one that last verified it, as it was kept."""
    state: Any = saved.get((CHECK, check))
    return isinstance(state, Mapping) and state.get("holding") is True


def restored_claims(saved: Mapping[tuple[str, str], JSON]) -> dict[str, Stood]:
    """How each claim stood; what another version kept in another form is left out."""
    found: dict[str, Stood] = {}
    for (kind, name), kept in saved.items():
        state: Any = kept
        if kind == CLAIM:
            with suppress(LookupError, TypeError, ValueError):
                found[name] = Stood(
                    Standing(state["standing"]), state["since"], state["contradicted"]
                )
    return found


def restored_maintenance(
    saved: Mapping[tuple[str, str], JSON], now: float
) -> tuple[Maintenance, ...]:
    """The maintenance begun by hand that still lasts.

    What another version kept in another form is left out.
    """
    found = []
    for (kind, name), kept in saved.items():
        state: Any = kept
        if kind == MAINTENANCE:
            with suppress(LookupError, TypeError, ValueError):
                found.append(Maintenance(name, float(state["until"]), str(state["why"])))
    return tuple(one for one in found if one.until > now)


def over(saved: Mapping[tuple[str, str], JSON], now: float) -> tuple[str, ...]:
    """The subjects whose maintenance is over, or is kept in a form that nobody knows."""
    lasts = {one.subject for one in restored_maintenance(saved, now)}
    return tuple(name for kind, name in saved if kind == MAINTENANCE and name not in lasts)


def fingerprint(check: Check) -> str:
    """What a check looks at and expects, in short: a state belongs to no other one."""
    settings = check.settings.model_dump_json(by_alias=True, exclude_unset=True)
    what = "\n".join((check.kind, check.target, settings))
    return hashlib.sha256(what.encode()).hexdigest()[:16]


def _alive(beat: Mapping[str, float] | None, interval: float) -> float | None:
    """When a check surely had run before the daemon was last seen alive; None where it had not."""
    if beat is None:
        return None
    alive = beat["at"] - interval
    return alive if alive >= beat["began"] else None


def _state(saved: Mapping[str, Any], alive: float | None) -> CheckState:
    failure, confirmed = saved["failure"], Standing(saved["confirmed"])
    verified = saved["last_verified"]
    if saved["holding"] and alive is not None and verified is not None:
        # Good runs are not kept one by one; but the first that is not good would have been, so the
        # check held an interval before the daemon was last seen alive.
        verified = max(verified, alive)
    return CheckState(
        confirmed=confirmed,
        confirmed_since=saved["confirmed_since"],
        failures=saved["failures"],
        successes=saved["successes"],
        last_verified=verified,
        contradicted=saved["contradicted"],
        failure=Failure(Reason(failure[0]), failure[1], failure[2]) if failure else None,
        changes=tuple(saved["changes"]),
        flapping_since=saved["flapping_since"],
    )


def _proof(observation: Observation, lines: Sequence[Line]) -> dict[str, JSON]:
    check = observation.check
    return {
        "kind": check.kind,
        "target": check.target,
        "started": observation.started,
        "duration": observation.duration,
        "result": observation.result.value,
        "attempts": [_attempt(attempt) for attempt in observation.attempts],
        "exchange": [f"{line.mark} {line.text}" for line in lines],
    }


def _attempt(attempt: Attempt) -> dict[str, JSON]:
    failure = attempt.failure
    return {
        "outcome": attempt.outcome.value,
        "started": attempt.started,
        "duration": attempt.duration,
        "failure": {**asdict(failure), "reason": failure.reason.value} if failure else None,
        "expectations": [
            {"name": one.name, "met": one.met, "expected": one.expected, "found": one.found}
            for one in attempt.judgements
        ],
        "phases": dict(attempt.phases),
        "facts": dict(attempt.facts),
    }
