"""Several requests in one attempt, with values carried from one answer to the next request."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import quote, quote_plus

from evidenced.config.kinds.http import HttpSettings
from evidenced.config.kinds.http_request import HttpAuth
from evidenced.config.kinds.http_steps import HttpStep
from evidenced.config.placeholders import filled, whole
from evidenced.config.types import Secret
from evidenced.probes.address import Address
from evidenced.probes.attempt import Attempt, Judgement, Reason
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.http import judge_latency
from evidenced.probes.keeping import kept
from evidenced.probes.resources import Resources
from evidenced.probes.trace import Mark, note
from evidenced.probes.visit import Visit
from evidenced.probes.visitor import Visitor

_KEPT_APART = 64 * 1024
"""Bytes of a body above which values are looked for in a thread, as in judging."""


async def walk(settings: HttpSettings, timeout: float, resources: Resources) -> Attempt:
    """Take the steps in order, up to the first that does not meet what is expected of it."""
    visit = Visit(settings, resources)

    async def steps(visitor: Visitor) -> None:
        values: dict[str, str] = {}
        came_from: Address | None = None
        for step in settings.steps:
            note(Mark.INFO, f"step {step.name}")
            asked = _settings(settings, step, values, came_from)
            if asked is None:
                visit.refuse(step.name, _elsewhere(step, came_from))
                return
            answer = await visit.ask(visitor, asked, step.name)
            visit.judge(*await _keep(step, answer, values, resources))
            if visit.unmet:
                return
            came_from = Address.parse(answer.url)
        if settings.expect.latency is not None:
            visit.over()
            visit.judge(judge_latency(settings.expect.latency, visit.course.duration))

    return await visit.take(timeout, steps)


def _settings(
    settings: HttpSettings, step: HttpStep, values: Mapping[str, str], came_from: Address | None
) -> HttpSettings | None:
    """One step as the settings of a single request, with the values in their places.

    None where an address out of an answer leads to another origin than the answer's.
    """
    url = _url(step, values, came_from)
    if url is None:
        return None
    fill = partial(filled, values=values)
    own = {
        "url": url,
        "query": {name: Secret(fill(value.reveal())) for name, value in step.query.items()},
        "method": step.method,
        "headers": {name: Secret(fill(value.reveal())) for name, value in step.headers.items()},
        "body": None if step.body is None else fill(step.body, escape=_escape(step)),
        "body_file": step.body_file,
        "auth": _auth(step.auth, fill),
        "follow_redirects": step.follow_redirects,
        "body_limit": step.body_limit,
        "expect": step.expect,
    }
    # Not validated again: what is written was, and what came out of answers is checked by `kept`.
    return settings.model_copy(update={**own, "steps": ()})


def _url(step: HttpStep, values: Mapping[str, str], came_from: Address | None) -> str | None:
    name = whole(step.url)
    if name is None or came_from is None:
        return filled(step.url, values, partial(quote, safe=""))
    try:
        address = Address.parse(values[name], came_from)
    except ValueError:
        return None
    # What a server says must not decide where the credentials of a step go.
    return str(address) if address.origin == came_from.origin and not address.user else None


def _elsewhere(step: HttpStep, came_from: Address | None) -> Judgement:
    at = came_from.shown if came_from else ""
    expected = f"{step.url} to lead to an address of the origin of {at}"
    return Judgement("url", False, expected, "another", Reason.REDIRECT)


def _escape(step: HttpStep) -> Callable[[str], str]:
    """How a value is written into the body: by the body's content type."""
    types = (value for name, value in step.headers.items() if name.lower() == "content-type")
    content_type = next((value.reveal() for value in types), "").partition(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        return quote_plus
    if content_type.endswith(("/json", "+json")):
        return lambda value: json.dumps(value)[1:-1]
    return str


def _auth(auth: HttpAuth | None, fill: Callable[[str], str]) -> HttpAuth | None:
    def secret(value: Secret | None) -> Secret | None:
        return None if value is None else Secret(fill(value.reveal()))

    if auth is None:
        return None
    return HttpAuth.model_construct(
        username=None if auth.username is None else fill(auth.username),
        password=secret(auth.password),
        token=secret(auth.token),
    )


async def _keep(
    step: HttpStep, answer: Answer, values: dict[str, str], resources: Resources
) -> tuple[Judgement, ...]:
    """Keep what later steps need; a judgement for each value that is not there to be kept."""

    def find() -> Iterator[tuple[str, str | Judgement]]:
        for name, source in step.keep.items():
            yield name, kept(name, source, answer)

    large = len(answer.body.data) > _KEPT_APART and bool(step.keep)
    found = await resources.apart(lambda: list(find())) if large else list(find())
    values.update((name, value) for name, value in found if isinstance(value, str))
    return tuple(value for _, value in found if isinstance(value, Judgement))
