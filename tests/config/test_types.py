import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.types import (
    DURATION_PATTERN,
    SIZE_PATTERN,
    JsonPath,
    Pattern,
    Secret,
    format_duration,
    parse_duration,
    parse_size,
    shown_duration,
)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("500ms", 0.5),
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("1d", 86_400),
        ("2w", 1_209_600),
        ("1y", 31_536_000),
        ("1y2w3d4h5m6s7ms", 33_019_506.007),
        ("100y", 3_153_600_000),
        ("0", 0),
        (0, 0),
        ("0s", 0),
        ("090s", 90),
    ],
)
def test_a_duration_is_read_as_prometheus_does(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "",
        "30",
        30,
        -1,
        True,
        False,
        None,
        1.5,
        "1.5s",
        "-5s",
        "5 s",
        "s",
        "30S",
        "5m1h",
        "5s5s",
        "1m\n",
        "٣s",
        [],
        "101y",
        "9" * 5000 + "s",
    ],
    ids=lambda value: repr(value)[:12],
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a duration"):
        parse_duration(written)


@given(st.integers(0, 100 * 365 * 86_400_000))
def test_a_formatted_duration_is_read_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_duration(format_duration(seconds)) == seconds
    assert parse_duration(shown_duration(seconds)) == seconds
    assert re.fullmatch(DURATION_PATTERN, format_duration(seconds))


@pytest.mark.parametrize(
    ("seconds", "shortest", "shown"),
    [
        (0, "0s", "0s"),
        (0.25, "250ms", "250ms"),
        (1.5, "1s500ms", "1s500ms"),
        (60, "1m", "60s"),
        (90, "1m30s", "90s"),
        (120, "2m", "2m"),
        (5400, "1h30m", "90m"),
        (86_400, "1d", "1d"),
    ],
)
def test_a_duration_is_written(seconds: float, shortest: str, shown: str) -> None:
    assert format_duration(seconds) == shortest
    assert shown_duration(seconds) == shown


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (0, 0),
        (1024, 1024),
        ("1024", 1024),
        ("10B", 10),
        ("1kB", 1000),
        ("1KiB", 1024),
        ("2 MB", 2_000_000),
        ("1MiB", 1_048_576),
        ("3GB", 3_000_000_000),
        ("1GiB", 1_073_741_824),
    ],
)
def test_a_size_is_read(written: object, size: int) -> None:
    assert parse_size(written) == size
    assert isinstance(written, int) or re.fullmatch(SIZE_PATTERN, str(written))


@pytest.mark.parametrize("written", ["", "1ZB", "1.5MB", "-1", -1, True, None, "1mb", "MiB", "٣"])
def test_what_is_no_size_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a size"):
        parse_size(written)


def _refusal(build: Callable[[str], object], source: str) -> str:
    """What is said of a text that nothing can be built of, or "" where something can."""
    try:
        build(source)
    except ValueError as error:
        return str(error)
    return ""


@given(st.text())
def test_any_text_is_a_pattern_or_refused(source: str) -> None:
    refusal = _refusal(Pattern, source)
    assert not refusal or refusal.startswith("expected a regular expression that RE2 reads: ")


@pytest.mark.parametrize("source", ["(", "a**", r"(?=x)", r"(a)\1", "[z-a]"])
def test_what_re2_does_not_read_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="RE2 reads"):
        Pattern(source)


def test_a_pattern_matches_anywhere() -> None:
    assert Pattern("v[0-9]+").found_in("now at v12")
    assert not Pattern("^v[0-9]+").found_in("now at v12")


@given(st.text() | st.text("$.[]?@'\"*0123abc()<=&|! \\,:-").map("${}".format))
def test_any_text_is_a_jsonpath_or_refused(source: str) -> None:
    refusal = _refusal(JsonPath, source)
    assert not refusal or refusal.startswith("expected a JSONPath")
    assert "TOKEN_" not in refusal.replace(source, "")
    assert len(refusal.splitlines()) <= 1 or len(source.splitlines()) > 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("status", "expected a JSONPath that begins with $, such as $.status"),
        ("$.bread[", "expected a JSONPath (RFC 9535): unexpected end of query at its end"),
        ("$.a | $.b", "expected a JSONPath (RFC 9535): unexpected token '|' at character 5"),
        ("$[[0]]", "expected a JSONPath (RFC 9535): not readable at character 3"),
        (
            "$[?crumb(@)]",
            "expected a JSONPath (RFC 9535): function 'crumb' is not defined at character 4",
        ),
    ],
)
def test_a_bad_jsonpath_says_where(source: str, message: str) -> None:
    assert _refusal(JsonPath, source) == message


@pytest.mark.parametrize(
    ("source", "document", "found"),
    [
        ("$.bread[*].name", {"bread": [{"name": "rye"}, {"name": "spelt"}]}, ["rye", "spelt"]),
        ("$.bread[?@.sold == true].name", {"bread": [{"name": "rye", "sold": True}]}, ["rye"]),
        ("$.none", {}, []),
        ("$", "a text by itself", ["a text by itself"]),
        ("$", '{"looks": "like JSON"}', ['{"looks": "like JSON"}']),
        ("$", None, [None]),
        ("$[?match(@, 'r.e')]", ["rye", "ryes"], ["rye"]),
        ("$[?search(@, 'r.e')]", ["rye", "ryes", 1], ["rye", "ryes"]),
        ("$[?search(@, '(')]", ["("], []),
    ],
)
def test_a_jsonpath_finds_values(source: str, document: object, found: list[object]) -> None:
    assert JsonPath(source).find(document) == found


def test_the_patterns_of_a_jsonpath_cannot_backtrack() -> None:
    hostile = "a" * 5000 + "b"
    assert JsonPath("$[?match(@, '(a*)*c')]").find([hostile]) == []


def test_a_document_nested_too_deeply_is_a_value_error() -> None:
    document: object = 1
    for _ in range(500):
        document = {"a": document}
    with pytest.raises(ValueError, match="cannot be answered"):
        JsonPath("$..b").find(document)


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("swordfish")
    assert secret.reveal() == "swordfish"
    assert "swordfish" not in f"{secret} {secret!r} {[secret]}"
    assert secret == Secret("swordfish") != Secret("other")
    assert hash(secret) == hash(Secret("swordfish"))
