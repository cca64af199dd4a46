"""Issues on GitHub, after "REST API endpoints for issues", "… labels" and "… issue comments"."""

from collections.abc import Sequence

from evidenced.app.tracker_forge import Draft, comment_in, iso, issue_in, pages
from evidenced.app.tracker_request import Api
from evidenced.probes.expectations.compare import MISSING
from evidenced.probes.jsonapi import at
from evidenced.workflow.tracker_match import Issue

_PAGE = {"per_page": "100"}


class GitHub:
    """Implements `Forge`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._issues = f"/repos/{api.settings.repository}/issues"

    async def listed(self, label: str, since: float) -> Sequence[Issue]:
        """See `Forge`. A pull request is an issue, too, for this API: it is left out."""
        found: list[object] = []
        asked = {"labels": label, **_PAGE}
        for query in ({"state": "open"}, {"state": "closed", "since": iso(since)}):
            found += [one async for one in pages(self._api, self._issues, {**asked, **query})]
        return [issue_in(one) for one in found if at(one, "pull_request") is MISSING]

    async def issue(self, number: int) -> Issue:
        """See `Forge`."""
        return issue_in((await self._api.ask("GET", f"{self._issues}/{number}")).document)

    async def open(self, draft: Draft) -> Issue:
        """See `Forge`."""
        asked = {
            "title": draft.title,
            "body": draft.body,
            "labels": list(draft.labels),
            "assignees": list(draft.assignees),
        }
        return issue_in((await self._api.ask("POST", self._issues, body=asked)).document)

    async def change(self, number: int, body: str, *, open: bool | None, reason: str) -> None:  # noqa: A002  as in Issue
        """See `Forge`."""
        state = {"state": "open" if open else "closed", "state_reason": reason}
        asked = {"body": body} | ({} if open is None else state)
        await self._api.ask("PATCH", f"{self._issues}/{number}", body=asked)

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        path = f"{self._issues}/{number}/labels"
        await self._api.ask("POST", path, body={"labels": list(labels)})

    async def comments(self, number: int, since: float) -> Sequence[str]:
        """See `Forge`."""
        path, query = f"{self._issues}/{number}/comments", {"since": iso(since), **_PAGE}
        return [comment_in(one) async for one in pages(self._api, path, query)]

    async def comment(self, number: int, body: str) -> None:
        """See `Forge`."""
        await self._api.ask("POST", f"{self._issues}/{number}/comments", body={"body": body})
