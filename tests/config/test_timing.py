from typing import Any

import pytest

from evidenced.config.check import CheckSettings
from evidenced.config.defaults import Confirm, Defaults, Retry
from evidenced.config.timing import Timing, effective


def check(**settings: object) -> CheckSettings:
    return CheckSettings.model_validate({"name": "rye", "http": {"url": "/"}, **settings})


DEFAULTS = Defaults.model_validate(
    {
        "interval": "30s",
        "timeout": "5s",
        "retry": {"attempts": 4, "wait": "2s", "on": ["dns"]},
        "confirm": {"failures": 3, "successes": 4},
    }
)


def test_a_check_that_says_nothing_has_the_defaults() -> None:
    timing = effective(check(), DEFAULTS)
    assert (timing.interval, timing.timeout, timing.max_age) == (30, 5, 150)
    assert timing.retry.model_dump() == {
        "attempts": 4,
        "wait": 2.0,
        "max_wait": 5.0,
        "on": ("dns",),
    }
    assert timing.confirm.model_dump() == {"failures": 3, "successes": 4}


@pytest.mark.parametrize(
    ("own", "retry"),
    [
        ({"attempts": 1}, (1, 2.0, 5.0, ("dns",))),
        ({"attempts": 3}, (3, 2.0, 5.0, ("dns",))),
        ({"on": []}, (4, 2.0, 5.0, ())),
        ({"wait": "1s", "max_wait": "9s"}, (4, 1.0, 9.0, ("dns",))),
        ({}, (4, 2.0, 5.0, ("dns",))),
    ],
    ids=["one", "pydantic-default", "empty", "two", "none"],
)
def test_retry_is_merged_key_by_key(
    own: dict[str, Any], retry: tuple[int, float, float, tuple[str, ...]]
) -> None:
    merged = effective(check(retry=own), DEFAULTS).retry
    assert (merged.attempts, merged.wait, merged.max_wait, merged.on) == retry


def test_confirm_is_merged_key_by_key() -> None:
    merged = effective(check(confirm={"successes": 1}), DEFAULTS).confirm
    assert (merged.failures, merged.successes) == (3, 1)


@pytest.mark.parametrize(
    ("own", "defaults", "max_age"),
    [
        ({}, {}, 300),
        ({"interval": "2m"}, {}, 600),
        ({"interval": "2m"}, {"max_age": "1h"}, 3600),
        ({"max_age": "3m"}, {"max_age": "1h"}, 180),
    ],
)
def test_max_age_is_five_intervals_unless_it_is_said(
    own: dict[str, str], defaults: dict[str, str], max_age: float
) -> None:
    timing = effective(check(**own), Defaults.model_validate(defaults))
    assert timing.max_age == max_age


def test_what_amounts_to_the_same_is_equal() -> None:
    said = effective(check(interval="60s", retry={"attempts": 3}), Defaults())
    assert said == effective(check(), Defaults())
    assert said == Timing(
        60.0,
        10.0,
        Retry(attempts=3, wait="1s", max_wait="5s", on=("connect", "timeout", "5xx")),
        Confirm(failures=2, successes=1),
        300.0,
    )
    assert said != effective(check(retry={"attempts": 2}), Defaults())


def test_a_timeout_of_the_defaults_gives_way_to_a_shorter_interval() -> None:
    assert effective(check(interval="5s"), Defaults()).timeout == 5.0
    assert effective(check(interval="5s", timeout="2s"), Defaults()).timeout == 2.0
