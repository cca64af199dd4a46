"""docs/api.md names what there is, and what it shows is taken."""

import re
import shlex
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from markdown_it import MarkdownIt
from yarl import URL

from evidenced.publish.api_operation import PREFIX
from evidenced.publish.api_operations import OPERATIONS
from evidenced.publish.api_query import (
    EVIDENCE_USUAL,
    MOST,
    BadgeQuery,
    FeedQuery,
    PeriodBadgeQuery,
    parameters,
)
from evidenced.publish.openapi import described

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "api.md").read_text("utf-8")
FENCES = [one for one in MarkdownIt().parse(PAGE) if one.type == "fence"]
SHOWN = [
    shlex.split(line)[-1] for one in FENCES if one.info == "sh" for line in one.content.splitlines()
]


def test_each_operation_has_a_row_and_each_row_is_one() -> None:
    rows = re.findall(r"^\| `([A-Z]+) (/api/v1/[^`]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert [(method, path) for method, path, _ in rows] == [
        (one.method, PREFIX + one.path) for one in OPERATIONS
    ]
    for one, (_, _, said) in zip(OPERATIONS, rows, strict=True):
        named = set(re.findall(r"`([a-z]+)`", said))
        assert named <= one.query.model_fields.keys()
        filters = one.query.model_fields.keys() - {"limit", "cursor", "who"}
        assert filters == named
        assert ("token" in said) == (one.guard is not None)


@pytest.mark.parametrize("url", SHOWN)
def test_what_is_shown_is_taken(url: str) -> None:
    found = URL(url)
    (operation,) = [
        one
        for one in OPERATIONS
        if re.fullmatch(PREFIX + re.sub(r"\{\w+\}", "[^/]+", one.path), found.path)
    ]
    request = make_mocked_request("GET", found.raw_path_qs)
    assert parameters(request, operation.query).model_fields_set == set(found.query)


def test_the_usual_limits_are_named() -> None:
    assert f"{MOST} where none is named for claims and checks, {EVIDENCE_USUAL} for what" in PAGE


def test_the_parameters_of_badges_and_the_feed_are_named() -> None:
    badges, feed = PAGE.split("## Badges")[1].split("## The feed")
    assert PeriodBadgeQuery.model_fields.keys() == {"label", "period"}
    assert BadgeQuery.model_fields.keys() == {"label"}
    assert "`label=TEXT`" in badges
    assert "?period=30d" in badges
    for name in FeedQuery.model_fields:
        assert re.search(f"`{name}[=`]", feed)


def test_the_checked_in_description_is_that_of_the_code() -> None:
    assert (DOCS / "openapi.json").read_text("utf-8") == described()
