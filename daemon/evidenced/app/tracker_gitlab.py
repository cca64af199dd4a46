"""Issues on GitLab, after its "Issues API", "Notes API" and "Users API"."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from evidenced.app.tracker_forge import Draft, comment_in, iso, issue_in, pages
from evidenced.app.tracker_request import Api, RefusedError
from evidenced.probes.jsonapi import at
from evidenced.workflow.tracker_match import Issue

_PAGE = {"per_page": "100"}


class GitLab:
    """Implements `Forge`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._issues = f"/projects/{quote(api.settings.repository, safe='')}/issues"

    async def listed(self, label: str, since: float) -> Sequence[Issue]:
        """See `Forge`."""
        found = []
        # Without a scope the API of old versions lists only issues of the token's own user.
        asked = {"labels": label, "scope": "all", **_PAGE}
        for query in ({"state": "opened"}, {"state": "closed", "updated_after": iso(since)}):
            found += [one async for one in pages(self._api, self._issues, {**asked, **query})]
        return [_issue(one) for one in found]

    async def issue(self, number: int) -> Issue:
        """See `Forge`."""
        return _issue((await self._api.ask("GET", f"{self._issues}/{number}")).document)

    async def open(self, draft: Draft) -> Issue:
        """See `Forge`. Users are assigned by their ids, which are asked for first."""
        asked: dict[str, object] = {
            "title": draft.title,
            "description": draft.body,
            "labels": ",".join(draft.labels),
        }
        if draft.assignees:
            asked["assignee_ids"] = [await self._user(name) for name in draft.assignees]
        return _issue((await self._api.ask("POST", self._issues, body=asked)).document)

    async def _user(self, name: str) -> int:
        users = (await self._api.ask("GET", "/users", {"username": name})).document
        found = at(users[0], "id") if isinstance(users, list) and users else None
        if not isinstance(found, int):
            raise RefusedError(f"there is no user {name}")
        return found

    async def change(self, number: int, body: str, *, open: bool | None, reason: str) -> None:  # noqa: A002  as in Issue; this forge has no reasons
        """See `Forge`."""
        event = {} if open is None else {"state_event": "reopen" if open else "close"}
        asked = {"description": body} | event
        await self._api.ask("PUT", f"{self._issues}/{number}", body=asked)

    async def label(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        asked = {"add_labels": ",".join(labels)}
        await self._api.ask("PUT", f"{self._issues}/{number}", body=asked)

    async def comments(self, number: int, since: float) -> Sequence[str]:
        """See `Forge`. Notes cannot be asked for by time: they are read from the newest on."""
        path = f"{self._issues}/{number}/notes"
        query = {"sort": "desc", "order_by": "created_at", **_PAGE}
        found = []
        async for note in pages(self._api, path, query):
            if _before(at(note, "created_at"), since):
                break
            found.append(comment_in(note))
        return found

    async def comment(self, number: int, body: str) -> None:
        """See `Forge`."""
        await self._api.ask("POST", f"{self._issues}/{number}/notes", body={"body": body})


def _issue(document: object) -> Issue:
    return issue_in(document, "iid", "description")


def _before(created: object, since: float) -> bool:
    try:
        when = datetime.fromisoformat(str(created))
    except ValueError:
        return False
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() < since
