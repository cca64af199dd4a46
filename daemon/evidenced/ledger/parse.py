"""Text of a Markdown ledger in, a Ledger out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.dates import closing_date, updated
from evidenced.ledger.done import done_when
from evidenced.ledger.items import Entry, entries
from evidenced.ledger.journal import PASS_SECTIONS, journal, layout_findings
from evidenced.ledger.markdown import Prose, parse_blocks, prose_in, prose_of
from evidenced.ledger.model import CLAIMED, Finding, Item, Layout, Ledger, LedgerError, Section
from evidenced.ledger.mojibake import repair
from evidenced.ledger.production import read_pass
from evidenced.ledger.references import references
from evidenced.ledger.sections import Blocks, Outline, outline
from evidenced.ledger.sentences import Reading
from evidenced.ledger.sentences import read as read_answers
from evidenced.ledger.slug import slug, unique
from evidenced.ledger.text import decode, line_of

CLOSED_DATE_INVALID = "closed-date-invalid"
"""The rule of the finding for a closing date that is none."""
DUPLICATE_ID = "duplicate-id"
"""The rule of the finding for a name that is given to two items."""
MISPLACED_ID = "misplaced-id"
"""The rule of the finding for a name that stands beside the items, and so names none."""
UPDATED_INVALID = "updated-invalid"
"""The rule of the finding for a time of the last update that is none."""


def read(path: Path, layout: Layout = Layout.SECTIONS) -> Ledger:
    """Read a ledger file, which is laid out like this.

    Raises LedgerError where the file is missing, unreadable, no file, or holds nothing.
    """
    try:
        if path.exists() and not path.is_file():
            kind = "a directory" if path.is_dir() else "no regular file"
            raise LedgerError(f"{path}: is {kind}, not a ledger")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise LedgerError(f"{path}: cannot be read: {reason or error}") from error
    text, findings = decode(data)
    if not text.strip():
        raise LedgerError(f"{path}: is empty")
    return _ledger(text, findings, layout)


def parse_data(data: bytes) -> Ledger:
    """Read the bytes of a ledger file with sections; any can be read."""
    return _ledger(*decode(data), Layout.SECTIONS)


def parse(text: str, layout: Layout = Layout.SECTIONS) -> Ledger:
    """Read the text of a ledger; any text can be read. Mojibake in it is repaired."""
    text, findings = repair(text)
    return _ledger(text.removeprefix("\ufeff"), findings, layout)


def _ledger(text: str, findings: Sequence[Finding], layout: Layout) -> Ledger:
    blocks = parse_blocks(text)
    divided = journal(blocks) if layout is Layout.JOURNAL else None
    passes = divided.passes if divided else ()
    blocks = divided.rest if divided else blocks
    parts = outline(blocks)
    headings = frozenset(parts.sections) | (PASS_SECTIONS if passes else frozenset())
    found = _entries(parts, passes)
    names = _Names(*_in_order(found, passes))
    moment, line, when = _updated(parts.elsewhere)
    dates = (finding for entry in found[Section.CLOSED] for finding in _closing_findings(entry))
    stray = (finding for part in parts.sections.values() for finding in _stray_ids(part))
    headed = layout_findings(
        blocks, parts.sections, parts.findings, passes=len(passes) if divided else None
    )
    everything = (*findings, *when, *headed, *names.findings, *dates, *stray)
    return Ledger(
        moment,
        MappingProxyType(
            {
                section: tuple(_item(entry, names.of(entry)) for entry in found[section])
                for section in Section
            }
        ),
        headings,
        tuple(sorted(everything, key=lambda finding: finding.line)),
        layout=layout,
        updated_line=line,
        lines=line_of(text, len(text.rstrip())) if text.strip() else 0,
        size=len(text.encode("utf-8", "surrogatepass")),
    )


def _entries(parts: Outline, passes: Sequence[Entry]) -> Mapping[Section, Sequence[Entry]]:
    """The entries of each section, the passes that belong to it behind them, by line."""
    return {
        section: [
            *(e for blocks in parts.sections.get(section, ()) for e in entries(section, blocks)),
            *sorted(
                (entry for entry in passes if entry.section is section),
                key=lambda entry: entry.line,
            ),
        ]
        for section in Section
    }


def _in_order(
    found: Mapping[Section, Sequence[Entry]], passes: Sequence[Entry]
) -> tuple[list[Entry], list[Entry]]:
    """Claims and work in the order in which they get their names: a new pass changes no old one."""
    of_sections = [e for section in Section for e in found[section] if not e.is_pass]
    claims = sorted(
        (entry for entry in of_sections if entry.section in CLAIMED), key=lambda entry: entry.line
    )
    work = [entry for entry in of_sections if entry.section not in CLAIMED]
    claims += [entry for entry in passes if entry.section in CLAIMED]
    work += [entry for entry in passes if entry.section not in CLAIMED]
    return claims, work


def _item(entry: Entry, name: str) -> Item:
    proses = (entry.head, *prose_in(entry.body))
    text = " ".join((entry.head.text[entry.title.rest :], *(prose.text for prose in proses[1:])))
    readings = _readings(entry, proses)
    has_points = entry.section in (Section.IN_PROGRESS, Section.NEXT)
    is_stable = entry.section is Section.STABLE
    return Item(
        id=name,
        section=entry.section,
        title=entry.title.text,
        text=text.strip(),
        line=entry.line,
        closed=_closed(entry),
        references=references(proses, readings),
        done_when=done_when(entry) if has_points else (),
        unread=tuple(
            phrase for reading in readings if reading and is_stable for phrase in reading.unread
        ),
    )


def _closed(entry: Entry) -> date | None:
    if entry.section is not Section.CLOSED:
        return None
    if entry.dated:
        return entry.dated
    stated = closing_date(_closing_text(entry))
    return stated[0] if stated else None


def _readings(entry: Entry, proses: Sequence[Prose]) -> list[Reading | None]:
    if entry.is_pass:
        return [None, *map(read_pass, proses[1:])]
    if entry.section not in CLAIMED:
        return [None] * len(proses)
    terse = entry.section is Section.STABLE
    # A bullet without a title of its own is all title: there is nothing to leave out.
    begin = entry.title.rest if entry.title.rest < len(entry.head.text) else entry.title.start
    starts = (begin, *(0 for _ in proses[1:]))
    return [
        read_answers(prose, start, terse=terse) for prose, start in zip(proses, starts, strict=True)
    ]


def _closing_text(entry: Entry) -> str:
    return " ".join(prose.text for prose in (entry.head, *prose_in(entry.body)))


def _closing_findings(entry: Entry) -> Iterator[Finding]:
    stated = closing_date(_closing_text(entry))
    if stated and stated[0] is None:
        message = f"{entry.title.text!r} is closed on {stated[1]!r}, which is no day"
        yield Finding(CLOSED_DATE_INVALID, entry.line, message)


def _stray_ids(section: Iterable[Blocks]) -> Iterator[Finding]:
    """Names in comments that are no part of a list: not indented below their item."""
    for blocks in section:
        for node in blocks:
            prose = prose_of(node) if node.type == "inline" else None
            for name in prose.ids if prose else ():
                message = f"the id {name!r} stands in no item: indent it below its own"
                yield Finding(MISPLACED_ID, prose.lines[0][1] if prose else 1, message)


def _updated(
    blocks: Iterable[SyntaxTreeNode],
) -> tuple[datetime | None, int, tuple[Finding, ...]]:
    """The time of the last update and its line: the first one outside of the sections."""
    for prose in prose_in(blocks):
        for offset, line in prose.lines:
            stated = updated(prose.text[offset : offset + 120])
            if stated and stated[0]:
                return stated[0], line, ()
            if stated:
                message = "the time of the last update is none that there is"
                return None, line, (Finding(UPDATED_INVALID, line, message),)
    return None, 1, ()


class _Names:
    """The ids of all items: those of claims are unique among claims, those of work among work."""

    def __init__(self, claims: Sequence[Entry], work: Sequence[Entry]) -> None:
        self.findings: list[Finding] = []
        self._names: dict[Entry, str] = {}
        self._give(claims)
        self._give(work)

    def of(self, entry: Entry) -> str:
        return self._names[entry]

    def _give(self, given: Sequence[Entry]) -> None:
        fixed = [(entry, name) for entry in given if (name := _fixed_name(entry))]
        chosen = unique([name for _, name in fixed])
        for (entry, name), unused in zip(fixed, chosen, strict=True):
            self._names[entry] = unused
            if unused != name:
                message = f"the id {name!r} is given to two items: this one is {unused!r}"
                self.findings.append(Finding(DUPLICATE_ID, entry.line, message))
        others = [entry for entry in given if entry not in self._names]
        slugs = unique([slug(entry.title.text) for entry in others], chosen)
        self._names.update(zip(others, slugs, strict=True))


def _fixed_name(entry: Entry) -> str | None:
    """The id in a comment of the item itself, not of a bullet nested in it."""
    own = [node for node in entry.body if node.type in {"inline", "paragraph"}]
    names = [*entry.head.ids, *(name for prose in prose_in(own) for name in prose.ids)]
    return names[0] if names else None
