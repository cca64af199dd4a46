"""How long something takes on a machine that has other work, for the tests of any room."""

import time
from pathlib import Path

_WAITED = Path("/proc/thread-self/schedstat")
"""Of the thread that reads it: nanoseconds on a processor, those waited for one, and how often."""


class Stopwatch:
    """Seconds since it was made, as this thread sees them."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._waited = _waited()

    def all(self) -> float:
        """All seconds."""
        return time.monotonic() - self._began

    def own(self) -> float:
        """The seconds without those in which only other work kept the thread from going on.

        A limit on these says something of the code; one on all of them, of the machine as well.
        """
        return self.all() - (_waited() - self._waited)


def _waited() -> float:
    return int(_WAITED.read_text().split()[1]) / 1e9
