"""The line in the body of an issue by which daemons know it again; readers do not see it.

It is a comment of HTML, so that Markdown shows nothing of it, with JSON inside.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

_ISSUE, _COMMENT = "evidenced-issue", "evidenced-comment"
_LINE = re.compile(r"<!-- (evidenced-issue|evidenced-comment) (\{[^<>\n]{1,8000}\}) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What an issue is about: an outage of a claim, from when to when (seconds since the epoch).

    `ended` is None until a daemon has noted the end; an issue that is closed without it was closed
    by somebody else. `duplicate` is the number of the issue that stays in its place.
    """

    claim: str
    outage: str
    drill: bool
    began: float
    ended: float | None = None
    duplicate: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a comment is: news of an outage, or that it is over (`end`), and when it was said.

    `symptoms` are those that it tells, in short.
    """

    outage: str
    end: bool
    at: float
    symptoms: str = ""


def marked(body: str, marker: Marker) -> str:
    """The body with this marker at its end, in place of any that it has."""
    told = {
        "claim": marker.claim,
        "outage": marker.outage,
        "drill": marker.drill,
        "began": marker.began,
        "ended": marker.ended,
        "duplicate": marker.duplicate,
    }
    text = _LINE.sub("", body).rstrip()
    return f"{text}\n\n{_line(_ISSUE, told)}\n"


def marker_in(body: str) -> Marker | None:
    """The last marker in a body; None where there is none, or none that can be read."""
    told = _told(body, _ISSUE)
    try:
        return Marker(
            claim=str(told["claim"]),
            outage=str(told["outage"]),
            drill=told["drill"] is True,
            began=float(told["began"]),
            ended=None if told["ended"] is None else float(told["ended"]),
            duplicate=None if told["duplicate"] is None else int(told["duplicate"]),
        )
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def signed(body: str, said: Said) -> str:
    """A comment with the line that says what it is."""
    told = {"outage": said.outage, "end": said.end, "at": said.at, "symptoms": said.symptoms}
    text = _LINE.sub("", body).rstrip()
    return f"{text}\n\n{_line(_COMMENT, told)}\n"


def said_in(body: str) -> Said | None:
    """What a comment says that it is; None where it is no daemon's."""
    told = _told(body, _COMMENT)
    try:
        return Said(
            outage=str(told["outage"]),
            end=told["end"] is True,
            at=float(told["at"]),
            symptoms=str(told["symptoms"]),
        )
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def _line(name: str, told: dict[str, Any]) -> str:
    # Nothing of the JSON may end the comment that it stands in.
    text = json.dumps(told)
    for mark, escaped in (("--", "-\\u002d"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(mark, escaped)
    return f"<!-- {name} {text} -->"


def _told(body: str, name: str) -> dict[str, Any]:
    """What stands in the last line of this name; nothing where there is none."""
    found = [match[2] for match in _LINE.finditer(body) if match[1] == name]
    try:
        told = json.loads(found[-1]) if found else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
