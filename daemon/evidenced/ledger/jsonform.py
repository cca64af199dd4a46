"""The ledger as JSON, as `evidenced ledger show --json` prints it."""

from datetime import datetime
from typing import Any

from evidenced.ledger.model import (
    Commit,
    Document,
    Http,
    Item,
    Ledger,
    PullRequest,
    Reference,
    Section,
    TestRun,
    Timestamp,
)
from evidenced.ledger.mojibake import MOJIBAKE
from evidenced.ledger.text import NOT_UTF8

_OF_THE_FILE = frozenset({MOJIBAKE, NOT_UTF8})


def to_json(ledger: Ledger) -> dict[str, Any]:
    """What the ledger says, as JSON types.

    It depends on what is written and not on how the file is encoded: findings about the encoding
    are left out, so that a ledger and its mojibake give the very same.
    """
    return {
        "updated": _moment(ledger.updated) if ledger.updated else None,
        "sections": {
            section.value: [item_json(item) for item in ledger.sections.get(section, ())]
            for section in Section
        },
        "findings": [
            {"rule": finding.rule, "line": finding.line, "message": finding.message}
            for finding in ledger.findings
            if finding.rule not in _OF_THE_FILE
        ],
    }


def item_json(item: Item) -> dict[str, Any]:
    """One item: `closed` only in CLOSED, `done_when` only in IN PROGRESS and NEXT."""
    form: dict[str, Any] = {"id": item.id, "title": item.title, "text": item.text}
    if item.section is Section.CLOSED:
        form["closed"] = item.closed.isoformat() if item.closed else None
    form["line"] = item.line
    form["references"] = [reference_json(reference) for reference in item.references]
    if item.section in (Section.IN_PROGRESS, Section.NEXT):
        form["done_when"] = list(item.done_when)
    return form


def reference_json(reference: Reference) -> dict[str, Any]:
    """One reference by its kind; what it does not say is left out.

    The exception is the number of tests of a run, which is null where only assertions are counted.
    """
    form: dict[str, Any] = {"kind": reference.kind}
    match reference:
        case TestRun(tests, assertions):
            form["tests"] = tests
            if assertions is not None:
                form["assertions"] = assertions
        case Timestamp(at):
            form["at"] = _moment(at)
        case Http():
            form |= _http(reference)
        case PullRequest(ref) | Document(ref) | Commit(ref):
            form["ref"] = ref
        case _:
            form["ref"] = reference.ref
    return form


def _http(answer: Http) -> dict[str, Any]:
    form: dict[str, Any] = {"path": answer.path}
    if answer.method != "GET":
        form["method"] = answer.method
    if answer.status is not None:
        form["status"] = answer.status
    if answer.location is not None:
        form["location"] = answer.location
    if answer.contains:
        form["contains"] = list(answer.contains)
    return form


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
