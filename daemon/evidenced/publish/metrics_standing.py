"""The families of how a check stands, all observations and what clouds them considered."""

from collections.abc import Iterable

from evidenced.publish.metrics_family import Family, Value, given
from evidenced.watch.board import CheckStatus
from evidenced.watch.verdict import Standing


def _verified(status: CheckStatus) -> Iterable[Value]:
    # 0 would say that it was looked at, and did not hold or cannot be told.
    if status.standing is Standing.UNVERIFIED:
        return ()
    return given(float(status.standing is Standing.VERIFIED))


STANDING_FAMILIES: tuple[Family[CheckStatus], ...] = (
    Family(
        "probe_verified",
        "gauge",
        "Whether the check verifies what it speaks for: 1, or 0 where it is contradicted, stale or "
        "unknown.",
        _verified,
        present="once the check has come to a standing",
    ),
    Family(
        "probe_contradicted",
        "gauge",
        "Whether the check is contradicted, as confirmed by several runs, or held so: 1 or 0.",
        lambda status: given(float(status.standing is Standing.CONTRADICTED)),
    ),
)
