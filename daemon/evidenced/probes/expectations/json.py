"""The values at JSONPaths of a body, held against conditions."""

import json
from collections.abc import Iterator, Mapping

from jsonpath import JSONPath

from evidenced.config.expect import Comparison
from evidenced.config.jsonpath import compiled
from evidenced.config.types import JsonPath
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Body
from evidenced.probes.expectations.body import undecided
from evidenced.probes.expectations.compare import (
    MISSING,
    Verdict,
    clauses,
    compare,
    compare_all,
)


def judge_json(expect: Mapping[JsonPath, Comparison], body: Body) -> Iterator[Judgement]:
    """One judgement for each path.

    A path that selects one node at most (RFC 9535, 2.3: a singular query) gives its value, or
    nothing where there is none. Any other, such as `$.items[*].price`, gives a list of values:
    exists, empty, length, contains and not_contains are asked of the list, everything else of each
    value in it. A body that is not JSON, or was cut off, meets nothing.
    """
    if not expect:
        return
    document: object = None
    amiss = None
    if body.complete:
        try:
            document = parse(body.text())
        except ValueError as error:
            amiss = str(error)
    for path, comparison in expect.items():
        name = f"json:{path}"
        expected = f"{path} {' and '.join(map(str, clauses(comparison)))}"
        if not body.complete:
            yield undecided(name, expected, body)
        elif amiss is not None:
            yield Judgement(name, False, expected, amiss, Reason.JSON)
        else:
            yield _judge_path(path, comparison, document)


def parse(text: str) -> object:
    """The JSON value of a text (RFC 8259); raises ValueError with a phrase for what it is instead.

    A byte order mark before it is let pass; NaN and Infinity, which Python reads, are no JSON.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise ValueError("an empty body" if not text else "a blank body")
    try:
        return json.loads(text, parse_constant=_no_json)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    except ValueError:
        raise ValueError("a body that is not JSON") from None


def _no_json(constant: str) -> object:
    raise ValueError(constant)


def _judge_path(path: JsonPath, comparison: Comparison, document: object) -> Judgement:
    name = f"json:{path}"
    try:
        values = path.find(document)
    except ValueError as error:
        return Judgement(name, False, f"{path} to be found", str(error), Reason.JSON)
    verdict = _verdict(path, comparison, values)
    return Judgement(name, verdict.met, f"{path} {verdict.expected}", verdict.found, Reason.JSON)


def _verdict(path: JsonPath, comparison: Comparison, values: list[object]) -> Verdict:
    query = compiled(path.source)
    if isinstance(query, JSONPath) and query.singular_query():
        return compare(values[0] if values else MISSING, comparison)
    return compare_all(values, comparison)
