"""What the API tells of one claim or check beyond what stands in the lists."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self

from evidenced.ledger.model import Reference
from evidenced.publish.api_models import ALL_HERE, Answer, CheckAnswer, ClaimAnswer
from evidenced.watch.board import CheckStatus, ClaimStatus
from evidenced.watch.drill import Drill
from evidenced.watch.sharing import WHOLE, Share


class ReferenceAnswer(Answer):
    """Evidence that an item cites; what its kind does not have is null."""

    kind: str
    ref: str | None = None
    tests: int | None = None
    assertions: int | None = None
    at: datetime | None = None
    method: str | None = None
    path: str | None = None
    status: int | None = None
    location: str | None = None
    contains: tuple[str, ...] = ()

    @classmethod
    def of(cls, reference: Reference) -> Self:
        """The answer about one."""
        names = cls.model_fields.keys()
        return cls(**{name: getattr(reference, name) for name in names if hasattr(reference, name)})


class ClaimDetail(ClaimAnswer):
    """A claim as it stands now, with the sentence of the ledger and the line that it begins on."""

    text: str
    line: int
    closed: date | None
    references: tuple[ReferenceAnswer, ...]

    @classmethod
    def about(
        cls,
        claim: ClaimStatus,
        checks: Mapping[str, CheckStatus],
        drill: Drill | None,
        heard: Mapping[int, float] = ALL_HERE,
    ) -> Self:
        """The answer about one, and about the drill that is on, if one is."""
        item, usual = claim.item, ClaimAnswer.of(claim, checks, drill, heard)
        return cls(
            **dict(usual),
            text=item.text,
            line=item.line,
            closed=item.closed,
            references=tuple(map(ReferenceAnswer.of, item.references)),
        )


class CheckDetail(CheckAnswer):
    """A check as it stands now, with its timing in seconds, its labels, and its last run.

    `origin` is `configured` or `derived` (from a sentence of the ledger); `runs` counts those
    since the daemon began with the check, by their result, and `duration` is that of the last.
    """

    origin: str
    interval: float
    timeout: float
    max_age: float
    labels: dict[str, str]
    depends_on: tuple[str, ...]
    runs: dict[str, int]
    duration: float | None

    @classmethod
    def about(cls, status: CheckStatus, share: Share = WHOLE) -> Self:
        """The answer about one."""
        check, usual = status.check, CheckAnswer.of(status, share)
        return cls(
            **dict(usual),
            origin=check.origin.value,
            interval=check.timing.interval,
            timeout=check.timing.timeout,
            max_age=check.timing.max_age,
            labels=dict(check.labels),
            depends_on=check.depends_on,
            runs={result.value: count for result, count in status.runs.items()},
            duration=status.last.duration if status.last else None,
        )
