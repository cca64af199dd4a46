"""Alerts in the form of Alertmanager's API v2 (its OpenAPI file, `postableAlert`)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from evidenced.publish.alerts_model import Firing, Labels

PATH = "/api/v2/alerts"


def posted(alert: Firing, ends: float, link: str | None) -> dict[str, Any]:
    """One alert that ends at a time unless it is sent again; `link` is where more is to be seen."""
    body: dict[str, Any] = {
        "labels": dict(sorted(alert.labels)),
        "annotations": dict(alert.annotations),
        # One that has just begun must not end before it begins.
        "startsAt": written(min(alert.starts, ends)),
        "endsAt": written(ends),
    }
    return body if link is None else {**body, "generatorURL": link}


def written(at: float) -> str:
    """A time in seconds since the epoch as RFC 3339 has it, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ends_of(answer: object) -> dict[Labels, float]:
    """When each alert of an answer ends, in seconds since the epoch; ValueError for no such answer.

    The answer is that to a GET of the same path (`gettableAlerts`).
    """
    ends: dict[Labels, float] = {}
    for alert in answer if isinstance(answer, list) else (answer,):
        match alert:
            case {"labels": Mapping() as labels, "endsAt": str(at)}:
                pairs = ((str(name), str(value)) for name, value in labels.items())
                ends[frozenset(pairs)] = datetime.fromisoformat(at).timestamp()
            case _:
                raise ValueError("answered with something else than a list of alerts")
    return ends


def asking_for(alerts: Iterable[Firing]) -> list[tuple[str, str]]:
    """The query of a GET for alerts of these names."""
    names = sorted({alert.name for alert in alerts})
    return [("filter", f'alertname=~"{"|".join(names)}"')]
