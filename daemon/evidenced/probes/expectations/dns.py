"""What may be asserted on an answer of DNS."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from evidenced.config.condition import Comparison
from evidenced.config.kinds.dns import DnsExpect
from evidenced.probes.attempt import Judgement, Reason, one_line
from evidenced.probes.expectations.compare import MISSING, Clause, clauses, compare, literal
from evidenced.probes.expectations.words import has_words


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record: all of it as one line of a zone file, and its data alone."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """An answer: the response code by its name, the records of each section, the SOA's serial."""

    rcode: str
    answers: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    serial: int | None = None


def judge_dns(expect: DnsExpect, answer: DnsAnswer) -> Iterator[Judgement]:
    """One judgement for each thing expected: `rcode`, `answers`, `authority`, `additional`,
    `serial`.
    """
    for judgement in _judge(expect, answer):
        yield replace(
            judgement, expected=one_line(judgement.expected), found=one_line(judgement.found)
        )


def _judge(expect: DnsExpect, answer: DnsAnswer) -> Iterator[Judgement]:
    met = answer.rcode in expect.rcode
    wanted = f"response code {' or '.join(expect.rcode)}"
    yield Judgement("rcode", met, wanted, answer.rcode, Reason.STATUS)
    sections = {
        "answers": (expect.answers, answer.answers),
        "authority": (expect.authority, answer.authority),
        "additional": (expect.additional, answer.additional),
    }
    for name, (comparison, records) in sections.items():
        if comparison is not None:
            yield judge_records(name, comparison, records)
    if expect.serial is not None:
        verdict = compare(MISSING if answer.serial is None else answer.serial, expect.serial)
        yield Judgement(
            "serial", verdict.met, f"serial {verdict.expected}", verdict.found, Reason.BODY
        )


def judge_records(name: str, comparison: Comparison, records: tuple[Record, ...]) -> Judgement:
    """Whether the records of a section meet a comparison.

    One record must contain a text as whole words or match a pattern, and none may do what is
    denied; `eq` and `ne` are put to the data of all of them, in any order; the rest to their list.
    """
    found = _shown(records)
    for clause in clauses(comparison):
        if not _holds(clause, records):
            return Judgement(name, False, f"{name} {_asked(clause)}", found, Reason.BODY)
    asked = " and ".join(map(_asked, clauses(comparison)))
    return Judgement(name, True, f"{name} {asked}", found, Reason.BODY)


def _holds(clause: Clause, records: tuple[Record, ...]) -> bool:
    match clause.operator:
        case "eq":
            return _is_all(records, clause.operand)
        case "ne":
            return not _is_all(records, clause.operand)
        case "contains":
            return any(has_words(record.text, clause.operand) for record in records)
        case "not_contains":
            return not any(has_words(record.text, clause.operand) for record in records)
        case "matches":
            return any(clause.holds(record.text) for record in records)
        case "not_matches":
            return all(clause.holds(record.text) for record in records)
        case "exists":
            return bool(records) is clause.operand
    return clause.holds([record.data for record in records])


def _is_all(records: tuple[Record, ...], wanted: object) -> bool:
    all_of_it = wanted if isinstance(wanted, list | tuple) else [wanted]
    return sorted(record.data for record in records) == sorted(map(str, all_of_it))


def _asked(clause: Clause) -> str:
    if clause.operator in {"eq", "ne"}:
        wanted = clause.operand if isinstance(clause.operand, list | tuple) else [clause.operand]
        return f"{'to be' if clause.operator == 'eq' else 'not to be'} {literal(wanted)}"
    return str(clause)


def _shown(records: tuple[Record, ...]) -> str:
    # What stands in DNS anyone may ask for: it is no secret.
    if not records:
        return "no record"
    # Servers give them in an order that changes from answer to answer.
    return ", ".join(sorted(record.data for record in records)[:10])
