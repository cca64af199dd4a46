import pytest

from evidenced.config.expect import BodyExpect
from evidenced.probes.attempt import Reason
from evidenced.probes.expectations.answer import Body
from evidenced.probes.expectations.body import judge_body, judge_limit

TEXT = "Organic Tomatoes, 10 items"


@pytest.mark.parametrize(
    ("expect", "met"),
    [
        ({"contains": "Tomatoes"}, True),
        ({"contains": ["Tomatoes", "Potatoes"]}, False),
        ({"contains": "tomatoes"}, False),
        ({"contains": "0 items"}, True),
        ({"contains": "0 items", "words": True}, False),
        ({"contains": "10 items", "words": True}, True),
        ({"not_contains": "skeleton"}, True),
        ({"not_contains": ["skeleton", "Tomatoes"]}, False),
        ({"not_contains": "0 items"}, False),
        ({"not_contains": "0 items", "words": True}, True),
        ({"matches": "[0-9]+ items$"}, True),
        ({"matches": ["items", "^items"]}, False),
        ({"not_matches": "(?i)potatoes"}, True),
        ({"not_matches": "(?i)TOMATOES"}, False),
    ],
    ids=str,
)
def test_a_whole_body(expect: dict[str, object], met: bool) -> None:
    [judgement] = judge_body(BodyExpect.model_validate(expect), Body(TEXT.encode()))
    assert judgement.met is met
    assert judgement.reason is Reason.BODY
    assert judgement.name == f"body:{next(iter(expect))}"


@pytest.mark.parametrize(
    ("expect", "met"),
    [
        ({"contains": "Tomatoes"}, True),
        ({"contains": "Potatoes"}, False),
        ({"contains": "10 items", "words": True}, False),
        ({"not_contains": "Potatoes"}, False),
        ({"matches": "Tom"}, True),
        ({"matches": "Pot"}, False),
        ({"not_matches": "Pot"}, False),
    ],
    ids=str,
)
def test_what_cannot_be_decided_on_a_part_is_too_large(
    expect: dict[str, object], met: bool
) -> None:
    body = Body(TEXT.encode(), complete=False)
    [judgement] = judge_body(BodyExpect.model_validate(expect), body)
    assert judgement.met is met
    assert judgement.reason is (Reason.BODY if met else Reason.TOO_LARGE)


@pytest.mark.parametrize("expect", [{"not_contains": "Tomatoes"}, {"not_matches": "Tom"}], ids=str)
def test_what_is_seen_on_a_part_is_decided(expect: dict[str, object]) -> None:
    body = Body(TEXT.encode(), complete=False)
    [judgement] = judge_body(BodyExpect.model_validate(expect), body)
    assert (judgement.met, judgement.reason) == (False, Reason.BODY)


def test_the_words() -> None:
    expect = BodyExpect.model_validate(
        {"contains": ["Tomatoes", "Potatoes"], "not_contains": "Organic", "matches": ["a", "^x"]}
    )
    found = [(each.expected, each.found) for each in judge_body(expect, Body(TEXT.encode()))]
    assert found == [
        ('"Potatoes" in the body', "26 bytes without it"),
        ('no "Organic" in the body', "26 bytes with it"),
        ('"^x" in the body', "26 bytes without it"),
    ]


@pytest.mark.parametrize(("complete", "found"), [(True, "26 bytes"), (False, "more")])
def test_a_limit(complete: bool, found: str) -> None:
    judgement = judge_limit(26, Body(TEXT.encode(), complete))
    assert (judgement.met, judgement.found) == (complete, found)
    assert judgement.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        (None, "ντομάτα".encode(), "ντομάτα"),
        ("windows-1253", "ντομάτα".encode("cp1253"), "ντομάτα"),
        ("no such", b"abc", "abc"),
        ("nul\0", b"abc", "abc"),
        ("undefined", b"abc", "abc"),
        ("punycode", b"abc-", "abc-"),
        ("rot13", b"abc", "abc"),
        ("unicode_escape", b"\\x41", "\\x41"),
        (None, b"a\xffb", "a\ufffdb"),
    ],
    ids=str,
)
def test_decoding(charset: str | None, data: bytes, text: str) -> None:
    assert Body(data, charset=charset).text() == text
