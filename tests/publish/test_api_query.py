import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from evidenced.evidence.spans import DAY
from evidenced.publish.api_query import (
    ClaimQuery,
    EvidenceQuery,
    FeedQuery,
    GateQuery,
    NoQuery,
    Query,
    SpanQuery,
    parameters,
)
from evidenced.publish.body import RefusedError


def read(query: str, model: type[Query]) -> Query:
    return parameters(make_mocked_request("GET", f"/?{query}"), model)


@pytest.mark.parametrize(
    ("query", "model", "expected"),
    [
        pytest.param("", ClaimQuery, {"limit": 1000, "cursor": "", "section": ()}, id="usual"),
        pytest.param(
            "section=closed&standing=stale&standing=contradicted&q=Tea%20List&limit=7",
            ClaimQuery,
            {
                "section": ("closed",),
                "standing": ("stale", "contradicted"),
                "q": "Tea List",
                "limit": 7,
            },
            id="filters",
        ),
        pytest.param("period=1d12h", SpanQuery, {"period": 1.5 * DAY}, id="a duration"),
        pytest.param(
            "since=2027-01-14T09:30:00Z&claim=a/b",
            EvidenceQuery,
            {"since": datetime(2027, 1, 14, 9, 30, tzinfo=UTC), "claim": "a/b"},
            id="a time",
        ),
        pytest.param(
            "since=2027-01-14T09:30:00+00:00",
            EvidenceQuery,
            {"since": datetime(2027, 1, 14, 9, 30, tzinfo=UTC)},
            id="a time whose plus sign was not escaped",
        ),
        pytest.param("drills=false", FeedQuery, {"drills": False, "limit": 100}, id="a flag"),
    ],
)
def test_what_is_read(query: str, model: type[Query], expected: dict[str, Any]) -> None:
    found = read(query, model)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("query", "model", "error"),
    [
        ("limit=0", ClaimQuery, "limit: expected a whole number from 1 to 1000"),
        ("limit=1001", ClaimQuery, "limit: expected a whole number from 1 to 1000"),
        ("limit=1.0", ClaimQuery, "limit: expected a whole number from 1 to 1000"),
        ("limit=", ClaimQuery, "limit: expected a whole number from 1 to 1000"),
        ("limit=%D9%A1", ClaimQuery, "limit: expected a whole number from 1 to 1000"),
        ("section=next", ClaimQuery, "section: Input should be 'closed' or 'stable'"),
        ("standing=", ClaimQuery, "standing: Input should be 'verified', 'contradicted', 'stale',"),
        ("q=%00", ClaimQuery, "q: String should match pattern"),
        ("cursor=a%20b", ClaimQuery, "cursor: String should match pattern"),
        ("setcion=closed", ClaimQuery, "setcion: unknown parameter, expected limit, cursor, sec"),
        ("q=a&q=b", ClaimQuery, "q: expected it once, found it 2 times"),
        ("x=", NoQuery, "x: unknown parameter, expected none"),
        ("since=yesterday", EvidenceQuery, "since: expected a time with its zone"),
        ("since=2027-01-14T09:30:00", EvidenceQuery, "since: expected a time with its zone"),
        ("period=soon", SpanQuery, "period: expected a duration"),
        ("period=401d", SpanQuery, "period: expected a duration of at most 400d"),
        ("period=0", SpanQuery, "period: expected a duration longer than 0s"),
        ("drills=maybe", FeedQuery, "drills: expected true or false"),
        ("", GateQuery, "topic: Field required"),
        ("topic=%20", GateQuery, "topic: String should match pattern"),
    ],
)
def test_what_is_refused_by_name(query: str, model: type[Query], error: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(query, model)
    answer = refused.value.answer
    told = json.loads(answer.text or "")
    assert (answer.status, told["status"]) == (400, 400)
    assert told["errors"][0].startswith(error), told
    assert told["detail"] == f"wrong parameters: {told['errors'][0]}"


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        read("x=1&limit=0&q=a&q=b", ClaimQuery)
    errors = json.loads(refused.value.answer.text or "")["errors"]
    assert {line.partition(":")[0] for line in errors} == {"x", "limit", "q"}


@given(st.text(max_size=30))
def test_any_time_is_read_or_refused(text: str) -> None:
    request = make_mocked_request("GET", "/")
    request = request.clone(rel_url=request.rel_url.with_query(since=text))
    try:
        found = parameters(request, EvidenceQuery).since
    except RefusedError:
        return
    assert found is not None
    assert found.tzinfo is not None
