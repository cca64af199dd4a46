import pytest

from evidenced.config.base import Section
from evidenced.config.condition import Comparison
from evidenced.config.defaults import Retry
from evidenced.config.http_expect import HttpExpect
from evidenced.config.kinds.http import HttpSettings


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Comparison(eq=1), Comparison(eq=True)),
        (Comparison(eq=1), Comparison(eq=1.0)),
        (Comparison(eq=[0]), Comparison(eq=[False])),
        (Comparison(eq={"a": 1}), Comparison(eq={"a": True})),
        (Comparison(eq={"a": 1}), Comparison(eq={"b": 1})),
        (Comparison(eq=[1]), Comparison(eq=[1, 1])),
        (Comparison(exists=True), Comparison(exists=True, eq=None)),
        (Retry(attempts=3), Retry()),
        (HttpSettings(url="/", follow_redirects=1), HttpSettings(url="/", follow_redirects=True)),
    ],
)
def test_what_differs_in_type_or_in_what_was_written_is_not_equal(
    left: Section, right: Section
) -> None:
    assert left != right


def test_sections_written_alike_are_equal() -> None:
    def section() -> HttpExpect:
        return HttpExpect.model_validate(
            {"status": [200], "json": {"$.a": {"matches": "x", "eq": [1, {"b": None}]}}}
        )

    assert section() == section()
    assert Comparison(eq=1) == Comparison(eq=1)
    assert hash(Retry(attempts=2)) == hash(Retry(attempts=2))


def test_a_section_is_equal_to_no_other_kind_of_thing() -> None:
    assert Retry() != {"attempts": 3}
    assert Retry() != Comparison(eq=1)
