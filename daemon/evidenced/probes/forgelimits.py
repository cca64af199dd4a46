"""How long a forge asks us to send nothing more."""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_UNSAID = 60.0
"""Seconds to wait where a forge limits us and does not say how long: GitHub's documentation asks
for at least a minute."""

_EPOCH_FROM = 1_000_000_000
"""Above this a reset is a time since the epoch, below it seconds from now: both are in use."""


def seconds_to_wait(status: int, headers: Mapping[str, str], message: object) -> float | None:
    """For how long an answer asks us to send nothing more; None where it does not.

    That is where it says so (Retry-After), where it refuses because of a limit, and where it is the
    last that the limit allows. After GitHub's "Rate limits for the REST API", GitLab's "Rate
    limits", and RFC 9110, 10.2.3.
    """
    asked = _retry_after(headers) if status >= 400 else None
    spent = _first(headers, "X-RateLimit-Remaining", "RateLimit-Remaining") == "0"
    limited = status == 429 or (
        status == 403 and (spent or asked is not None or "rate limit" in str(message).lower())
    )
    if asked is not None and (limited or status >= 500):
        return asked
    if limited or (spent and status < 400):
        reset = _reset(headers)
        return reset if reset is not None else (_UNSAID if limited else None)
    return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    return _from_now(_date(text), headers)


def _reset(headers: Mapping[str, str]) -> float | None:
    text = _first(headers, "X-RateLimit-Reset", "RateLimit-Reset").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        return None
    number = float(text)
    return _from_now(number, headers) if number > _EPOCH_FROM else number


def _from_now(when: float | None, headers: Mapping[str, str]) -> float | None:
    """The seconds to a time by the forge's clock, where it shows it: ours may go wrong."""
    if when is None:
        return None
    now = _date(headers.get("Date", ""))
    # A second more, for what stands in whole seconds was cut.
    return max(when - (time.time() if now is None else now), 0.0) + 1.0


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def _first(headers: Mapping[str, str], *names: str) -> str:
    return next((headers[name] for name in names if name in headers), "")
