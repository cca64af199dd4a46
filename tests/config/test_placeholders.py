from urllib.parse import quote

import pytest

from evidenced.config.placeholders import filled, placeholders, whole


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{a}}/{{b_1}}?{{a}}", ["a", "b_1", "a"]),
        ("{a} {{ a }} {{1}} {{a}", []),
        ("${A}{{{a}}}", ["a"]),
    ],
)
def test_what_is_a_placeholder(text: str, names: list[str]) -> None:
    assert list(placeholders(text)) == names


def test_values_are_escaped_and_put_in_once() -> None:
    values = {"a": "{{b}} &", "b": "never"}
    assert filled("/{{a}}{x}", values, lambda value: quote(value, safe="")) == (
        "/%7B%7Bb%7D%7D%20%26{x}"
    )
    assert filled("{{a}}", values) == "{{b}} &"


@pytest.mark.parametrize(("text", "name"), [("{{a}}", "a"), ("{{a}}/", None), ("a", None)])
def test_a_text_that_is_one_placeholder(text: str, name: str | None) -> None:
    assert whole(text) == name
