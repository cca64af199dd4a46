import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.http_expect import HttpExpect
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Body
from evidenced.probes.expectations.json import judge_json

DOCUMENT = {
    "status": "ok",
    "age": 75,
    "note": None,
    "data": [{"name": "Tomatoes", "price": 3}, {"name": "Potatoes", "price": 2}],
    "services": [{"name": "db", "up": True}, {"name": "mail", "up": False}],
}


def judged(expect: dict[str, object], body: Body) -> list[Judgement]:
    return list(judge_json(HttpExpect.model_validate({"json": expect}).json_, body))


@pytest.mark.parametrize(
    ("path", "condition", "met"),
    [
        ("$.status", "ok", True),
        ("$.status", "down", False),
        ("$.age", {"lt": 60}, False),
        ("$.note", None, True),
        ("$.note", {"exists": True}, True),
        ("$.none", {"exists": False}, True),
        ("$.none", None, False),
        ("$.none", {"ne": "x"}, False),
        ("$.data", {"length": {"ge": 1}}, True),
        ("$.data[0].name", "Tomatoes", True),
        ("$.data[2].name", {"exists": False}, True),
        ("$.services[0].up", True, True),
        ("$.services[0].up", 1, False),
        ("$.data[*].name", {"contains": "Potatoes"}, True),
        ("$.data[*].name", {"contains": "Potato"}, False),
        ("$.data[*].price", {"gt": 0, "length": 2}, True),
        ("$.data[*].price", {"gt": 2}, False),
        ("$.services[?@.name == 'db'].up", True, True),
        ("$.services[*].up", True, False),
        ("$.services[?@.name == 'none'].up", True, False),
        ("$.services[?@.name == 'none']", {"exists": False}, True),
        ("$.data[:1]", {"length": 1}, True),
        ("$..price", {"length": 2}, True),
        ("$", {"empty": False}, True),
    ],
)  # fmt: skip
def test_a_path(path: str, condition: object, met: bool) -> None:
    [judgement] = judged({path: condition}, Body(json.dumps(DOCUMENT).encode()))
    assert judgement.met is met, judgement
    assert (judgement.name, judgement.reason) == (f"json:{path}", Reason.JSON)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "an empty body"),
        (b" \n", "a blank body"),
        (b"<html>", "a body that is not JSON"),
        (b'{"status": "ok"', "a body that is not JSON"),
        (b'{"status": NaN}', "a body that is not JSON"),
        (b'{"status": "ok"} {}', "a body that is not JSON"),
        (b'{"n": ' + b"1" * 10_000 + b"}", "a body that is not JSON"),
        (b"[" * 200_000 + b"]" * 200_000, "JSON nested too deeply"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_not_json_meets_nothing(data: bytes, found: str) -> None:
    expect: dict[str, object] = {"$.status": "ok", "$.none": {"exists": False}}
    judgements = judged(expect, Body(data))
    assert [(each.met, each.found) for each in judgements] == [(False, found)] * 2


def test_a_body_that_was_cut_off_meets_nothing() -> None:
    [judgement] = judged({"$.status": "ok"}, Body(b'{"status": "ok"}', complete=False))
    assert (judgement.met, judgement.reason) == (False, Reason.TOO_LARGE)
    assert judgement.found == "a body of more than 16 bytes"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ('\ufeff{"a": "ä"}'.encode(), None),
        ('{"a": "ä"}'.encode("latin-1"), "iso-8859-1"),
        ('{"a": "ä"}'.encode("utf-16"), "utf-16"),
    ],
)
def test_the_encoding(data: bytes, charset: str | None) -> None:
    [judgement] = judged({"$.a": "ä"}, Body(data, charset=charset))
    assert judgement.met


@pytest.mark.parametrize(
    ("path", "condition", "expected", "found"),
    [
        ("$.status", "down", '$.status to be "down"', "a text of length 2"),
        ("$.age", {"lt": 60}, "$.age to be less than 60", "75"),
        ("$.none", 1, "$.none to be 1", "nothing"),
        ("$..name", {"eq": "x"}, '$..name to be "x"', "a text of length 8 in 4 of 4"),
        ("$.services[*].up", True, "$.services[*].up to be true", "false in 1 of 2"),
        ("$..x", {"eq": 1}, "$..x to be 1", "nothing"),
        ("$.data", {"length": 3}, "$.data length to be 3", "a list of length 2"),
    ],
)  # fmt: skip
def test_the_words(path: str, condition: object, expected: str, found: str) -> None:
    [judgement] = judged({path: condition}, Body(json.dumps(DOCUMENT).encode()))
    assert (judgement.expected, judgement.found) == (expected, found)


@given(st.binary() | st.text().map(str.encode))
def test_any_body_is_judged_without_an_exception(data: bytes) -> None:
    expect = {"$.a": 1, "$..a": {"length": 1}, "$[?@ > 1]": {"exists": True}}
    assert len(judged(expect, Body(data))) == 3
