import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

from evidenced.config.report import Format
from evidenced.workflow.report import (
    CheckFacts,
    ClaimFacts,
    Judged,
    Moved,
    Report,
    as_earlier,
)
from evidenced.workflow.report_html import report_html
from evidenced.workflow.report_json import earlier_of, report_json
from evidenced.workflow.report_markdown import report_markdown
from evidenced.workflow.report_text import RENDERED, lasting, rendered

FORMATS: list[Format] = ["markdown", "html", "json"]
HOSTILE = (
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            'x"><img src=x onerror=alert(1)>',
            "</code></td></tr></table><script>alert(1)</script>",
            "[click](javascript:alert(1))",
            "![](https://evil.example/x.png)",
            "a | b\n# heading\n\n```\n- item\nMade 2020",
            "`` ` ```",
            "\ud800 \u202e\x00",
            "Made it",
            "--> <!--",
        ]
    )
    | st.text(st.sampled_from("`~|\\<>&*_[]()#!-+=1.\n\r\t é\u202eab:/\"'"), max_size=30)
    | st.text(max_size=30)
)
NAME = HOSTILE.filter(bool)


def report(text: str = "bread", standing: str = "contradicted") -> Report:
    """A report that says this wherever something from elsewhere stands."""
    return Report(
        made=1000.0,
        claims=(
            ClaimFacts(
                id=text,
                title=text,
                section="stable",
                standing=standing,
                since=900.0,
                basis="live",
                checks=(text,),
                missing=(text,),
                why=((text, text),),
                maintenance=text,
                drill=True,
            ),
        ),
        checks=(
            CheckFacts(
                name=text,
                kind="http",
                target=text,
                result="failure",
                every=60.0,
                within=0.25,
                failure=text,
                details=(("location", text),),
                judged=(Judged(text, False, text, text),),
                maintenance=text,
            ),
        ),
        location=text,
        compared=500.0,
        fresh=1,
        moved=(Moved("claim", text, "verified", text),),
        between=(500.0, 1000.0),
        next_check=1005.0,
        next_report=2000.0,
        troubles=(text,),
    )


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def shape(markdown: str) -> list[str]:
    """The kinds of its tokens, but for how the text in a line is cut into pieces."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [one.type for one in flat(tokens) if not one.type.startswith("text")]


@given(NAME)
def test_nothing_hostile_is_markup_in_markdown(text: str) -> None:
    kinds = shape(report_markdown(report(text)))
    assert not {"html_block", "html_inline", "link_open", "image", "fence", "hr"} & set(kinds)
    blocks = [kind for kind in kinds if kind != "code_inline"]
    plain = [kind for kind in shape(report_markdown(report())) if kind != "code_inline"]
    assert blocks == plain


@given(NAME)
def test_nothing_hostile_is_markup_in_html(text: str) -> None:
    def tags(page: str) -> list[str]:
        nodes = LexborHTMLParser(page).root.traverse()  # type: ignore[union-attr]  # there is one
        return [node.tag or "" for node in nodes if node.tag != "code"]

    page = report_html(report(text))
    assert tags(page) == tags(report_html(report()))
    assert not LexborHTMLParser(page).css("script, img, a, [onerror]")


@given(NAME)
def test_json_says_what_it_was_told_and_is_read_back(text: str) -> None:
    one = report(text)
    data = rendered(one, "json").decode("utf-8")
    told = text.encode("utf-8", "replace").decode("utf-8")
    assert json.loads(data)["claims"][0]["title"] == told
    assert earlier_of(report_json(one)) == as_earlier(one)


@given(NAME, st.sampled_from(FORMATS))
def test_one_line_is_another_one_each_time_and_no_more(text: str, made: Format) -> None:
    one = report(text)
    other = replace(one, made=2000.0, compared=1000.0, fresh=0, next_check=None, next_report=3e9)
    first, second = (rendered(each, made).split(b"\n") for each in (one, other))
    assert len(first) == len(second)
    assert sum(a != b for a, b in zip(first, second, strict=True)) == 1
    assert lasting(rendered(one, made)) == lasting(rendered(other, made))


@pytest.mark.parametrize("made", FORMATS)
def test_what_changed_is_a_difference(made: Format) -> None:
    one, other = report(), report(standing="verified")
    assert lasting(rendered(one, made)) != lasting(rendered(other, made))
    assert lasting(b"no report\nat all\n") == b"no report\nat all\n"


def test_the_markdown_reads_well() -> None:
    text = report_markdown(replace(report(), location="oven-1", moved=report().moved * 1))
    assert text.splitlines()[:3] == [
        "# Production facts",
        "",
        (
            "Made 1970-01-01 00:16:40 UTC: 1 change since the report of 1970-01-01 00:08:20 UTC; "
            "next check 1970-01-01 00:16:45 UTC; next report 1970-01-01 00:33:20 UTC."
        ),
    ]
    assert "### Contradicted (1)" in text
    assert "| `bread` | http | `bread` | **failure** | location `bread`; `bread`;" in text
    assert "| `bread` | `bread` | **no** | `bread` | `bread` |" in text
    assert "- claim `bread`: verified → bread" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        report_json(report()).replace("1970-01-01", "yesterday"),
        report_json(report()).replace('"claims": [', '"claims": [7, '),
        report_json(report()).replace('"within": 0.25', '"within": "long"'),
    ],
    ids=["empty", "list", "object", "null", "deep", "time", "claim", "number"],
)
def test_what_is_no_report_is_not_known(text: str) -> None:
    assert earlier_of(text) is None


def test_each_format_has_its_text() -> None:
    assert list(RENDERED) == FORMATS
