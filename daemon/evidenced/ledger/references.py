"""The evidence that an item cites."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from evidenced.ledger.dates import moments
from evidenced.ledger.forge import addresses, commits, introduces_pull_requests, pull_requests
from evidenced.ledger.markdown import Prose
from evidenced.ledger.model import Document, Reference, Timestamp
from evidenced.ledger.paths import document_path
from evidenced.ledger.sentences import Reading
from evidenced.ledger.testrun import find_test_runs

Found = tuple[int, Reference]
"""A reference with its offset in the text that it was found in."""

_SCHEME = re.compile(r"[A-Za-z][\w+.-]{0,30}:|//|#|\?")


def references(
    proses: Iterable[Prose], readings: Iterable[Reading | None]
) -> tuple[Reference, ...]:
    """What the texts cite, each reference once, in the order in which it first stands there.

    `readings` holds, for each text, the answers that it claims; None where none are to be read.
    """
    found: dict[Reference, None] = {}
    carried = False
    for prose, reading in zip(proses, readings, strict=True):
        answers = reading.answers if reading else ()
        for _, reference in sorted((*_cited(prose, carried), *answers), key=lambda entry: entry[0]):
            found.setdefault(reference)
        listed = carried and prose.text.startswith(("#", "!"))
        carried = listed or introduces_pull_requests(prose.text)
    return tuple(found)


def _cited(prose: Prose, carried: bool) -> Iterator[Found]:
    yield from pull_requests(prose.text, carried=carried)
    yield from addresses(prose)
    yield from commits(prose)
    yield from _documents(prose)
    yield from find_test_runs(prose.text)
    for offset, moment in moments(prose.text):
        yield offset, Timestamp(moment)


def _documents(prose: Prose) -> Iterator[Found]:
    for span in prose.codes:
        path = document_path(prose.text[span.start : span.end].strip())
        if path:
            yield span.start, Document(path)
    for link in prose.links:
        target = unquote(link.href.partition("?")[0])
        path = None if _SCHEME.match(link.href) else document_path(target, linked=True)
        if path:
            yield link.start, Document(path)
