"""A report as a page: headings, lines, lists and tables, before they are Markdown or HTML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby

from evidenced.config.types import shown_duration
from evidenced.probes.attempt import Outcome
from evidenced.watch.verdict import WEIGHT
from evidenced.workflow.report import UNSEEN, CheckFacts, ClaimFacts, Moved, Report

TITLE = "Production facts"


class Style(StrEnum):
    """How a piece of a line is written."""

    OWN = "own"
    """Words of this program, which are no markup in any format."""
    TOLD = "told"
    """Words from elsewhere."""
    CODE = "code"
    """Names, targets and the like, from anywhere."""
    STRONG = "strong"
    """Words of this program that matter most."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    style: Style = Style.OWN


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The one line that is another one each time: when the report was made, and what comes next."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; there is at least one line."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


Block = Made | Heading | Paragraph | Bullets | Table


def page(report: Report) -> Iterator[Block]:
    """The blocks of a report, always in the same order."""
    yield Heading(1, TITLE)
    yield Made(_made(report))
    yield from _summary(report)
    yield from _changes(report)
    yield from _claims(report)
    yield from _endpoints(report)
    yield from _contents(report)


def _own(text: str) -> Span:
    return Span(text)


def _code(text: str) -> Span:
    return Span(text, Style.CODE)


def _told(text: str) -> Span:
    return Span(text, Style.TOLD)


def _strong(text: str) -> Span:
    return Span(text, Style.STRONG)


def _made(report: Report) -> str:
    if report.compared is None:
        news = "the first report that is known"
    else:
        news = f"{_count(report.fresh, 'change')} since the report of {_time(report.compared)}"
    ahead = (("next check", report.next_check), ("next report", report.next_report))
    due = "".join(f"; {what} {_time(at)}" for what, at in ahead if at is not None)
    return f"Made {_time(report.made)}: {news}{due}."


def _summary(report: Report) -> Iterator[Block]:
    lines: list[Line] = []
    if report.location:
        lines.append((_own("Location: "), _code(report.location)))
    if report.updated is not None:
        lines.append((_own(f"Ledger: updated {_time(report.updated)}"),))
    claims = [one.standing for one in report.claims]
    lines.append((_own("Claims: "), *_counts(claims, [one.value for one in WEIGHT])))
    results = [one.result for one in report.checks]
    lines.append((_own("Checks: "), *_counts(results, [*(o.value for o in Outcome), UNSEEN])))
    verdict = _strong("some fail") if report.failing else _own("none fails")
    lines.append((_own("Facts: "), verdict))
    lines += [(_strong("Trouble"), _own(": "), _told(trouble)) for trouble in report.troubles]
    yield Bullets(tuple(lines))


def _counts(found: list[str], order: list[str]) -> Iterable[Span]:
    counted = ", ".join(f"{found.count(one)} {one}" for one in order if one in found)
    return (_own(counted or "none"),)


def _changes(report: Report) -> Iterator[Block]:
    yield Heading(2, "What changed")
    if report.between is None:
        yield Paragraph((_own("No change from one report to the next is known."),))
        return
    first, then = map(_time, report.between)
    yield Paragraph((_own(f"From the report of {first} to that of {then}:"),))
    yield Bullets(tuple(map(_change, report.moved)))


def _change(moved: Moved) -> Line:
    name = (_told(moved.what), _own(" "), _code(moved.name))
    if not moved.before:
        return (*name, _own(": new, "), _told(moved.after))
    if not moved.after:
        return (*name, _own(": gone, was "), _told(moved.before))
    return (*name, _own(": "), _told(moved.before), _own(" → "), _told(moved.after))


def _claims(report: Report) -> Iterator[Block]:
    yield Heading(2, "Claims by standing")
    order = [one.value for one in WEIGHT]
    claims = sorted(report.claims, key=lambda one: (order.index(one.standing), one.id))
    if not claims:
        yield Paragraph((_own("The ledger makes no claim."),))
    for standing, group in groupby(claims, key=lambda one: one.standing):
        some = list(group)
        yield Heading(3, f"{standing.capitalize()} ({len(some)})")
        yield Bullets(tuple(_claim(one) for one in some))


def _claim(claim: ClaimFacts) -> Line:
    spans = [_code(claim.id), _own(f" ({claim.section.upper()}): "), _told(claim.title)]
    if claim.since is not None:
        spans.append(_own(f"; since {_time(claim.since)}"))
    if claim.checks:
        spans.append(_own("; checked by "))
        spans += _listed(map(_code, claim.checks))
    else:
        cited = {"cited": "; only cited, nothing looks", "none": "; nothing speaks for it"}
        spans.append(_own(cited.get(claim.basis, "")))
    for name, why in claim.why:
        spans += [_own("; "), _code(name), _own(" "), _code(why)]
    if claim.missing:
        spans.append(_own("; not in the repository: "))
        spans += _listed(map(_code, claim.missing))
    if claim.blind:
        spans.append(_own(f"; cannot be seen: {claim.blind}"))
    if claim.maintenance:
        spans += [_own("; in maintenance: "), _told(claim.maintenance)]
    if claim.drill:
        spans += [_own("; "), _strong("DRILL"), _own(", which changes nothing of how it stands")]
    return tuple(spans)


def _listed(spans: Iterable[Span]) -> Iterator[Span]:
    for index, span in enumerate(spans):
        if index:
            yield _own(", ")
        yield span


def _endpoints(report: Report) -> Iterator[Block]:
    yield Heading(2, "Endpoints")
    if not report.checks:
        yield Paragraph((_own("Nothing is looked at."),))
        return
    header = ("check", "kind", "target", "result", "details", "within", "checked every")
    yield Table(header, tuple(map(_endpoint, report.checks)))


def _endpoint(check: CheckFacts) -> tuple[Line, ...]:
    good = check.result == Outcome.SUCCESS.value
    return (
        (_code(check.name),),
        (_own(check.kind),),
        (_code(check.target),),
        (_own(check.result) if good else _strong(check.result),),
        tuple(_details(check)),
        (_own("" if check.within is None else shown_duration(check.within)),),
        (_own(shown_duration(check.every)),),
    )


def _details(check: CheckFacts) -> Iterator[Span]:
    parts: list[Line] = [(_own(f"{name} "), _code(value)) for name, value in check.details]
    if check.failure:
        parts.append((_code(check.failure),))
    if check.maintenance:
        parts.append((_own("in maintenance: "), _told(check.maintenance)))
    for index, part in enumerate(parts):
        if index:
            yield _own("; ")
        yield from part


def _contents(report: Report) -> Iterator[Block]:
    yield Heading(2, "Contents verified")
    judged = [(check, one) for check in report.checks for one in check.judged]
    if not judged:
        yield Paragraph((_own("Nothing was found yet that an expectation is about."),))
        return
    header = ("check", "expectation", "met", "expected", "found")
    rows = (
        (
            (_code(check.name),),
            (_code(one.name),),
            (_own("yes") if one.met else _strong("no"),),
            (_code(one.expected),),
            (_code(one.found),),
        )
        for check, one in judged
    )
    yield Table(header, tuple(rows))


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}" + ("" if number == 1 else "s")


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
