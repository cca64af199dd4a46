import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.publish.api_paging import Page, number, page, read, written
from evidenced.publish.body import RefusedError


def turned(items: list[str], wanted: set[str], limit: int, cursor: str = "") -> Page[str]:
    return page(items, str, lambda one: one in wanted, limit=limit, cursor=cursor)


@given(st.lists(st.text(max_size=3), unique=True), st.data())
def test_all_pages_together_are_the_list(items: list[str], data: st.DataObject) -> None:
    wanted = set(data.draw(st.lists(st.sampled_from(items)) if items else st.just([])))
    limit = data.draw(st.integers(1, 5))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        one = turned(items, wanted, limit, cursor)
        assert one.total == len(wanted)
        assert 0 < len(one.items) <= limit or not wanted
        found += one.items
        cursor = one.next
    assert found == [item for item in items if item in wanted]


@pytest.mark.parametrize(
    ("after", "wanted", "expected"),
    [
        pytest.param("abcdef", "abcdef", "cdef", id="unchanged"),
        pytest.param("xabcdef", "xabcdef", "cdef", id="one more before"),
        pytest.param("acdef", "acdef", "cdef", id="the last one gone"),
        pytest.param("abcdef", "acdf", "cdf", id="the last one no longer wanted"),
        pytest.param("ab", "ab", "", id="nothing left"),
        pytest.param("", "", "", id="all gone"),
    ],
)
def test_a_list_may_change_between_two_pages(after: str, wanted: str, expected: str) -> None:
    first = turned(list("abcdef"), set("abcdef"), 2)
    assert (first.items, first.total) == (("a", "b"), 6)
    assert first.next is not None
    second = turned(list(after), set(wanted), 10, first.next)
    assert "".join(second.items) == expected
    assert second.next is None


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("x", id="no base64"),
        pytest.param("AAAA", id="no JSON"),
        pytest.param(written("a", 1), id="in another order"),
        pytest.param(written(1), id="too short"),
        pytest.param("é", id="no ASCII"),
    ],
)
def test_a_cursor_that_is_none_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(RefusedError) as refused:
        turned(["a", "b"], {"a", "b"}, 1, cursor)
    assert refused.value.answer.status == 400
    assert json.loads(refused.value.answer.text or "")["errors"] == [
        "cursor: expected `next` of an answer"
    ]


@pytest.mark.parametrize("cursor", [written("a"), written(2**70), written(1, 2), "[]"])
def test_a_cursor_without_its_number_is_refused(cursor: str) -> None:
    with pytest.raises(RefusedError):
        number(cursor)


def test_numbers_come_back_as_they_were() -> None:
    assert number("") is None
    assert number(written(17)) == 17
    assert number(written(1_800_000_000.123456)) == 1_800_000_000.123456


@given(st.text(), st.integers(0, 10**6))
def test_a_cursor_is_safe_in_an_address(name: str, index: int) -> None:
    cursor = written(index, name)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert read(cursor) == [index, name]
