import pytest

from evidenced.config.http_expect import HttpExpect
from evidenced.probes.attempt import DETAIL_LIMIT, Failure, Reason
from evidenced.probes.expectations.answer import Answer, Body
from evidenced.probes.expectations.http import judge

URL = "https://shop.example/"


def expect(**expectations: object) -> HttpExpect:
    return HttpExpect.model_validate(expectations)


@pytest.mark.parametrize(
    ("expected", "status", "met", "words"),
    [
        ({}, 200, True, "status 2xx"),
        ({}, 302, False, "status 2xx"),
        ({"location": "/x"}, 302, True, "status 3xx"),
        ({"location": "/x"}, 200, False, "status 3xx"),
        ({"status": 401}, 401, True, "status 401"),
        ({"status": 401}, 200, False, "status 401"),
        ({"status": [200, "4xx"]}, 404, True, "status 200 or 4xx"),
        ({"status": [200, "4xx"]}, 500, False, "status 200 or 4xx"),
        ({"status": "2xx"}, 299, True, "status 2xx"),
        ({"status": 200, "location": "/x"}, 302, False, "status 200"),
        ({"status": 999}, 999, True, "status 999"),
    ],
)
def test_status(expected: dict[str, object], status: int, met: bool, words: str) -> None:
    judgement = next(judge(expect(**expected), Answer(URL, status)))
    assert (judgement.name, judgement.reason) == ("status", Reason.STATUS)
    assert (judgement.met, judgement.expected, judgement.found) == (met, words, str(status))


HEADERS = (
    ("X-App", "shop 2"),
    ("set-cookie", "a=s3cret; Secure"),
    ("Set-Cookie", "b=s3cret; SameSite=None"),
    ("Age", "12"),
    ("Cache-Control", "no-store"),
)


@pytest.mark.parametrize(
    ("name", "condition", "met", "found"),
    [
        ("x-app", {"matches": "^shop"}, True, "a text of length 6"),
        ("X-APP", "shop", False, "a text of length 6"),
        ("Set-Cookie", {"contains": "Secure"}, True, "2 values"),
        ("Set-Cookie", {"contains": "HttpOnly"}, False, "2 values, none of it"),
        ("Set-Cookie", {"not_contains": "SameSite=None"}, False, "2 values"),
        ("Set-Cookie", {"exists": True}, True, "2 values"),
        ("Age", {"lt": 60}, True, '"12"'),
        ("Age", 12, True, '"12"'),
        ("Age", "12", True, '"12"'),
        ("cache-control", "no-cache", False, '"no-store"'),
        ("X-None", {"exists": False}, True, "nothing"),
        ("X-None", {"not_contains": "x"}, False, "nothing"),
    ],
    ids=str,
)
def test_headers(name: str, condition: object, met: bool, found: str) -> None:
    answer = Answer(URL, 200, HEADERS)
    _, judgement = judge(expect(header={name: condition}), answer)
    assert (judgement.name, judgement.reason) == (f"header:{name}", Reason.HEADER)
    assert (judgement.met, judgement.found) == (met, found)
    assert judgement.expected.startswith(f"header {name} ")
    assert "s3cret" not in judgement.found


@pytest.mark.parametrize(
    ("duration", "met", "found"),
    [(0.5, True, "500ms"), (3.0, True, "3s"), (3.0001, False, "3s1ms"), (4.5, False, "4s500ms")],
)
def test_latency(duration: float, met: bool, found: str) -> None:
    _, judgement = judge(expect(latency="3s"), Answer(URL, 200, duration=duration))
    assert (judgement.name, judgement.reason) == ("latency", Reason.LATENCY)
    assert (judgement.met, judgement.expected, judgement.found) == (
        met,
        "an answer within 3s",
        found,
    )


def test_everything_in_its_order() -> None:
    all_of_it = expect(
        latency="3s",
        json={"$.a": 1},
        body={"not_matches": "a", "matches": "a", "not_contains": "a", "contains": "a"},
        header={"X-App": "a", "Age": "b"},
        location="/",
        status=302,
    )
    assert [each.name for each in judge(all_of_it, Answer(URL, 200), body_limit=5)] == [
        "status",
        "location",
        "header:X-App",
        "header:Age",
        "body:limit",
        "body:contains",
        "body:not_contains",
        "body:matches",
        "body:not_matches",
        "json:$.a",
        "latency",
    ]


def test_the_words_are_short_and_on_one_line() -> None:
    answer = Answer(URL, 200, (("Server", "x\u0007" * 500),), Body(b"a\nb"))
    expected = expect(
        header={
            "Server": {"contains": ["y" * 500, "z\nz"]},
            "server": {"contains": ["x" * 80] * 4},
        },
        body={"contains": ["a\u2028b" * 100, "c" * 500]},
    )
    for judgement in judge(expected, answer):
        for text in (judgement.expected, judgement.found, Failure.of(judgement).detail):
            assert len(text) <= DETAIL_LIMIT
            assert text.isprintable()
