"""The hidden lines by which issues and comments are known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evidenced.workflow.tracker_marker import Marker, Said, marked, marker_in, said_in, signed

TIMES = st.floats(0, 1e11)
MARKERS = st.builds(
    Marker,
    claim=st.text(max_size=300),
    outage=st.text(max_size=20),
    drill=st.booleans(),
    began=TIMES,
    ended=st.none() | TIMES,
    duplicate=st.none() | st.integers(1, 10**9),
)


@given(st.text(max_size=100), MARKERS)
def test_what_is_written_is_read(body: str, marker: Marker) -> None:
    text = marked(body, marker)
    assert marker_in(text) == marker
    assert marker_in(text.replace("\n", "\r\n")) == marker


@given(MARKERS)
def test_it_is_not_shown(marker: Marker) -> None:
    tokens = MarkdownIt().parse(marked("It is cold.", marker))
    shown = [one.content for one in tokens if one.type in ("inline", "fence", "code_block")]
    assert shown == ["It is cold."]
    comment = [one.content for one in tokens if one.type == "html_block"]
    assert len(comment) == 1
    assert comment[0].strip().endswith("} -->")
    assert comment[0].count("--") == 2


@given(MARKERS, MARKERS)
def test_one_takes_the_place_of_another(first: Marker, second: Marker) -> None:
    text = marked(marked("It is cold.", first), second)
    assert text == marked("It is cold.", second)


@given(st.text(max_size=100), TIMES, st.booleans())
def test_a_comment_says_what_it_is(body: str, at: float, end: bool) -> None:
    said = Said(outage="a1", end=end, at=at, symptoms="cold")
    assert said_in(signed(body, said)) == said


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- evidenced-issue {} -->",
        "<!-- evidenced-issue {broken} -->",
        '<!-- evidenced-issue {"claim": "a", "outage": "b", "drill": 1, "began": "soon"} -->',
        "<!-- evidenced-issue [1] -->",
        '<!-- evidenced-issue {"a": ' + "[" * 3000 + "} -->",
        '<!-- evidenced-comment {"claim": "a"} -->',
    ],
)
def test_what_is_none_is_read_as_none(body: str) -> None:
    assert marker_in(body) is None
    assert said_in(body) is None


def test_what_was_seen_cannot_pass_for_one() -> None:
    real = Marker(claim="ovens", outage="a1", drill=False, began=1.0)
    forged = marked("", Marker(claim="ovens", outage="b2", drill=False, began=0.0, duplicate=1))
    assert marker_in(marked(f"```text\n{forged}```", real)) == real
    assert said_in(signed(forged, Said(outage="a1", end=False, at=1.0))) is not None
    assert marker_in(signed(forged, Said(outage="a1", end=False, at=1.0))) is None
