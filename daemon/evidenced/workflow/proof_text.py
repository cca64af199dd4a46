"""A proof pack as Markdown for people and as JSON for programs.

What was probed, and what it said, stands in code spans and fenced blocks only, so that nothing of
it is markup (see `markdown`).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from evidenced.evidence.records import JSON, Evidence
from evidenced.evidence.spans import Uptime
from evidenced.ledger.jsonform import item_json, reference_json
from evidenced.ledger.model import Http, TestRun, Timestamp
from evidenced.watch.drill import Ending
from evidenced.workflow.markdown import code, code_cell, fenced, plain, table
from evidenced.workflow.proof import Checked, Cited, Proof
from evidenced.workflow.rehearsed import Rehearsed, rehearsed

_ENDINGS: Mapping[str, str] = {
    Ending.TIME.value: "as its time was up",
    Ending.LEDGER.value: "as the ledger no longer has the claim",
}


def proof_json(proof: Proof) -> dict[str, Any]:
    """The pack as JSON types; times are in UTC, durations in seconds."""
    item = proof.claimed.item
    return {
        "claim": item_json(item) | {"section": item.section.value},
        "ledger": str(proof.claimed.ledger),
        "repository": str(proof.claimed.repository),
        "made": moment(proof.made),
        "since": moment(proof.since),
        "standing": proof.newest.standing if proof.newest else None,
        "reopenable": proof.reopenable.id if proof.reopenable else None,
        "references": [
            reference_json(one.reference) | ({} if one.there is None else {"exists": one.there})
            for one in proof.references
        ],
        "checks": [_check_json(check) for check in proof.checks],
        "timeline": [_change_json(record) for record in proof.timeline],
        "last_verified": _record_json(proof.last_verified) if proof.last_verified else None,
        "contradictions": [_record_json(record) for record in proof.contradictions],
        "drills": [_record_json(record) for record in proof.drills],
        "drill": _record_json(proof.drill) if proof.drill else None,
        "damaged": list(proof.damaged),
        "complete": proof.complete,
        "chain": {"head": proof.head.id, "hash": proof.head.hash},
    }


def moment(at: float) -> str:
    """Seconds since the epoch as a time in UTC, to the millisecond."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def proof_markdown(proof: Proof) -> str:
    """The pack as Markdown, always in the same order."""
    parts = (
        _head,
        _references,
        _checks,
        _timeline,
        _last_verified,
        _contradictions,
        _drills,
        _chain,
    )
    texts = ("\n".join(part(proof)).strip("\n") for part in parts)
    return "\n\n".join(filter(None, texts)) + "\n"


def _check_json(check: Checked) -> dict[str, Any]:
    return {
        "name": check.name,
        "kind": check.kind,
        "target": check.target,
        "uptime": {
            name: {"ratio": one.ratio, "up": one.up, "down": one.down, "unseen": one.unseen}
            for name, one in check.uptimes
        },
        "curl": check.curl,
    }


def _change_json(record: Evidence) -> dict[str, Any]:
    return {
        "id": record.id,
        "at": moment(record.at),
        "section": record.section,
        "before": record.before,
        "standing": record.standing,
        "check": record.check,
        "location": record.location,
        "drill": record.drill,
    }


def _record_json(record: Evidence) -> dict[str, Any]:
    hashes = {"hash": record.hash, "previous": record.previous}
    return _change_json(record) | hashes | {"proof": record.proof}


def _head(proof: Proof) -> Iterator[str]:
    item = proof.claimed.item
    yield f"# Proof: {plain(item.title)}"
    yield ""
    yield f"> {plain(item.text)}"
    yield ""
    closed = f", closed {item.closed}" if item.closed else ""
    yield f"- Claim: {code(item.id)} in {item.section.value.replace('_', ' ').upper()}{closed}"
    yield f"- Ledger: {code(str(proof.claimed.ledger))}, line {item.line}"
    newest = proof.newest
    standing = f"{newest.standing} since {_time(newest.at)} (record {newest.id})" if newest else ""
    yield f"- Standing by the newest record: {plain(standing) or 'none is kept'}"
    if proof.drill:
        yield f"- **DRILL**: {_on(proof.drill)}; how it stands does not change by that"
    if proof.reopenable:
        when = _time(proof.reopenable.at)
        yield (
            f"- Reopenable: **yes**, record {proof.reopenable.id} of {when} is against it and "
            "younger than its closing date"
        )
    else:
        yield "- Reopenable: no new proof against it"
    yield f"- Made {_time(proof.made)}, with what is kept since {_time(proof.since)}"
    if proof.damaged:
        ids = ", ".join(map(str, proof.damaged))
        yield f"- **Damaged records, which prove nothing: {ids}**"
    if not proof.complete:
        yield "- There are more records than were read: older ones are left out"


def _references(proof: Proof) -> Iterator[str]:
    yield from _heading("References")
    for one in proof.references:
        kind = one.reference.kind.replace("_", " ")
        yield f"- {kind} {_cited(one)}".rstrip()
    if not proof.references:
        yield "None."


def _cited(one: Cited) -> str:
    reference = one.reference
    match reference:
        case TestRun(tests, assertions):
            counts = ((tests, "tests"), (assertions, "assertions"))
            return ", ".join(f"{count} {what}" for count, what in counts if count is not None)
        case Timestamp(at):
            return _time(at.timestamp())
        case Http():
            status = f" → {reference.status}" if reference.status is not None else ""
            return code(f"{reference.method} {reference.path}{status}")
    there = {None: "", True: ": in the repository", False: ": **not in the repository**"}
    return code(reference.ref) + there[one.there]


