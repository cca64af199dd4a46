from email.utils import formatdate

import pytest
from multidict import CIMultiDict

from evidenced.probes.forgelimits import seconds_to_wait
from evidenced.probes.forgememory import ForgeMemory

NOW = 1_800_000_000
DATE = formatdate(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        pytest.param(200, {}, None, None, id="all is well"),
        pytest.param(200, {"Retry-After": "9"}, None, None, id="not of an answer"),
        pytest.param(403, {}, "Resource not accessible", None, id="just forbidden"),
        pytest.param(500, {}, None, None, id="out of order"),
        pytest.param(503, {"Retry-After": "9"}, None, 9, id="out of order for a while"),
        pytest.param(503, {"Retry-After": "soon"}, None, None, id="no time"),
        pytest.param(429, {}, None, 60, id="limited, for how long is not said"),
        pytest.param(
            403, {}, "You have exceeded a secondary rate limit", 60, id="limited, in words"
        ),
        pytest.param(403, {"Retry-After": "7"}, None, 7, id="limited, in seconds"),
        pytest.param(
            429,
            {"Retry-After": formatdate(NOW + 30, usegmt=True), "Date": DATE},
            None,
            31,
            id="limited, by a date",
        ),
        pytest.param(
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 90), "Date": DATE},
            None,
            91,
            id="by the forge's clock, not ours",
        ),
        pytest.param(
            200,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOW + 90), "Date": DATE},
            None,
            91,
            id="the last one",
        ),
        pytest.param(
            304,
            {"RateLimit-Remaining": "0", "RateLimit-Reset": "45"},
            None,
            45,
            id="seconds instead of a time",
        ),
        pytest.param(200, {"RateLimit-Remaining": "0"}, None, None, id="no reset"),
        pytest.param(
            429, {"X-RateLimit-Reset": "9" * 40, "Retry-After": "x" * 99}, None, 60, id="nonsense"
        ),
        pytest.param(
            429,
            {"X-RateLimit-Reset": str(NOW - 500), "Date": DATE},
            None,
            1,
            id="a reset that is over",
        ),
    ],
)
def test_seconds_to_wait(
    status: int, headers: dict[str, str], message: str | None, seconds: float | None
) -> None:
    assert seconds_to_wait(status, CIMultiDict(headers), message) == seconds


def test_the_longest_wait_counts_and_none_is_longer_than_a_day() -> None:
    memory, ours, others = ForgeMemory(), ("api", "token"), ("api", "")
    memory.wait(ours, 100)
    memory.wait(ours, 10)
    assert 99 < memory.left(ours) <= 100
    assert memory.left(others) == 0
    memory.wait(ours, 1e12)
    assert memory.left(ours) <= 86_400
    memory.wait(others, 0)
    assert memory.left(others) == 0
