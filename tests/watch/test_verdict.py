from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.defaults import Confirm
from evidenced.config.flapping import Flapping
from evidenced.probes.attempt import Failure, Reason
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.verdict import CALM, CheckState, Standing, at_age, combine, step

Observe = Callable[..., Observation]
MakeCheck = Callable[..., Check]

TWITCHY = Flapping.model_validate({"changes": 3, "window": "10s"})
LETTERS = {"s": "success", "f": "failure", "u": "unknown"}


def after(
    runs: str,
    confirm: Confirm,
    make_check: MakeCheck,
    observe: Observe,
    flapping: Flapping = CALM,
) -> CheckState:
    state, check = CheckState(), make_check()
    for at, letter in enumerate(runs):
        state = step(state, observe(check, LETTERS[letter], at), confirm, flapping)
    return state


@pytest.mark.parametrize(
    ("runs", "failures", "successes", "standing", "since"),
    [
        pytest.param("", 2, 1, "unverified", None, id="never looked at"),
        pytest.param("s", 2, 1, "verified", 0, id="one good run verifies"),
        pytest.param("f", 2, 1, "unverified", None, id="one failure confirms nothing yet"),
        pytest.param("ff", 2, 1, "contradicted", 1, id="the second failure confirms"),
        pytest.param("sf", 2, 1, "verified", 0, id="one failure after a good run"),
        pytest.param("sfsf", 2, 1, "verified", 0, id="failures with a good run between"),
        pytest.param("sff", 2, 1, "contradicted", 2, id="verified, then contradicted"),
        pytest.param("sffff", 2, 1, "contradicted", 2, id="since stays with the outage"),
        pytest.param("sffs", 2, 1, "verified", 3, id="recovery with one success"),
        pytest.param("ffss", 2, 3, "contradicted", 1, id="recovery is not confirmed yet"),
        pytest.param("ffsss", 2, 3, "verified", 4, id="recovery is confirmed"),
        pytest.param("ffssfsss", 2, 3, "verified", 7, id="a failure breaks the recovery"),
        pytest.param("f", 1, 1, "contradicted", 0, id="confirm 1 takes one failure"),
        pytest.param("su", 2, 1, "verified", 0, id="one blind run says nothing"),
        pytest.param("suu", 2, 1, "unknown", 2, id="two blind runs are unknown"),
        pytest.param("ffuuu", 2, 1, "contradicted", 1, id="contradicted stays while blind"),
        pytest.param("fuf", 2, 1, "contradicted", 2, id="a blind run does not break the row"),
        pytest.param("uus", 2, 1, "verified", 2, id="sight comes back"),
        pytest.param("uuff", 2, 1, "contradicted", 3, id="blind, then failing"),
    ],
)
def test_standing_of_a_check(
    runs: str,
    failures: int,
    successes: int,
    standing: str,
    since: float | None,
    make_check: MakeCheck,
    observe: Observe,
) -> None:
    confirm = Confirm(failures=failures, successes=successes)
    state = after(runs, confirm, make_check, observe)
    assert (state.standing, state.since) == (standing, since)


def test_the_failure_stays_that_of_the_beginning_until_the_reason_changes(
    make_check: MakeCheck, observe: Observe
) -> None:
    check, confirm = make_check(), Confirm()
    first = step(CheckState(), observe(check, "failure", 1), confirm)
    same = step(first, observe(check, "failure", 2), confirm)
    other = step(same, observe(check, "failure", 3, Reason.TIMEOUT), confirm)
    good = step(other, observe(check, "success", 4), confirm)
    assert (
        same.failure
        == first.failure
        == Failure(Reason.STATUS, "status", "expected 200, found 500 at 1")
    )
    assert other.failure is not None
    assert other.failure.detail.endswith("at 3")
    assert good.failure is None


@pytest.mark.parametrize(
    ("now", "standing", "since"), [(110.0, "verified", 10), (110.1, "stale", 110)]
)
def test_what_was_verified_too_long_ago_is_stale(
    now: float, standing: str, since: float, make_check: MakeCheck, observe: Observe
) -> None:
    state = step(CheckState(), observe(make_check(), "success", 10.0), Confirm())
    aged = at_age(state, now, 100.0)
    assert (aged.standing, aged.since) == (standing, since)


