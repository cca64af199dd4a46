"""The factors of the SRE workbook, and what they come to for other windows and small budgets."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.slo import DAY, LONGEST, SHORTEST
from evidenced.publish.slo_tiers import SLOWEST, TIERS, Tier, burns

windows = st.integers(int(SHORTEST), int(LONGEST)).map(float)
budgets = st.fractions(Fraction(1, 100_000), Fraction(999, 1000))


@pytest.mark.parametrize(
    ("days", "factors"),
    [
        pytest.param(30, [14.4, 6, 3, 1], id="30d: the workbook's table"),
        pytest.param(28, [13.44, 5.6, 2.8, 0.9333333], id="28d"),
        pytest.param(90, [43.2, 18, 9, 3], id="90d"),
        pytest.param(7, [3.36, 1.4, 0.9, 0.9], id="7d: none slower than 0.9"),
    ],
)
def test_the_factors(days: int, factors: list[float]) -> None:
    assert [float(tier.factor(days * DAY)) for tier in TIERS] == pytest.approx(factors)


def test_the_windows_and_the_severities() -> None:
    found = [(t.name, t.severity.value, t.percent, t.long / 3600, t.short / 60) for t in TIERS]
    assert found == [
        ("page-quick", "critical", 2, 1, 5),
        ("page-slow", "critical", 5, 6, 30),
        ("ticket-quick", "warning", 10, 24, 120),
        ("ticket-slow", "warning", 10, 72, 360),
    ]


@given(tier=st.sampled_from(TIERS), window=windows)
def test_at_its_factor_a_tier_uses_up_its_share_of_the_budget(tier: Tier, window: float) -> None:
    factor = tier.factor(window)
    share = factor * Fraction(tier.long) / Fraction(window)
    assert share == Fraction(tier.percent, 100) or (
        factor == SLOWEST and share > Fraction(tier.percent, 100)
    )


@given(window=windows, other=windows)
def test_factors_fall_from_tier_to_tier_and_grow_with_the_window(
    window: float, other: float
) -> None:
    factors = [tier.factor(window) for tier in TIERS]
    assert factors == sorted(factors, reverse=True)
    assert all(factor >= SLOWEST for factor in factors)
    shorter, longer = sorted((window, other))
    assert all(tier.factor(shorter) <= tier.factor(longer) for tier in TIERS)


@given(budget=budgets, window=windows, least=st.integers(2, 10_000))
def test_every_tier_that_is_there_can_fire_and_no_other_one_can(
    budget: Fraction, window: float, least: int
) -> None:
    found = burns(budget, window, least)
    for burn in found:
        assert burn.threshold == burn.factor * budget < 1
        assert least <= burn.minutes <= burn.tier.long / 60
        assert burn.minutes >= burn.threshold * Fraction(burn.tier.long) / 60
    for tier in set(TIERS) - {burn.tier for burn in found}:
        assert tier.factor(window) * budget >= 1 or least > tier.long / 60


@pytest.mark.parametrize(
    ("budget", "least", "names"),
    [
        pytest.param("1/1000", 2, [t.name for t in TIERS], id="99.9 %"),
        pytest.param("1/10", 2, [t.name for t in TIERS[1:]], id="90 %: 14.4 is out of reach"),
        pytest.param("1/2", 2, ["ticket-slow"], id="50 %"),
        pytest.param("1/1000", 62, [t.name for t in TIERS[1:]], id="a look an hour"),
        pytest.param("1/1000", 1442, ["ticket-slow"], id="a look a day"),
    ],
)
def test_a_tier_that_cannot_fire_is_left_out(budget: str, least: int, names: list[str]) -> None:
    assert [burn.tier.name for burn in burns(Fraction(budget), 30 * DAY, least)] == names
