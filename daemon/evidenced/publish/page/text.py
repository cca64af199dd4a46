"""Text and times as pages show them."""

from datetime import UTC, datetime

from evidenced.ledger.model import Item
from evidenced.workflow.markdown import one_line

LONGEST = 240
"""Characters of a text that a list shows."""


def line(value: object, longest: int = LONGEST) -> str:
    """Text on one line, cut where it is too long.

    What cannot be printed, such as marks that turn the direction of writing, stands as U+FFFD.
    """
    text = one_line(str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def unmarked(text: str) -> str:
    """A sentence without check marks at its end: how the claim stands is told beside it."""
    return text.rstrip(" \ufe0f✅✓✔☑")


def told(item: Item) -> str:
    """The text of an item up to where it says when it is done, which is shown by itself."""
    text = item.text
    if item.done_when and (place := text.find(item.done_when[0])) >= 0:
        text = text[:place].rstrip(" :").removesuffix("DoD").removesuffix("Done when")
    return text.strip()


def lines(value: object) -> str:
    """Text that keeps its lines; what cannot be printed stands as U+FFFD."""
    rows = str(value).replace("\t", "    ").splitlines()
    return "\n".join("".join(c if c.isprintable() else "\ufffd" for c in row) for row in rows)


def iso(at: float) -> str:
    """Seconds since the epoch as a time in UTC that programs read."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def utc(at: float) -> str:
    """The same for people."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def age(seconds: float) -> str:
    """How long ago something was, in its largest unit."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"
