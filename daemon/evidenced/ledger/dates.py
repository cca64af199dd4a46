"""Days and moments as ledgers write them: ISO 8601 and its everyday variants, English months."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = re.compile(
    r"(?<![\d.])(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"
    rf"|(?P<d1>\d{{1,2}})\.? {_MONTH.format(1)},? (?P<y1>\d{{4}})"
    rf"|{_MONTH.format(2)} (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}}))(?!\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<sep>[T ]| at |, )(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:\.\d{1,9})?)?(?!\d|:\d)"
    r"(?P<zone> ?(?:\()?(?:Z|UTC|GMT)\b| ?(?P<sign>[+-])(?P<zh>\d{2}):?(?P<zm>\d{2})(?!\d))?"
)
_OTHER_ZONE = re.compile(
    r" ?\(?(?:A[CEK][DS]T|BST|CES?T|[CEMP][DS]?T|EES?T|HKT|HST|IST|JST|KST|MSK|NZ[DS]T|SGT|WES?T)\b"
)
_CLOSED = re.compile(r"\bclosed(?: on| at)?[ *_]*[:：=]?[ *_]*", re.IGNORECASE)
_UPDATED = re.compile(r"(?:last[ _-]?)?updated?\b", re.IGNORECASE)
_UPDATED_WITHIN = re.compile(r"(?<![^\W_])(?:last[ _-]?)?updated?\b", re.IGNORECASE)
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_LETTER = re.compile(r"[^\W_]")


def day_at(text: str, offset: int) -> tuple[date | None, int] | None:
    """The day written at the offset, and where it ends; None where no day is written.

    The day itself is None where it is impossible, such as the 31st of February.
    """
    match = _DAY.match(text, offset)
    return (_day(match), match.end()) if match else None


def closing_date(text: str) -> tuple[date | None, str] | None:
    """The day after the last `Closed:` of a text, and how it is written.

    None where there is none; the day itself is None where what is written is impossible.
    """
    found: tuple[date | None, str] | None = None
    for match in _CLOSED.finditer(text):
        day = day_at(text, match.end())
        if day:
            found = (day[0], text[match.end() : day[1]])
        elif found is None and _is_dateless(text, match):
            written = text[match.end() : match.end() + 20].partition(")")[0]
            found = (None, written)
    return found


def moments(text: str) -> Iterator[tuple[int, datetime]]:
    """Each moment in a text, with its offset, in UTC: a day with a time of the day.

    A time without a zone is taken for UTC, as ledgers mean it; one in a zone by another name is
    left out, as its offset would be a guess; so is what stands after `Closed:`.
    """
    for match in _DAY.finditer(text):
        moment = _moment(text, match)
        before = text[max(0, match.start() - 16) : match.start()]
        if moment and not _closes(before):
            yield match.start(), moment


def updated(line: str) -> tuple[datetime | None] | None:
    """The moment in a line that begins with `Last updated`, a day alone being its midnight in UTC.

    None where the line does not say it; (None,) where what it says is impossible.
    """
    said = _UPDATED.match(line)
    match = _DAY.search(line, said.end(), said.end() + 60) if said else None
    if not match:
        return None
    moment = _moment(line, match)
    day = _day(match)
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (moment,)


def restamped(line: str, now: datetime) -> str | None:
    """A raw line of the source that states the last update, stating `now` in the same form.

    The order and names of the day's parts, the presence of seconds and the offset of the zone stay
    as written; a zone that is known by its name only becomes UTC. None where no day stands there.
    """
    said = _UPDATED_WITHIN.search(line)
    day = _DAY.search(line, said.end(), said.end() + 80) if said else None
    if not day:
        return None
    clock = _CLOCK.match(line, day.end())
    at = now.astimezone(_zone_of(clock))
    piece = _with_groups(day, _day_groups(day, at))
    piece = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", piece)
    rest = line[day.end() :]
    if clock:
        numbers = {"h": f"{at.hour:02}", "min": f"{at.minute:02}"}
        numbers |= {"s": f"{at.second:02}"} if clock["s"] else {}
        piece += _with_groups(clock, numbers)
        rest = line[clock.end() :]
        other = None if clock["zone"] else _OTHER_ZONE.match(rest)
        rest = f" UTC{rest[other.end() :]}" if other else rest
    return line[: day.start()] + piece + rest


def _day_groups(day: re.Match[str], at: datetime) -> dict[str, str]:
    """The parts of a written day, by the names of its pattern's groups, for another one."""
    if day["y"]:
        return {"y": f"{at.year:04}", "m": f"{at.month:02}", "d": f"{at.day:02}"}
    form = "1" if day["y1"] else "2"
    written = day[f"month{form}"]
    name = _MONTH_NAMES[at.month - 1]
    name = name if len(written) > 4 else name[:3]
    return {f"y{form}": f"{at.year:04}", f"month{form}": name, f"d{form}": str(at.day)}


def _zone_of(clock: re.Match[str] | None) -> tzinfo:
    """The zone that a written time of the day is in; UTC where it has no offset."""
    if clock is None or not clock["sign"]:
        return UTC
    hours, minutes = int(clock["zh"]), int(clock["zm"])
    if hours > 23 or minutes > 59:
        return UTC
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if clock["sign"] == "+" else -offset)


def _with_groups(match: re.Match[str], groups: dict[str, str]) -> str:
    """The text of a match with other texts in some of its groups."""
    text, begin = match[0], match.start()
    for name in sorted(groups, key=match.start, reverse=True):
        start, end = (at - begin for at in match.span(name))
        text = text[:start] + groups[name] + text[end:]
    return text


def _is_dateless(text: str, closed: re.Match[str]) -> bool:
    """Whether `(Closed: …)` has something else where the day should be."""
    bracketed = text[max(0, closed.start() - 1) : closed.start()] == "("
    return bracketed and ":" in closed[0] and bool(_LETTER.match(text, closed.end()))


def _closes(before: str) -> bool:
    return any(match.end() == len(before) for match in _CLOSED.finditer(before))


def _day(match: re.Match[str]) -> date | None:
    month = match["m"] or _MONTHS.index((match["month1"] or match["month2"])[:3].lower()) + 1
    year, day = match["y"] or match["y1"] or match["y2"], match["d"] or match["d1"] or match["d2"]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _moment(text: str, match: re.Match[str]) -> datetime | None:
    day = _day(match)
    clock = _CLOCK.match(text, match.end())
    if day is None or clock is None or (not clock["zone"] and _OTHER_ZONE.match(text, clock.end())):
        return None
    zone: tzinfo = UTC
    try:
        # In "07:20-09:45 UTC" the second time is the end of a span and no offset.
        if clock["sign"] and not (clock["sep"] == " " and clock["zone"].startswith("-")):
            hours, minutes = int(clock["zh"]), int(clock["zm"])
            offset = timedelta(hours=hours, minutes=minutes)
            zone = timezone(offset if clock["sign"] == "+" else -offset)
        moment = datetime(
            day.year,
            day.month,
            day.day,
            int(clock["h"]),
            int(clock["min"]),
            int(clock["s"] or 0),
            tzinfo=zone,
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
