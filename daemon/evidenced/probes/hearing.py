"""What a dialogue waits for, and what it then says."""

from collections.abc import Sequence

from evidenced.config.dialogue import CAPTURE
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Failure, Judgement, Reason, one_line


def filled(text: str, captures: Sequence[str]) -> str:
    """A text to send with what was captured in it; nothing stands for a group that is not there."""

    def group(number: int) -> str:
        return captures[number] if number < len(captures) else ""

    return CAPTURE.sub(lambda mark: group(int(mark[1])), text)


class Hearing:
    """An expectation of a dialogue, while what is said is held against it."""

    def __init__(self, step: int, wanted: str) -> None:
        self.name = f"dialogue[{step}]"
        self.wanted = wanted
        self.heard = 0

    def judged(self, *, met: bool, found: str = "") -> Judgement:
        """The judgement on it; `found` where it is not what was heard so far."""
        expected, seen = one_line(self.wanted), one_line(found or f"{self.heard} others")
        return Judgement(self.name, met, expected, seen, Reason.BODY)

    def late(self, timeout: float) -> Failure:
        """The failure of a deadline that has passed meanwhile."""
        detail = (
            f"deadline of {format_duration(timeout)} passed while waiting for {self.wanted}, "
            f"found {self.heard} others"
        )
        return Failure(Reason.TIMEOUT, self.name, one_line(detail))
