"""Canonical JSON: the numbers of RFC 8785, stable, and never at a loss."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.evidence.canonical import canonical

# RFC 8785, appendix B: the bits of a double, and how ECMAScript prints it.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "becbf647612f3696": "-0.0000033333333333333333",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items(), ids=NUMBERS)
def test_prints_numbers_as_ecmascript_does(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == text.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"b": 1.0, "a": [True, None, ()]}, '{"a":[true,null,[]],"b":1}', id="order"),
        # RFC 8785, section 3.2.3: by UTF-16 code units, so U+1F600 comes before U+FB33.
        pytest.param({"\ufb33": 1, "😀": 2, "\r": 3}, '{"\\r":3,"😀":2,"\ufb33":1}', id="utf16"),
        pytest.param('\x00\x1f"\\/\x7f€', '"\\u0000\\u001f\\"\\\\/\x7f€"', id="escapes"),
        pytest.param(float("-inf"), '"-Infinity"', id="infinity"),
        pytest.param("\ud83d", '"\ufffd"', id="half a pair"),
        pytest.param(2**80, str(2**80), id="many digits"),
        pytest.param({1: b"x"}, '{"1":"b\'x\'"}', id="other types"),
    ],
)
def test_says_everything_in_one_way(value: object, text: str) -> None:
    assert canonical(value).decode() == text


def test_survives_any_depth() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert canonical(deep) == b"[" * 64 + '"…"'.encode() + b"]" * 64


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_is_json_and_stable(value: object) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