def _checks(proof: Proof) -> Iterator[str]:
    yield from _heading("Checks")
    if not proof.checks:
        yield "No check speaks for this claim."
    for check in proof.checks:
        yield f"### {code(check.name)}"
        yield ""
        yield f"{plain(check.kind)} {code(check.target)}"
        yield ""
        yield from table(
            ("period", "up", "unseen"),
            ((name, _up(one), _unseen(one)) for name, one in check.uptimes),
        )
        yield ""
        if check.curl is not None:
            yield fenced(check.curl, "sh")
            yield ""


def _up(one: Uptime) -> str:
    return "–" if one.ratio is None else _percent(one.ratio)


def _unseen(one: Uptime) -> str:
    return _percent(one.unseen / (one.up + one.down + one.unseen))


def _percent(ratio: float) -> str:
    """To hundredths, and rounded away from the ends: what is not quite all is never 100 %."""
    percent = 100 * ratio
    if 0 < ratio < 1:
        percent = min(max(percent, 0.01), 99.99)
    return f"{percent:.2f} %"


def _timeline(proof: Proof) -> Iterator[str]:
    yield from _heading("Changes of standing")
    rows = (
        (
            str(one.id),
            _time(one.at),
            plain(f"{one.before} → {one.standing}{' (DRILL)' if one.drill else ''}"),
            code_cell(one.check + (f" at {one.location}" if one.location else "")),
        )
        for one in proof.timeline
    )
    if proof.timeline:
        yield from table(("record", "time", "change", "check"), rows)
    else:
        yield "None in this time."


def _last_verified(proof: Proof) -> Iterator[str]:
    yield from _heading("Last verification")
    if proof.last_verified is None:
        yield "No record of one is kept."
    else:
        yield from _record(proof.last_verified)


def _contradictions(proof: Proof) -> Iterator[str]:
    yield from _heading(f"Contradictions ({len(proof.contradictions)})")
    if not proof.contradictions:
        yield "None in this time."
    for record in proof.contradictions:
        yield from _record(record)


def _drills(proof: Proof) -> Iterator[str]:
    """Nothing where there was none: that is no news of a claim."""
    if not proof.drills:
        return
    yield from _heading("Drills")
    yield "In a DRILL the claim only looked failed: it proves nothing, and is no downtime."
    yield ""
    for record in proof.drills:
        told = rehearsed(record)
        said = f": {_said(told)}" if told else ""
        yield f"- Record {record.id}, {_time(record.at)}, DRILL{said}, hash `{record.hash}`"


def _said(told: Rehearsed) -> str:
    asked = f"by {code(told.who)} until {_time(told.until)}"
    asked += f", because {code(told.why)}" if told.why else ""
    if told.ended is None:
        return f"began, {asked}"
    ending = f"by {code(told.ended_by)}" if told.ended_by else _ENDINGS.get(told.ending, "")
    return f"ended {ending} (it was {asked})"


def _on(record: Evidence) -> str:
    told = rehearsed(record)
    asked = f" by {code(told.who)} until {_time(told.until)}" if told else ""
    return f"made to look failed{asked}"


def _record(record: Evidence) -> Iterator[str]:
    change = plain(f"{record.before} → {record.standing}")
    yield f"### Record {record.id}, {_time(record.at)}: {change}"
    yield ""
    yield f"- Check: {code(record.check) or 'none, it was time that passed'}"
    if record.location:
        yield f"- Location: {code(record.location)}"
    yield f"- Hash: `{record.hash}`"
    yield f"- Hash of the record before: `{record.previous}`"
    yield ""
    exchange = record.proof.get("exchange")
    if exchange and isinstance(exchange, list):
        yield "Asked (`>`) and answered (`<`):"
        yield ""
        yield fenced("\n".join(map(str, exchange)), "http")
        yield ""
    if judged := list(_judged(record.proof)):
        yield "Expected and found by the last attempt:"
        yield ""
        yield fenced("\n".join(judged))
        yield ""
    if record.proof:
        yield "All that is kept of it:"
        yield ""
        yield fenced(json.dumps(record.proof, indent=2, ensure_ascii=False), "json")
        yield ""


def _judged(proof: Mapping[str, JSON]) -> Iterator[str]:
    """A line for each expectation of the last attempt, and why it failed where it did."""
    attempts = proof.get("attempts")
    last = attempts[-1] if attempts and isinstance(attempts, list) else None
    if not isinstance(last, Mapping):
        return
    expectations = last.get("expectations")
    for one in expectations if isinstance(expectations, list) else ():
        if isinstance(one, Mapping):
            mark = "met    " if one.get("met") else "not met"
            said = f"expected {one.get('expected')}, found {one.get('found')}"
            yield f"{mark} {one.get('name')}: {said}"
    failure = last.get("failure")
    if isinstance(failure, Mapping):
        yield f"failure {failure.get('reason')}: {failure.get('detail')}"


def _chain(proof: Proof) -> Iterator[str]:
    yield from _heading("Chain")
    yield f"Record {proof.head.id} is the newest of the chain; its hash is `{proof.head.hash}`."
    yield "`evidenced evidence verify` goes through all records and says whether any was changed."


def _heading(title: str) -> Iterator[str]:
    yield f"## {title}"
    yield ""


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
