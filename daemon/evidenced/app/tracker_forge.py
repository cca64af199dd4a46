"""What the forges have in common, and in what they differ, as far as issues go."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from evidenced.app.tracker_request import Api, TrackerError
from evidenced.probes.jsonapi import at
from evidenced.workflow.tracker_match import Issue

MOST_PAGES = 200
"""Pages of a list that are read at most; more are an error, for what is not read may be ours."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue to be opened."""

    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]


class Forge(Protocol):
    """Issues on one forge. Every method raises TrackerError; times are Unix times."""

    async def listed(self, label: str, since: float) -> Sequence[Issue]:
        """The open issues with this label, and the closed ones that changed since then."""
        ...

    async def issue(self, number: int) -> Issue:
        """One issue; raises AbsentError where it is not there."""
        ...

    async def open(self, draft: Draft) -> Issue:
        """Open an issue."""
        ...

    async def change(self, number: int, body: str, *, open: bool | None, reason: str) -> None:  # noqa: A002  as in Issue
        """Give an issue this body, and open or close it, at once; `reason` is GitHub's."""
        ...

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to an issue."""
        ...

    async def comments(self, number: int, since: float) -> Sequence[str]:
        """The texts of comments that are there since then."""
        ...

    async def comment(self, number: int, body: str) -> None:
        """Comment on an issue."""
        ...


async def pages(api: Api, path: str, query: Mapping[str, str]) -> AsyncIterator[object]:
    """All entries of a list, page for page; raises TrackerError."""
    following: Mapping[str, str] | str = query
    for _ in range(MOST_PAGES):
        answer = await api.ask("GET", path, following)
        # Gitea has null for an empty list.
        entries = [] if answer.document is None else answer.document
        if not isinstance(entries, list):
            raise TrackerError("does not answer as the API of a forge does")
        for entry in entries:
            yield entry
        if answer.following is None:
            return
        following = answer.following
    raise TrackerError(f"a list of more than {MOST_PAGES} pages")


def issue_in(document: object, number: str = "number", body: str = "body") -> Issue:
    """The issue that an answer is; the keys of its number and body are named.

    Raises TrackerError, by which a request that wrote may be done all the same.
    """
    found, state = at(document, number), at(document, "state")
    if not isinstance(found, int) or state not in ("open", "opened", "closed"):
        raise TrackerError("does not answer as the API of a forge does", done=True)
    text = at(document, body)
    return Issue(
        number=found,
        open=state != "closed",
        body=text.replace("\r\n", "\n") if isinstance(text, str) else "",
        labels=tuple(names_in(at(document, "labels"))),
        closed=_seconds(at(document, "closed_at")),
    )


def names_in(labels: object) -> list[str]:
    """The names of labels, which are texts or have their name inside."""
    if not isinstance(labels, list):
        return []
    names = [label if isinstance(label, str) else at(label, "name") for label in labels]
    return [name for name in names if isinstance(name, str)]


def comment_in(document: object) -> str:
    """The text of a comment."""
    text = at(document, "body")
    return text if isinstance(text, str) else ""


def iso(seconds: float) -> str:
    """A Unix time as the forges read it (ISO 8601), to the second."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _seconds(text: object) -> float | None:
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if when is None:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
