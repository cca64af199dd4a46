import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.environment import expand

ENVIRON = {"HOST": "bakery.example", "PORT": "8443", "EMPTY": "", "ODD": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${HOST}", "bakery.example"),
        ("https://${HOST}:${PORT}/x", "https://bakery.example:8443/x"),
        ("${EMPTY}", ""),
        ("${HOST:-other}", "bakery.example"),
        ("${EMPTY:-other}", "other"),
        ("${UNSET:-other}", "other"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b}", "a:-b"),
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("$HOST $ $$ {HOST} $.status", "$HOST $ $$ {HOST} $.status"),
        ("${ODD}", "${HOST}"),
    ],
)
def test_variables_are_expanded(text: str, expanded: str) -> None:
    result = expand({"key": [text]}, ENVIRON)
    assert result.data == {"key": [expanded]}
    assert result.faults == ()


@pytest.mark.parametrize("text", ["${}", "${HOST", "${1A}", "${A B}", "${HOST-x}", "${A:-${HOST}}"])
def test_what_only_begins_like_a_variable_is_refused(text: str) -> None:
    (fault,) = expand({"key": text}, ENVIRON).faults[:1]
    assert fault.path == ("key",)
    assert fault.message == (
        "found ${ without NAME}, expected ${NAME} or ${NAME:-default}; $${ stands for ${ itself"
    )


def test_data_without_variables_is_not_copied() -> None:
    data = {"checks": [{"name": "tea", "http": {"url": "http://$HOST/"}}, 1, None]}
    assert expand(data, ENVIRON).data is data
    assert data["checks"][0] == {"name": "tea", "http": {"url": "http://$HOST/"}}


def test_a_variable_that_is_not_set_is_refused() -> None:
    (fault,) = expand([{"a": "x${UNSET}y"}], ENVIRON).faults
    assert fault.path == (0, "a")
    assert fault.message == "found ${UNSET}, which is not set and has no default"


def test_a_variable_that_is_no_text_is_refused() -> None:
    (fault,) = expand(["${BYTES}"], {"BYTES": b"\xff".decode("utf-8", "surrogateescape")}).faults
    assert fault.message == "found ${BYTES}, which is not UTF-8"


def test_keys_and_other_values_stay_and_places_are_told() -> None:
    data = {"${HOST}": [1, None, True, 1.5, "plain", "${UNSET:-here}", "${HOST}"]}
    result = expand(data, ENVIRON)
    assert result.data == {"${HOST}": [1, None, True, 1.5, "plain", "here", "bakery.example"]}
    assert result.from_environment == {("${HOST}", 6)}


@given(st.text())
def test_any_text_is_expanded_or_refused(text: str) -> None:
    result = expand(text, ENVIRON)
    assert isinstance(result.data, str)
    assert "${" in text or result.data == text


@given(st.text())
def test_a_value_out_of_the_environment_comes_as_it_is(value: str) -> None:
    assert expand("<${VALUE}>", {"VALUE": value}).data == f"<{value}>"
