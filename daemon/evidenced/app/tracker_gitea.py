"""Issues on Gitea and Forgejo, after the description of their API (`/api/swagger`)."""

from collections.abc import Sequence

from evidenced.app.tracker_forge import Draft, comment_in, iso, issue_in, pages
from evidenced.app.tracker_request import Api, TrackerError
from evidenced.probes.jsonapi import at
from evidenced.workflow.tracker_match import Issue

_PAGE = {"limit": "50"}
_COLOR = "#b60205"


class Gitea:
    """Implements `Forge`. Labels have to be there and are named by their ids."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._repository = f"/repos/{api.settings.repository}"
        self._issues = f"{self._repository}/issues"

    async def listed(self, label: str, since: float) -> Sequence[Issue]:
        """See `Forge`. A label that is not there is no filter for this API: `choose` looks."""
        found: list[object] = []
        asked = {"labels": label, "type": "issues", **_PAGE}
        for query in ({"state": "open"}, {"state": "closed", "since": iso(since)}):
            found += [one async for one in pages(self._api, self._issues, {**asked, **query})]
        return [issue_in(one) for one in found]

    async def issue(self, number: int) -> Issue:
        """See `Forge`."""
        return issue_in((await self._api.ask("GET", f"{self._issues}/{number}")).document)

    async def open(self, draft: Draft) -> Issue:
        """See `Forge`."""
        asked = {
            "title": draft.title,
            "body": draft.body,
            "labels": await self._ids(draft.labels),
            "assignees": list(draft.assignees),
        }
        return issue_in((await self._api.ask("POST", self._issues, body=asked)).document)

    async def change(self, number: int, body: str, *, open: bool | None, reason: str) -> None:  # noqa: A002  as in Issue; this forge has no reasons
        """See `Forge`."""
        state = {} if open is None else {"state": "open" if open else "closed"}
        await self._api.ask("PATCH", f"{self._issues}/{number}", body={"body": body} | state)

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        ids = await self._ids(labels)
        await self._api.ask("POST", f"{self._issues}/{number}/labels", body={"labels": ids})

    async def comments(self, number: int, since: float) -> Sequence[str]:
        """See `Forge`. This list has no pages."""
        path, query = f"{self._issues}/{number}/comments", {"since": iso(since)}
        return [comment_in(one) async for one in pages(self._api, path, query)]

    async def comment(self, number: int, body: str) -> None:
        """See `Forge`."""
        await self._api.ask("POST", f"{self._issues}/{number}/comments", body={"body": body})

    async def _ids(self, labels: Sequence[str]) -> list[int]:
        path = f"{self._repository}/labels"
        known: dict[object, int] = {}
        async for one in pages(self._api, path, _PAGE):
            known.setdefault(at(one, "name"), _id(one))
        for label in labels:
            if label not in known:
                made = await self._api.ask("POST", path, body={"name": label, "color": _COLOR})
                known[label] = _id(made.document)
        return [known[label] for label in labels]


def _id(document: object) -> int:
    found = at(document, "id")
    if not isinstance(found, int):
        raise TrackerError("does not answer as the API of a forge does")
    return found
