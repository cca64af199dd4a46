"""All that is the matter on a board now, each with its rule."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from evidenced.publish.alerts_checks import Expiries, check_matters
from evidenced.publish.alerts_claims import claim_matters
from evidenced.publish.alerts_daemon import daemon_matters
from evidenced.publish.alerts_model import Matter
from evidenced.publish.alerts_rules import RuleBook
from evidenced.publish.rules_model import Alert
from evidenced.watch.board import Board


def matters(
    board: Board, book: RuleBook, expiries: Expiries, now: float, past: Iterable[Matter] = ()
) -> Iterator[tuple[Matter, Alert]]:
    """What is the matter, by the rules of the book; the time is in seconds since the epoch.

    `expiries` are those of the certificates that checks are shown, and `past` is what is the matter
    by how things went, which the board does not say.
    """
    sender = book.sender
    for matter in (
        *claim_matters(board, sender, book.patience, now),
        *check_matters(board, sender, book.settings.file.certificate, expiries, now),
        *daemon_matters(board, sender),
        *past,
    ):
        labelled = replace(matter, labels={**sender.labels, **matter.labels})
        yield labelled, book.rule(labelled)
