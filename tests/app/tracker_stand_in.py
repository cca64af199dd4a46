"""Forges to stand in for the real ones: they keep what the documentation of their APIs says of
issues, of authorization, of pages, of limits, and of what is wrong with a request."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from evidenced.workflow.tracker_marker import Marker, marker_in

TOKEN = "swordfish"
BASES = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "forgejo": "/api/v1"}
HOMES = {"gitlab": "/projects/bakery%2Foperations"}
HOME = "/repos/bakery/operations"
MOST = {"github": 100, "gitlab": 100, "gitea": 50, "forgejo": 50}

Fault = Callable[[web.Request], "str | web.Response | None"]


def no_fault(_: web.Request) -> None:
    return None


@dataclass
class Filed:
    """An issue as the forge has it; times are Unix times."""

    number: int
    title: str
    body: str
    labels: list[str]
    assignees: list[str]
    created: float
    updated: float
    closed: float | None = None
    reason: str | None = None
    comments: list[tuple[float, str]] = field(default_factory=list)
    pull_request: bool = False

    @property
    def open(self) -> bool:
        return self.closed is None

    @property
    def marker(self) -> Marker:
        found = marker_in(self.body)
        assert found
        return found


class RefusedError(Exception):
    def __init__(self, status: int, message: str, **headers: str) -> None:
        self.response = web.json_response({"message": message}, status=status, headers=headers)


@dataclass
class StandIn:
    """A forge with one private repository, `bakery/operations`.

    A new issue is in lists only after `lag` seconds, and answers come after `pause`. `weak` is a
    token that may write issues but not set labels: GitHub then leaves them out without a word.
    `fault` decides of each request whether it fails: "before" it is done, "after" it, or with the
    answer "lost".
    """

    kind: str = "github"
    clock: Callable[[], float] = time.time
    lag: float = 0.0
    weak: bool = False
    page: int = 0
    pause: float = 0.0
    fault: Fault = no_fault
    url: str = ""
    issues: dict[int, Filed] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    users: set[str] = field(default_factory=lambda: {"baker"})
    known_labels: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    last: int = 0

    @property
    def originals(self) -> list[Filed]:
        """The issues that are no duplicates of others."""
        return [one for one in self.issues.values() if one.marker.duplicate is None]

    def writes(self) -> int:
        return sum(method != "GET" for method, _ in self.asked)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.rel_url.raw_path_qs))
        await asyncio.sleep(self.pause)
        fault = self.fault(request)
        if isinstance(fault, web.Response):
            return fault
        if fault == "before":
            return web.json_response({"message": "Bad Gateway"}, status=502)
        try:
            response = await self.answer(request)
        except RefusedError as error:
            response = error.response
        if fault == "after":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if fault == "lost" and request.transport is not None:
            request.transport.abort()
        response.headers.update(self.headers)
        return response

    async def answer(self, request: web.Request) -> web.Response:
        if not self.authorized(request):
            raise RefusedError(401, "Bad credentials")
        path = request.rel_url.raw_path.removeprefix(BASES[self.kind])
        if path == "/users" and self.kind == "gitlab":
            found = [{"id": 7}] if request.query["username"] in self.users else []
            return web.json_response(found)
        home = HOMES.get(self.kind, HOME)
        if not path.startswith(home):
            raise RefusedError(404, "Not Found")
        body = await request.json() if request.can_read_body else {}
        if body:
            self.bodies.append(body)
        parts = path.removeprefix(home).strip("/").split("/")
        return self.route(request, parts, body)

    def authorized(self, request: web.Request) -> bool:
        if self.kind == "gitlab":
            return request.headers.get("PRIVATE-TOKEN") == TOKEN
        scheme = "Bearer" if self.kind == "github" else "token"
        return request.headers.get("Authorization") == f"{scheme} {TOKEN}"

    def route(self, request: web.Request, parts: list[str], body: dict[str, Any]) -> web.Response:
        notes = "notes" if self.kind == "gitlab" else "comments"
        match request.method, parts:
            case "GET", ["labels"] if self.is_gitea:
                return self.paged(
                    request,
                    [{"id": n, "name": name} for n, name in enumerate(self.known_labels, 1)],
                )
            case "POST", ["labels"] if self.is_gitea:
                # A second one of the same name is taken as well.
                self.known_labels.append(body["name"])
                number = len(self.known_labels)
                return web.json_response({"id": number, "name": body["name"]}, status=201)
            case "GET", ["issues"]:
                return self.paged(request, [self.shown(one) for one in self.listed(request)])
            case "POST", ["issues"]:
                return web.json_response(self.shown(self.create(body)), status=201)
            case "GET", ["issues", number]:
                return web.json_response(self.shown(self.found(number)))
            case (("PATCH" | "PUT"), ["issues", number]):
                return web.json_response(self.shown(self.changed(self.found(number), body)))
            case "POST", ["issues", number, "labels"]:
                self.relabel(self.found(number), body)
                return web.json_response([])
            case "GET", ["issues", number, kind] if kind == notes:
                return self.comments(request, self.found(number))
            case "POST", ["issues", number, kind] if kind == notes:
                issue = self.found(number)
                issue.comments.append((self.clock(), body["body"]))
                issue.updated = self.clock()
                return web.json_response({"id": 1}, status=201)
        raise RefusedError(404, "Not Found")

    @property
    def is_gitea(self) -> bool:
        return self.kind in ("gitea", "forgejo")

    def found(self, number: str) -> Filed:
        if int(number) in self.gone and self.kind == "github":
            raise RefusedError(410, "This issue was deleted")
        if int(number) not in self.issues:
            raise RefusedError(404, "Not Found")
        return self.issues[int(number)]

    def listed(self, request: web.Request) -> list[Filed]:
        label, state = request.query["labels"], request.query["state"]
        since = request.query.get("updated_after" if self.kind == "gitlab" else "since")
        after = datetime.fromisoformat(since).timestamp() if since else 0.0
        # Gitea discards labels that it does not know.
        unknown = self.is_gitea and label not in self.known_labels
        return [
            one
            for one in sorted(self.issues.values(), key=lambda one: -one.number)
            if (unknown or label in one.labels)
            and one.open == (state in ("open", "opened"))
            and one.updated >= after
            and self.clock() - one.created >= self.lag
        ]

    def create(self, body: dict[str, Any]) -> Filed:
        title = body.get("title", "")
        if not title or len(title) > 255:
            raise RefusedError(422, "Validation Failed")
        if set(body.get("assignees", ())) - self.users:
            raise RefusedError(422, "Validation Failed")
        labels = body["labels"]
        if self.kind == "gitlab":
            labels = labels.split(",")
        if self.is_gitea:
            labels = [self.known_labels[number - 1] for number in labels]
        self.last += 1
        now = self.clock()
        issue = Filed(
            number=self.last,
            title=title,
            body=body.get("description" if self.kind == "gitlab" else "body", ""),
            labels=[] if self.weak else labels,
            assignees=body.get("assignees", body.get("assignee_ids", [])),
            created=now,
            updated=now,
        )
        self.issues[issue.number] = issue
        return issue

    def changed(self, issue: Filed, body: dict[str, Any]) -> Filed:
        issue.body = body.get("description" if self.kind == "gitlab" else "body", issue.body)
        issue.updated = self.clock()
        state = {"close": "closed", "reopen": "open"}.get(
            body.get("state_event", ""), body.get("state")
        )
        if state == "closed" and issue.open:
            issue.closed, issue.reason = self.clock(), body.get("state_reason")
        elif state == "open":
            issue.closed, issue.reason = None, body.get("state_reason")
        if "add_labels" in body:
            issue.labels += body["add_labels"].split(",")
        return issue

    def relabel(self, issue: Filed, body: dict[str, Any]) -> None:
        if self.weak:
            raise RefusedError(403, "Resource not accessible by personal access token")
        issue.labels += body["labels"]

    def comments(self, request: web.Request, issue: Filed) -> web.Response:
        since = request.query.get("since")
        after = datetime.fromisoformat(since).timestamp() if since else 0.0
        found = [
            {"body": text, "created_at": iso(at)} for at, text in issue.comments if at >= after
        ]
        if self.kind == "gitlab":
            found.reverse()
        return self.paged(request, found)

    def paged(self, request: web.Request, entries: list[dict[str, Any]]) -> web.Response:
        """One page of a list, with links to the others by an address that only this forge knows."""
        size = int(request.query.get("limit" if self.is_gitea else "per_page", "30"))
        size = min(self.page or size, MOST[self.kind])
        page = int(request.query.get("page", "1"))
        shown: object = entries[(page - 1) * size : page * size]
        if self.is_gitea and not shown:
            shown = None
        response = web.json_response(shown)
        if page * size < len(entries):
            following = request.rel_url.update_query(page=str(page + 1))
            link = f"https://forge.internal{following.raw_path_qs}"
            response.headers["Link"] = f'<{link}>; rel="next", <{link}>; rel="last"'
        return response

    def shown(self, issue: Filed) -> dict[str, Any]:
        closed = iso(issue.closed) if issue.closed is not None else None
        if self.kind == "gitlab":
            state, labels = "opened" if issue.open else "closed", list(issue.labels)
            number = {"iid": issue.number, "id": issue.number + 1000}
            return {
                **number,
                "state": state,
                "labels": labels,
                "description": issue.body,
                "closed_at": closed,
            }
        shown = {
            "number": issue.number,
            "id": issue.number + 1000,
            "state": "open" if issue.open else "closed",
            "labels": [{"name": name} for name in issue.labels],
            "body": issue.body.replace("\n", "\r\n"),
            "closed_at": closed,
        }
        return shown | ({"pull_request": {}} if issue.pull_request else {})

    def close(self, number: int) -> None:
        """Somebody closes an issue by hand."""
        self.issues[number].closed = self.issues[number].updated = self.clock()

    def delete(self, number: int) -> None:
        """Somebody deletes an issue."""
        del self.issues[number]
        self.gone.add(number)


def iso(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


@asynccontextmanager
async def listening(forge: StandIn) -> AsyncIterator[StandIn]:
    """Listen on loopback while the block lasts."""
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", forge.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    forge.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield forge
    finally:
        await runner.cleanup()
