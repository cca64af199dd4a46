"""The status of an HTTP answer, held against those allowed."""

from collections.abc import Iterable

from evidenced.probes.attempt import Judgement, Reason


def is_status(status: int, allowed: Iterable[str]) -> bool:
    """Whether a status is allowed, each of those a number such as 200 or a class such as 2xx."""
    return any(each in (str(status), f"{status // 100}xx") for each in allowed)


def judge_status(allowed: tuple[str, ...], status: int) -> Judgement:
    """Whether the status is one of those allowed."""
    met = is_status(status, allowed)
    return Judgement("status", met, f"status {' or '.join(allowed)}", str(status), Reason.STATUS)
