from collections.abc import Callable


def test_the_times_of_a_check_are_there_before_its_first_run(
    series: Callable[..., dict[tuple[str, ...], float]],
) -> None:
    checks = {("repairs",), ("bells",), ("hub",)}
    assert series("probe_timeout_seconds", "check") == dict.fromkeys(checks, 10)
    assert series("probe_max_age_seconds", "check") == dict.fromkeys(checks, 300)
