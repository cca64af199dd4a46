"""The dialogue of `query_response`, over a connection or over messages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from evidenced.config.blackbox.probers import QueryResponse
from evidenced.publish.blackbox.look import Look

Next = Callable[[], Awaitable[str | None]]
"""The next line or message, None where there is no more."""

_AT_A_TIME = 500
"""Lines after which others have their turn."""


async def heard(look: Look, turn: QueryResponse, following: Next, flag: str) -> str | None:
    """Read on until the turn's pattern matches; the text to send, or None where nothing matched.

    `flag` is the metric that says whether a pattern made the look fail.
    """
    assert turn.expect is not None  # noqa: S101  asked for by the caller
    templates = (turn.send, *(label.value for label in turn.labels))
    count = 0
    while (line := await following()) is not None:
        look.log.tell("Read line", line=line)
        if (expanded := turn.expect.expanded(line, *templates)) is not None:
            look.log.tell("Regexp matched", regexp=turn.expect)
            look.findings.set(flag, 0)
            _tell_labels(look, turn, expanded[1:])
            return expanded[0]
        count += 1
        if count % _AT_A_TIME == 0:
            await asyncio.sleep(0)
    look.findings.set(flag, 1)
    look.log.fail("Regexp did not match", regexp=turn.expect)
    return None


def _tell_labels(look: Look, turn: QueryResponse, values: Sequence[str]) -> None:
    if turn.labels:
        labels = {label.name: value for label, value in zip(turn.labels, values, strict=True)}
        look.findings.set("probe_expect_info", 1, **labels)
