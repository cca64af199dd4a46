"""What an examination says: how something is, and how to mend it where it is not well."""

from dataclasses import dataclass
from enum import StrEnum

from evidenced.probes.attempt import one_line


class Verdict(StrEnum):
    """How something was found to be."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_LOOKED_AT = "not looked at"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, in one line, and how to mend it ("" where nothing is to mend)."""

    verdict: Verdict
    what: str
    mend: str = ""


def ok(what: str) -> Finding:
    """Something that is well."""
    return Finding(Verdict.OK, one_line(what))


def warning(what: str, mend: str) -> Finding:
    """Something that works and should be mended."""
    return Finding(Verdict.WARNING, one_line(what), mend)


def problem(what: str, mend: str) -> Finding:
    """Something that does not work."""
    return Finding(Verdict.PROBLEM, one_line(what), mend)


def not_looked_at(what: str, mend: str = "") -> Finding:
    """Something that could not be seen from here, or that there is none of."""
    return Finding(Verdict.NOT_LOOKED_AT, one_line(what), mend)


def some(names: list[str], most: int = 5) -> str:
    """The first few of several names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
