"""The log of one look, as lines of logfmt: what `debug=true` shows."""

from datetime import UTC, datetime

MOST_LINES = 1000
"""The most lines that are kept: a peer that sends many lines must not fill the memory."""

_LONGEST = 500


class ProbeLog:
    """The lines of one look, each with the fields that all have."""

    def __init__(self, **fields: object) -> None:
        self._fields = fields
        self._lines: list[str] = []

    def tell(self, message: str, **fields: object) -> None:
        """Tell what was done or seen."""
        self._add("info", message, fields)

    def fail(self, message: str, **fields: object) -> None:
        """Tell what failed."""
        self._add("error", message, fields)

    def _add(self, level: str, message: str, fields: dict[str, object]) -> None:
        if len(self._lines) < MOST_LINES:
            now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            said = {"ts": now, **self._fields, "level": level, "msg": message, **fields}
            self._lines.append(" ".join(f"{key}={_quoted(said[key])}" for key in said))

    @property
    def last(self) -> str:
        """The last line, or ""."""
        return self._lines[-1] if self._lines else ""

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self._lines)


def _quoted(value: object) -> str:
    text = str(value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if text and text.isprintable() and not set(text) & set(' ="\\'):
        return text
    escaped = (
        text.encode("unicode_escape").decode()
        if not text.isprintable()
        else (text.replace("\\", "\\\\"))
    )
    return '"' + escaped.replace('"', '\\"') + '"'
