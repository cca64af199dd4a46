"""Values out of an answer, for the requests that come after it."""

from evidenced.config.kinds.http_steps import Keep
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.body import undecided
from evidenced.probes.expectations.compare import describe
from evidenced.probes.expectations.json import parse

_LONGEST = 64 * 1024
"""Characters of a value that is kept: more is no token, and no server takes it."""


class _AmissError(Exception):
    """There is no value to be kept; the text says what there is instead, not what it says."""


def kept(name: str, source: Keep, answer: Answer) -> str | Judgement:
    """The value that is to be kept under this name, or that it is not there.

    It is a text on one line, because it goes into addresses and headers. A number or a truth value
    is taken as JSON writes it.
    """
    expected = f"{_described(source)} to keep as {name}"
    by_body = source.header is None
    if by_body and not answer.body.complete:
        return undecided(f"keep:{name}", expected, answer.body)
    try:
        return _on_one_line(_value(source, answer))
    except _AmissError as amiss:
        reason = Reason.HEADER if not by_body else Reason.JSON if source.json_ else Reason.BODY
        return Judgement(f"keep:{name}", False, expected, str(amiss), reason)


def _described(source: Keep) -> str:
    if source.header is not None:
        where = f"header {source.header}"
    else:
        where = f"{source.json_}" if source.json_ is not None else "the body"
    return where if source.matches is None else f"a match of {source.matches} in {where}"


def _value(source: Keep, answer: Answer) -> str:
    if source.header is not None:
        values = answer.header(source.header)
        if len(values) != 1 and source.matches is None:
            raise _AmissError("nothing" if not values else f"{len(values)} values")
        texts = values
    elif source.json_ is not None:
        texts = [_of_json(source, answer)]
    else:
        texts = [answer.body.text()]
    if source.matches is None:
        return texts[0]
    for text in texts:
        found = source.matches.captures(text)
        if found is not None:
            return found[1] if len(found) > 1 else found[0]
    raise _AmissError("no match")


def _of_json(source: Keep, answer: Answer) -> str:
    try:
        values = source.json_.find(parse(answer.body.text())) if source.json_ else []
    except ValueError as error:
        raise _AmissError(str(error)) from None
    if len(values) != 1:
        raise _AmissError("nothing" if not values else f"{len(values):,} values")
    value = values[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    raise _AmissError(describe(value))


def _on_one_line(value: str) -> str:
    if not value:
        raise _AmissError("an empty text")
    if len(value) > _LONGEST:
        raise _AmissError(f"a text of length {len(value):,}")
    if not value.isprintable():
        raise _AmissError("a text with characters that cannot be sent")
    return value
