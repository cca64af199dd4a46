"""Parameters of requests: read by a model, and refused by name where they are not as it says."""

import re
from datetime import datetime
from typing import Annotated, Literal, TypeVar, get_origin

from aiohttp import web
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from evidenced.config.types import PositiveDuration
from evidenced.evidence.spans import DAY
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem
from evidenced.watch.verdict import Standing
from evidenced.workflow.gate_ask import LONGEST as LONGEST_TOPIC

MOST = 1000
"""Entries of one answer: the usual limit, and the highest."""

EVIDENCE_USUAL = 100
"""The usual limit for what is kept in the store."""

LONGEST = 400 * DAY
"""The longest period that can be asked for, in seconds."""

SHOWN = 100
"""Characters of a parameter's name that a refusal repeats."""

_WHOLE = re.compile("[0-9]{1,6}")
_CONTROL = r"^[^\x00-\x1f\x7f]*$"


class Query(BaseModel):
    """What all sets of parameters have in common: none that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Q = TypeVar("Q", bound=Query)


class NoQuery(Query):
    """An operation without parameters."""


PARAMETERS = web.RequestKey("parameters", Query)
"""Where the parameters of a request stand once they are read."""


def parameters(request: web.Request, model: type[Q]) -> Q:
    """The parameters by their model; raises RefusedError, which names those that are wrong."""
    given: dict[str, object] = {}
    wrong: list[str] = []
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        known = model.model_fields.get(name)
        if known is None:
            expected = ", ".join(model.model_fields) or "none"
            wrong.append(f"{name[:SHOWN]}: unknown parameter, expected {expected}")
        elif get_origin(known.annotation) is tuple:
            given[name] = values
        elif len(values) > 1:
            wrong.append(f"{name}: expected it once, found it {len(values)} times")
        else:
            given[name] = values[0]
    try:
        found = model.model_validate(given)
    except ValidationError as error:
        wrong += [
            f"{one['loc'][0]}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_input=False, include_url=False)
            if one["loc"]
        ]
    if wrong:
        raise RefusedError(problem(400, f"wrong parameters: {wrong[0]}", errors=wrong))
    return found


def asked(request: web.Request, model: type[Q]) -> Q:
    """The parameters of a request that has come to its handler."""
    found = request[PARAMETERS]
    if not isinstance(found, model):
        raise TypeError(f"expected parameters of {model.__name__}, found {type(found).__name__}")
    return found


def _whole(value: object) -> object:
    if isinstance(value, str) and _WHOLE.fullmatch(value) and 1 <= int(value) <= MOST:
        return int(value)
    raise ValueError(f"expected a whole number from 1 to {MOST}")


def _moment(value: object) -> object:
    # A plus sign in a query is a space, unless whoever sends it knows better.
    text = str(value).replace(" ", "+") if "T" in str(value) else str(value)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("expected a time with its zone, such as 2026-11-20T08:15:00Z")
    return found


def _period(seconds: float) -> float:
    if seconds > LONGEST:
        raise ValueError("expected a duration of at most 400d")
    return seconds


def _flag(value: object) -> object:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("expected true or false")


Limit = Annotated[
    int,
    BeforeValidator(_whole, json_schema_input_type=Annotated[int, Field(ge=1, le=MOST)]),
    Field(description="how many entries an answer has at most"),
]
Cursor = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]*$", max_length=100),
    Field(description="where to go on: `next` of the answer before"),
]
Words = Annotated[
    str,
    StringConstraints(max_length=200, pattern=_CONTROL),
    Field(description="a part of an id, a name, a title or a target, in small or capital letters"),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Moment = Annotated[
    datetime,
    BeforeValidator(
        _moment,
        json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})],
    ),
]
Flag = Annotated[bool, BeforeValidator(_flag, json_schema_input_type=bool)]
Period = Annotated[
    PositiveDuration,
    AfterValidator(_period),
    Field(description="how far back from now, at most 400d"),
]


class Paged(Query):
    """A list that comes in pages."""

    limit: Limit = MOST
    cursor: Cursor = ""


class ClaimQuery(Paged):
    """Which claims: of any of these sections and standings, with these words in id or title."""

    section: tuple[Literal["closed", "stable"], ...] = ()
    standing: tuple[Standing, ...] = ()
    q: Words = ""


class CheckQuery(Paged):
    """Which checks: of any of these standings and kinds, that speak for a claim."""

    standing: tuple[Standing, ...] = ()
    kind: tuple[Name, ...] = ()
    claim: Name | None = None
    q: Words = ""


class HistoryQuery(Query):
    """Which records of evidence, the newest first."""

    since: Annotated[
        Moment | None, Field(description="none that is older than this, as in RFC 3339")
    ] = None
    limit: Limit = EVIDENCE_USUAL
    cursor: Cursor = ""


class EvidenceQuery(HistoryQuery):
    """The same, of one claim where one is named."""

    claim: Name | None = None


class SpanQuery(Query):
    """Which runs of a check, the newest first."""

    period: Period = 30 * DAY
    limit: Limit = EVIDENCE_USUAL
    cursor: Cursor = ""


class FeedQuery(Query):
    """Which entries of the feed: of one claim where one is named, and with or without drills."""

    claim: Name | None = None
    drills: Flag = True
    limit: Limit = EVIDENCE_USUAL


class BadgeQuery(Query):
    """What a badge says on its left side, where it is not the usual."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class PeriodBadgeQuery(BadgeQuery):
    """The same, of a period up to now."""

    period: Period = 30 * DAY


class GateQuery(Query):
    """What somebody wants to work on."""

    topic: Annotated[
        str,
        StringConstraints(max_length=LONGEST_TOPIC, pattern=r"\S"),
        Field(description="in words, by an id, or by a pull request"),
    ]


class EndQuery(Query):
    """Who ends a drill."""

    who: str = ""