def test_only_what_is_verified_turns_stale(make_check: MakeCheck, observe: Observe) -> None:
    confirm = Confirm()
    state = after("sff", confirm, make_check, observe)
    assert at_age(state, 1e9, 1.0).standing == "contradicted"


def test_a_stale_check_is_verified_by_the_next_good_run(
    make_check: MakeCheck, observe: Observe
) -> None:
    stale = replace(CheckState(), confirmed=Standing.STALE, confirmed_since=5.0, last_verified=1.0)
    state = step(stale, observe(make_check(), "success", 9.0), Confirm())
    assert (state.standing, state.since) == ("verified", 9.0)


@pytest.mark.parametrize(
    ("checks", "claim"),
    [
        ([], "unverified"),
        (["verified", "verified"], "verified"),
        (["verified", "unverified"], "unverified"),
        (["verified", "stale"], "stale"),
        (["stale", "unknown"], "unknown"),
        (["unknown", "contradicted", "verified"], "contradicted"),
    ],
)
def test_standing_of_a_claim(checks: list[str], claim: str) -> None:
    assert combine(Standing(check) for check in checks) == claim


def flapped(
    runs: str, flapping: Flapping, make_check: MakeCheck, observe: Observe
) -> list[CheckState]:
    states, check = [CheckState()], make_check()
    for at, letter in enumerate(runs):
        seen = observe(check, LETTERS[letter], float(at))
        states.append(step(states[-1], seen, Confirm(failures=1), flapping))
    return states[1:]


def test_flapping_is_one_contradiction(make_check: MakeCheck, observe: Observe) -> None:
    states = flapped("sfsfsfsfsssssssssssss", TWITCHY, make_check, observe)
    told = [(at, state.standing) for at, state in enumerate(states)]
    # The fourth change, at 4, is one too many; at 15 only three lie in the window any more.
    assert [standing for _, standing in told[4:14]] == ["contradicted"] * 10
    assert {state.since for state in states[4:14]} == {4.0}
    assert told[-1][1] == "verified"
    ended = next(at for at, standing in told if at > 4 and standing == "verified")
    assert ended == 16


def test_flapping_ends_by_age_too(make_check: MakeCheck, observe: Observe) -> None:
    state = flapped("sfsfsfs", TWITCHY, make_check, observe)[-1]
    assert state.standing == "contradicted"
    assert at_age(state, 12.0, 1e9, TWITCHY).standing == "contradicted"
    assert at_age(state, 15.0, 1e9, TWITCHY).standing == "verified"


def test_what_changes_seldom_does_not_flap(make_check: MakeCheck, observe: Observe) -> None:
    states = flapped(
        "sf" * 40, Flapping.model_validate({"changes": 50, "window": "30s"}), make_check, observe
    )
    assert all(state.flapping_since is None for state in states)
    assert states[-1].standing == "contradicted"


def by_the_rules(runs: str, confirm: Confirm) -> str:
    """The documented rules, said once more in another way: by looking back over the whole row."""
    standing = "unverified"
    for end in range(1, len(runs) + 1):
        seen = runs[:end]
        row = seen.replace("u", "")
        blind = len(seen) - len(seen.rstrip("u"))
        last = seen[-1]
        if last == "s" and len(row) - len(row.rstrip("s")) >= confirm.successes:
            standing = "verified"
        elif last == "f" and len(row) - len(row.rstrip("f")) >= confirm.failures:
            standing = "contradicted"
        elif last == "u" and blind >= confirm.failures and standing != "contradicted":
            standing = "unknown"
    return standing


@given(
    runs=st.text("sfu", max_size=40),
    failures=st.integers(1, 4),
    successes=st.integers(1, 4),
)
def test_no_order_of_runs_gives_a_standing_that_the_rules_do_not(
    runs: str, failures: int, successes: int, make_check: MakeCheck, observe: Observe
) -> None:
    confirm = Confirm(failures=failures, successes=successes)
    state = after(runs, confirm, make_check, observe, Flapping(changes=1000))
    assert state.standing == by_the_rules(runs, confirm)
    assert (state.failure is not None) == (runs.replace("u", "")[-1:] == "f")
