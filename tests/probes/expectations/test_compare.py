"""Comparisons on values of all types: by table what they mean, by law what always holds."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.expect import Comparison
from evidenced.probes.expectations.compare import (
    MISSING,
    clauses,
    compare,
    compare_all,
    compare_any,
    describe,
)


def comparison(**conditions: object) -> Comparison:
    return Comparison.model_validate(conditions)


@pytest.mark.parametrize(
    ("value", "conditions", "met"),
    [
        ("ok", {"eq": "ok"}, True),
        ("OK", {"eq": "ok"}, False),
        (1, {"eq": 1.0}, True),
        (True, {"eq": True}, True),
        (True, {"eq": 1}, False),
        (1, {"eq": True}, False),
        (0, {"eq": False}, False),
        ("1", {"eq": 1}, False),
        (1, {"eq": "1"}, False),
        (None, {"eq": None}, True),
        ("", {"eq": None}, False),
        (0, {"eq": None}, False),
        ([1, "a"], {"eq": [1, "a"]}, True),
        ([1, "a"], {"eq": ["a", 1]}, False),
        ([True], {"eq": [1]}, False),
        ({"a": [1]}, {"eq": {"a": [1]}}, True),
        ({"a": 1, "b": 2}, {"eq": {"a": 1}}, False),
        (Decimal("1.50"), {"eq": 1.5}, True),
        ("up", {"ne": "down"}, True),
        ("down", {"ne": "down"}, False),
        (1, {"ne": True}, True),
        (None, {"ne": "down"}, True),
        (5, {"lt": 6, "gt": 4}, True),
        (5, {"lt": 5}, False),
        (5, {"le": 5, "ge": 5}, True),
        (5, {"gt": 5}, False),
        (10**400, {"gt": 1e300}, True),
        (float("nan"), {"ge": 0}, False),
        (Decimal("0.1"), {"lt": 0.2}, True),
        (True, {"ge": 0}, False),
        ("5", {"lt": 6}, False),
        (None, {"lt": 6}, False),
        ("Organic Tomatoes", {"contains": "Tomatoes"}, True),
        ("Organic Tomatoes", {"contains": ["Organic", "Potatoes"]}, False),
        (["a", "b"], {"contains": ["a", "b"]}, True),
        (["ab"], {"contains": "a"}, False),
        ({"a": 1}, {"contains": "a"}, False),
        (5, {"contains": "5"}, False),
        ("abc", {"not_contains": "d"}, True),
        ("abc", {"not_contains": ["d", "b"]}, False),
        (["a"], {"not_contains": "b"}, True),
        (5, {"not_contains": "b"}, False),
        (None, {"not_contains": "b"}, False),
        ("v1.2", {"matches": "^v[0-9]"}, True),
        ("xv1", {"matches": "^v[0-9]"}, False),
        (12, {"matches": "12"}, False),
        ("v1", {"not_matches": ["^w", "2$"]}, True),
        ("v1", {"not_matches": ["^w", "1$"]}, False),
        (1, {"not_matches": "2"}, False),
        (None, {"exists": True}, True),
        (None, {"exists": False}, False),
        ("", {"empty": True}, True),
        ([], {"empty": True}, True),
        ({}, {"empty": True}, True),
        (None, {"empty": True}, True),
        (0, {"empty": True}, False),
        (False, {"empty": True}, False),
        (0, {"empty": False}, True),
        (" ", {"empty": False}, True),
        ([], {"empty": False}, False),
        ([1], {"length": 1}, True),
        ("αβγ", {"length": {"ge": 3, "lt": 4}}, True),
        ({}, {"length": {"gt": 0}}, False),
        (12, {"length": 2}, False),
        (None, {"length": 0}, False),
    ],
    ids=repr,
)  # fmt: skip
def test_one_value(value: object, conditions: dict[str, object], met: bool) -> None:
    assert compare(value, comparison(**conditions)).met is met


@pytest.mark.parametrize(
    "conditions",
    [
        {"eq": None}, {"ne": "x"}, {"lt": 1}, {"le": 1}, {"gt": 1}, {"ge": 1}, {"contains": "x"},
        {"not_contains": "x"}, {"matches": "x"}, {"not_matches": "x"}, {"exists": True},
        {"empty": True}, {"empty": False}, {"length": 0}, {"exists": False, "ne": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_missing_value_meets_nothing(conditions: dict[str, object]) -> None:
    verdict = compare(MISSING, comparison(**conditions))
    assert not verdict.met
    assert verdict.found == "nothing"


def test_a_missing_value_is_what_does_not_exist() -> None:
    assert compare(MISSING, comparison(exists=False)).met


@pytest.mark.parametrize(
    ("text", "conditions", "met"),
    [
        ("3", {"eq": 3}, True),
        ("3.0", {"eq": 3}, True),
        ("3", {"eq": "3"}, True),
        ("3.0", {"eq": "3"}, False),
        ("3", {"ne": 3}, False),
        (" 12 ", {"lt": 13}, True),
        ("1e3", {"ge": 1000}, True),
        ("1_0", {"eq": 10}, False),
        ("inf", {"gt": 1}, False),
        ("nan", {"ge": 0}, False),
        ("0x10", {"gt": 0}, False),
        ("٣", {"eq": 3}, False),
        ("True", {"eq": True}, True),
        ("1", {"eq": True}, False),
        ("no", {"eq": False}, False),
        ("abc", {"length": 3}, True),
        ("12", {"contains": "1"}, True),
    ],
)
def test_a_text_that_stands_for_a_number(
    text: str, conditions: dict[str, object], met: bool
) -> None:
    assert compare(text, comparison(**conditions), textual=True).met is met


@pytest.mark.parametrize(
    ("values", "conditions", "met"),
    [
        ([], {"exists": False}, True),
        ([], {"not_contains": "x"}, False),
        (["a", "b"], {"eq": "b"}, True),
        (["a", "b"], {"eq": "c"}, False),
        (["a", "b"], {"ne": "b"}, False),
        (["ab", "c"], {"contains": ["a", "b"]}, True),
        (["a", "b"], {"contains": ["a", "b"]}, False),
        (["a; Secure", "b"], {"contains": "Secure", "not_contains": "None"}, True),
        (["a; Secure", "b; None"], {"contains": "Secure", "not_contains": "None"}, False),
        (["a", "b"], {"exists": True}, True),
        (["a", "b"], {"exists": False}, False),
    ],
    ids=str,
)
def test_several_values_of_one_name(
    values: list[object], conditions: dict[str, object], met: bool
) -> None:
    assert compare_any(values, comparison(**conditions)).met is met


@pytest.mark.parametrize(
    ("values", "conditions", "met"),
    [
        (["ok"], {"eq": "ok"}, True),
        (["ok", "ok"], {"eq": "ok"}, True),
        (["ok", "down"], {"eq": "ok"}, False),
        ([], {"eq": "ok"}, False),
        ([], {"ne": "ok"}, False),
        ([1, 2], {"gt": 0, "length": 2}, True),
        ([1, 2], {"gt": 1}, False),
        (["a", "b"], {"contains": "b"}, True),
        (["ab"], {"contains": "b"}, False),
        (["a"], {"not_contains": "b"}, True),
        ([], {"exists": False}, True),
        ([None], {"exists": True}, True),
        ([], {"length": 0}, True),
        ([{"a": 1, "b": 2}], {"length": 1}, True),
        ([], {"empty": True}, True),
        ([[]], {"empty": False}, True),
        (["a", "b"], {"matches": "^[ab]$"}, True),
        (["a", "b"], {"not_matches": "b"}, False),
    ],
    ids=str,
)
def test_all_values_of_a_query(
    values: list[object], conditions: dict[str, object], met: bool
) -> None:
    assert compare_all(values, comparison(**conditions)).met is met


@pytest.mark.parametrize(
    ("value", "conditions", "expected", "found"),
    [
        ("s3cret", {"eq": "ok"}, 'to be "ok"', "a text of length 6"),
        (MISSING, {"eq": True}, "to be true", "nothing"),
        (75, {"gt": 1, "lt": 60}, "to be less than 60", "75"),
        (0.5, {"ge": 0.75}, "to be at least 0.75", "0.5"),
        ([1, 2], {"length": {"ge": 3}}, "length to be at least 3", "a list of length 2"),
        ({}, {"empty": False}, "not to be empty", "an empty mapping"),
        (None, {"exists": False}, "not to exist", "null"),
        ("x", {"contains": ["x", "y"]}, 'to contain "y"', "a text of length 1"),
        ("x", {"matches": "^y"}, 'to match "^y"', "a text of length 1"),
        ([], {"eq": [1, None]}, "to be [1, null]", "an empty list"),
        (5, {"gt": 1, "lt": 9}, "to be less than 9 and to be more than 1", "5"),
        ("x", {"eq": "y" * 99}, f'to be "{"y" * 58}…', "a text of length 1"),
    ],
    ids=str,
)
def test_the_words(value: object, conditions: dict[str, object], expected: str, found: str) -> None:
    verdict = compare(value, comparison(**conditions))
    assert (verdict.expected, verdict.found) == (expected, found)


def test_a_number_of_thousands_of_digits_is_described() -> None:
    assert len(describe(10**5000)) < 100


# Laws

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(min_size=1)
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "eq": VALUES,
        "ne": VALUES,
        "lt": NUMBERS,
        "le": NUMBERS,
        "gt": NUMBERS,
        "ge": NUMBERS,
        "contains": st.lists(TEXTS, min_size=1, max_size=3),
        "not_contains": st.lists(TEXTS, min_size=1, max_size=3),
        "exists": st.booleans(),
        "empty": st.booleans(),
        "length": st.integers(0, 4),
    },
).filter(bool)


@given(VALUES)
def test_a_value_equals_itself(value: Any) -> None:  # noqa: ANN401
    assert compare(value, comparison(eq=value)).met
    assert not compare(value, comparison(ne=value)).met


@given(VALUES, VALUES)
def test_equal_or_different_and_never_both(value: Any, other: Any) -> None:  # noqa: ANN401
    equal = compare(value, comparison(eq=other)).met
    assert compare(value, comparison(ne=other)).met is not equal
    assert compare(other, comparison(eq=value)).met is equal


@given(st.booleans(), NUMBERS)
def test_a_truth_value_is_never_a_number(truth: bool, number: float) -> None:
    assert not compare(truth, comparison(eq=number)).met
    assert not compare(number, comparison(eq=truth)).met


@given(NUMBERS, NUMBERS)
def test_numbers_are_ordered(number: float, bound: float) -> None:
    holds = {
        each: compare(number, comparison(**{each: bound})).met for each in ("lt", "le", "gt", "ge")
    }
    bound = float(bound)  # As the configuration reads it.
    assert holds["lt"] is (number < bound)
    assert holds["lt"] is not holds["ge"]
    assert holds["gt"] is not holds["le"]
    assert (holds["le"] and holds["ge"]) is (number == bound)


@given(st.text(), TEXTS)
def test_a_text_contains_another_or_does_not(text: str, part: str) -> None:
    contains = compare(text, comparison(contains=part)).met
    assert contains is (part in text)
    assert compare(text, comparison(not_contains=part)).met is not contains


@given(VALUES, CONDITIONS)
def test_a_comparison_holds_when_each_of_its_conditions_does(
    value: Any,  # noqa: ANN401  any JSON value
    conditions: dict[str, Any],
) -> None:
    each = [
        compare(value, comparison(**{name: operand})).met for name, operand in conditions.items()
    ]
    assert compare(value, comparison(**conditions)).met is all(each)


@given(st.lists(VALUES, max_size=4), CONDITIONS)
def test_of_one_value_all_is_any_is_each(values: list[Any], conditions: dict[str, Any]) -> None:
    whole = comparison(**conditions)
    if len(values) == 1:
        assert compare_any(values, whole) == compare(values[0], whole)
    elif compare_any(values, whole).met and values:
        asked = [clause for clause in clauses(whole) if not clause.denies]
        assert any(all(clause.holds(value) for clause in asked) for value in values)


@given(VALUES, CONDITIONS)
def test_the_words_are_there_and_hold_no_text_of_the_value(
    value: Any,  # noqa: ANN401  any JSON value
    conditions: dict[str, Any],
) -> None:
    verdict = compare(value, comparison(**conditions))
    assert verdict.expected
    assert len(verdict.found) <= 60
    if isinstance(value, str):
        assert verdict.found == (
            "an empty text" if not value else f"a text of length {len(value):,}"
        )
