"""What is the matter with the daemon itself: its view, its ledger, its configuration."""

from collections.abc import Iterator

from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.metrics_claims import LEDGER_FAMILIES
from evidenced.publish.rules_daemon import WATCHDOG
from evidenced.watch.board import Board

_VIOLATIONS = next(one for one in LEDGER_FAMILIES if one.name == "evidenced_ledger_violations")


def daemon_matters(board: Board, sender: Sender) -> Iterator[Matter]:
    """What a daemon can say of itself and its ledger; that it is gone it cannot."""
    yield from _view_and_files(board, sender)
    yield from _ledger(board, sender)
    yield Matter(
        WATCHDOG,
        {},
        "This alert always fires. Route it to a receiver that notices when it no longer comes.",
    )


def _view_and_files(board: Board, sender: Sender) -> Iterator[Matter]:
    who = sender.instance
    if not board.view.up:
        yield Matter(
            "EvidencedVantageDown",
            sender.own,
            f"Too many sentinels of {who} fail, so it cannot tell whether the claims of the ledger "
            "hold: they are unknown, and what was contradicted stays so.",
            since=board.view.lost,
        )
    reading = board.reading
    if not reading.config_loaded:
        yield Matter(
            "EvidencedReloadFailed",
            sender.own,
            f"{who} could not take over its configuration. The last good one stays in force; the "
            "daemon's log names the file, the line and the key.",
            of_files=True,
        )
    if not reading.ledger_readable:
        yield Matter(
            "EvidencedLedgerUnreadable",
            sender.own,
            f"{who} could not read the ledger the last time. The claims of the last good reading "
            "stay in force; the daemon's log names the file and the line.",
            of_files=True,
        )
    if not reading.ledger_believed:
        yield Matter(
            "EvidencedLedgerDisbelieved",
            sender.own,
            f"In the last reading of {who} a section or most of the claims are gone. The claims of "
            "the last good reading stay in force; if the ledger is right as it is, restart the "
            "daemon.",
            of_files=True,
        )


def _ledger(board: Board, sender: Sender) -> Iterator[Matter]:
    for rule, places in _broken(board).items():
        yield Matter(
            "EvidencedLedgerRuleBroken",
            {"job": sender.job, "rule": rule},
            f"The ledger breaks the rule {rule}, in {places:g} of its places; "
            "`evidenced ledger lint` names them.",
            of_files=True,
        )
    silent = sum(not claim.checks for claim in list(board.own_claims.values()))
    if silent:
        yield Matter(
            "EvidencedClaimsWithoutCheck",
            sender.own,
            f"For {silent} of the claims that {sender.instance} reads no check speaks, so nothing "
            "verifies them; `evidenced plan` lists them.",
            of_files=True,
        )


def _broken(board: Board) -> dict[str, float]:
    """In how many places each rule of the ledger is broken, as its metric says."""
    found: dict[str, float] = {}
    for values, places in _VIOLATIONS.read(board):
        rule = dict(zip(_VIOLATIONS.labels, values, strict=True))["rule"]
        if places > 0:
            found[rule] = max(places, found.get(rule, 0.0))
    return found
