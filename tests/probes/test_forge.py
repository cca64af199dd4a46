"""The probe on stand-ins that keep what the APIs of the forges promise."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from evidenced.config.kinds.forge import ForgeSettings
from evidenced.probes import forge as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Site = Callable[..., Awaitable[str]]
Ask = Callable[..., Awaitable[Attempt]]

TOKEN = "swordfish"
MERGED_AT = "2026-03-01T12:00:00Z"
BASES = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "forgejo": "/api/v1"}


def iso(ago: float) -> str:
    return datetime.fromtimestamp(time.time() - ago, UTC).isoformat(timespec="seconds")


@dataclass
class Forge:
    """A forge with one repository, `bakery/till`, of which number 7 is merged, 8 open, 9 closed."""

    kind: str
    url: str = ""
    asked: list[web.Request] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[web.Request], web.Response | None] = lambda request: None
    headers: dict[str, str] = field(default_factory=dict)
    private: bool = False

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        other = self.answer(request)
        if other is not None:
            return other
        if self.private and not self.authorized(request):
            return web.json_response({"message": "Not Found"}, status=404)
        response = self.look_up(request)
        response.headers.update(self.headers)
        if response.status == 200:
            tag = f'W/"{hash(response.text):x}"'
            response.headers["ETag"] = tag
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304, headers={"ETag": tag, **self.headers})
        return response

    def authorized(self, request: web.Request) -> bool:
        if self.kind == "gitlab":
            return request.headers.get("PRIVATE-TOKEN") == TOKEN
        scheme = "Bearer" if self.kind == "github" else "token"
        return request.headers.get("Authorization") == f"{scheme} {TOKEN}"

    def look_up(self, request: web.Request) -> web.Response:
        project = "/projects/bakery%2Ftill" if self.kind == "gitlab" else "/repos/bakery/till"
        path = request.rel_url.raw_path.removeprefix(BASES[self.kind])
        if not path.startswith(project):
            return web.json_response({"message": "Not Found"}, status=404)
        path = path.removeprefix(project)
        if not path:
            return web.json_response({"id": 1})
        if path.startswith(("/pulls/", "/merge_requests/")):
            found = self.pull_request(int(path.rpartition("/")[2]))
        elif self.kind == "gitlab" and path == "/pipelines":
            return web.json_response(self.finished(request, "name", "ref")[:1])
        elif self.kind == "github" and path == "/actions/workflows/ci.yml/runs":
            found = {"workflow_runs": self.finished(request, "", "branch")[:1]}
        elif self.kind in ("gitea", "forgejo") and path == "/actions/tasks":
            found = {"workflow_runs": self.runs or None, "total_count": len(self.runs)}
        else:
            found = None
        if found is None:
            return web.json_response({"message": "Not Found"}, status=404)
        return web.json_response(found)

    def finished(self, request: web.Request, name: str, branch: str) -> list[dict[str, Any]]:
        wanted = request.query.get(branch)
        assert request.query["scope" if self.kind == "gitlab" else "status"] in (
            "finished",
            "completed",
        )
        return [
            run
            for run in self.runs
            if wanted in (None, run["branch"])
            and request.query.get(name) in (None, run.get("name"))
        ]

    def pull_request(self, number: int) -> dict[str, Any] | None:
        state = {7: "merged", 8: "open", 9: "closed"}.get(number)
        if state is None:
            return None
        merged_at = MERGED_AT if state == "merged" else None
        if self.kind == "gitlab":
            return {"state": {"open": "opened"}.get(state, state), "merged_at": merged_at}
        return {
            "state": "open" if state == "open" else "closed",
            "merged": state == "merged",
            "merged_at": merged_at,
        }

    def run(self, conclusion: str, ago: float, branch: str = "main", number: int = 1) -> None:
        key = "conclusion" if self.kind == "github" else "status"
        where = {"branch": branch, "head_branch": branch, "workflow_id": "ci.yml", "name": "ci.yml"}
        when = {"updated_at": iso(ago), "run_number": number}
        self.runs.append({key: conclusion, **where, **when})


Forges = Callable[..., Awaitable[Forge]]


@pytest.fixture
def start(site: Site) -> Forges:
    async def started(kind_of: str = "github", **more: Any) -> Forge:  # noqa: ANN401  whatever a Forge has
        forge = Forge(kind_of, **more)
        forge.url = await site({"/{path:.*}": forge.handle})
        return forge

    return started


@pytest.fixture
def ask(resources: Resources) -> Ask:
    async def take(forge: Forge, timeout: float = 30.0, /, **settings: object) -> Attempt:
        where = {"forge": forge.kind, "base_url": forge.url, "repository": "bakery/till"}
        all_of_them = {**where, **settings}
        return await kind.probe(ForgeSettings.model_validate(all_of_them), timeout, resources)

    return take


def unknown(attempt: Attempt) -> str:
    """The detail of an attempt that must be unknown by the forge's fault."""
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure
    assert attempt.failure.reason is Reason.DEPENDENCY
    assert TOKEN not in repr(attempt)
    return attempt.failure.detail


@pytest.mark.parametrize("kind_of", BASES)
async def test_a_merged_pull_request_is_asked_for_once(
    start: Forges, ask: Ask, kind_of: str
) -> None:
    forge = await start(kind_of, private=True)
    attempts = [await ask(forge, pull_request=7, token=TOKEN) for _ in range(3)]
    assert [attempt.failure for attempt in attempts] == [None] * 3
    assert [attempt.facts["asked"] for attempt in attempts] == [True, False, False]
    assert {attempt.facts["state"] for attempt in attempts} == {"merged"}
    merged = datetime.fromisoformat(MERGED_AT).timestamp()
    assert {attempt.facts["merged_at"] for attempt in attempts} == {merged}
    assert len(forge.asked) == 1


async def test_another_daemon_asks_for_itself(start: Forges, ask: Ask) -> None:
    forge = await start()
    await ask(forge, pull_request=7)
    async with Resources() as other:
        settings = ForgeSettings.model_validate(
            {"base_url": forge.url, "repository": "bakery/till", "pull_request": 7}
        )
        await kind.probe(settings, 5.0, other)
    assert len(forge.asked) == 2


@pytest.mark.parametrize("kind_of", BASES)
@pytest.mark.parametrize(
    ("number", "expect", "found"),
    [
        (8, {}, "open"),
        (9, {}, "closed"),
        (8, {"state": "open"}, None),
        (9, {"state": ["open", "closed"]}, None),
        (7, {"state": "open"}, "merged"),
    ],
)
async def test_the_state(
    start: Forges, ask: Ask, kind_of: str, number: int, expect: object, found: str | None
) -> None:
    attempt = await ask(await start(kind_of), pull_request=number, expect=expect)
    if found is None:
        assert attempt.failure is None
        return
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert (attempt.failure.reason, attempt.failure.expectation) == (Reason.STATUS, "state")
    assert attempt.failure.detail.endswith(f", found {found}")


async def test_what_is_unchanged_is_not_sent_again(start: Forges, ask: Ask) -> None:
    forge = await start()
    first, second = [await ask(forge, pull_request=8, expect={"state": "open"}) for _ in range(2)]
    assert (first.failure, second.failure) == (None, None)
    assert (first.facts["status_code"], second.facts["status_code"]) == (200, 304)
    assert second.facts["state"] == "open"
    assert "If-None-Match" in forge.asked[1].headers


@pytest.mark.parametrize("kind_of", BASES)
async def test_a_pull_request_that_is_not_there_is_a_failure(
    start: Forges, ask: Ask, kind_of: str
) -> None:
    attempt = await ask(await start(kind_of), pull_request=10)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.detail == (
        "expected pull request 10 merged, found none of that name or number"
    )


@pytest.mark.parametrize("kind_of", BASES)
async def test_a_repository_that_is_not_shown_is_unknown(
    start: Forges, ask: Ask, kind_of: str
) -> None:
    forge = await start(kind_of, private=True)
    said = unknown(await ask(forge, pull_request=7, token=TOKEN + "fish"))
    assert "shows no repository bakery/till" in said
    assert (await ask(forge, pull_request=7, token=TOKEN)).failure is None


@pytest.mark.parametrize("kind_of", BASES)
@pytest.mark.parametrize(
    ("conclusion", "expect", "met"),
    [
        ("success", {}, True),
        ("failure", {}, False),
        ("cancelled", {}, False),
        ("skipped", {"conclusion": ["success", "skipped"]}, True),
        ("success", {"max_age": "26h"}, True),
        ("success", {"max_age": "30m"}, False),
    ],
)
async def test_a_workflow(
    start: Forges, ask: Ask, kind_of: str, conclusion: str, expect: object, met: bool
) -> None:
    forge = await start(kind_of)
    words = {"failure": "failed", "cancelled": "canceled"} if kind_of == "gitlab" else {}
    forge.run("failure", 60, branch="elsewhere", number=9)
    forge.run(words.get(conclusion, conclusion), 3600, number=8)
    forge.run("skipped", 7200, number=7)
    attempt = await ask(forge, workflow="ci.yml", branch="main", expect=expect)
    assert attempt.facts["conclusion"] == conclusion
    assert attempt.facts["ended_at"] == pytest.approx(time.time() - 3600, abs=10)
    assert (attempt.outcome is Outcome.SUCCESS) is met, attempt.failure


async def test_a_run_of_several_tasks_ends_as_its_worst(start: Forges, ask: Ask) -> None:
    forge = await start("forgejo")
    forge.run("running", 10, number=3)
    forge.run("success", 20, number=3)
    forge.run("success", 30, number=2)
    forge.run("failure", 40, number=2)
    forge.run("success", 50, number=1)
    attempt = await ask(forge, workflow="*")
    assert attempt.failure
    assert attempt.failure.detail == "expected * to end in success, found failure"


@pytest.mark.parametrize("kind_of", BASES)
async def test_no_finished_run_is_a_failure(start: Forges, ask: Ask, kind_of: str) -> None:
    attempt = await ask(await start(kind_of), workflow="ci.yml", expect={"max_age": "1d"})
    assert attempt.outcome is Outcome.FAILURE
    assert [each.found for each in attempt.judgements] == ["no finished run"] * 2


def limited(status: int, **headers: str) -> Callable[[web.Request], web.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: web.json_response({"message": "no"}, status=status, headers=named)


def in_an_hour() -> str:
    return str(int(time.time()) + 3600)


@pytest.mark.parametrize(
    ("kind_of", "answer"),
    [
        ("github", limited(403, X_RateLimit_Remaining="0", X_RateLimit_Reset=in_an_hour())),
        ("github", limited(429, X_RateLimit_Remaining="0", X_RateLimit_Reset=in_an_hour())),
        ("github", limited(403, Retry_After="60")),
        ("github", limited(429)),
        ("gitlab", limited(429, Retry_After="60", RateLimit_Reset=in_an_hour())),
        ("gitlab", limited(429, RateLimit_Remaining="0", RateLimit_Reset=in_an_hour())),
        ("gitea", limited(503, Retry_After="120")),
    ],
)
async def test_a_limit_is_waited_out(
    start: Forges, ask: Ask, kind_of: str, answer: Callable[[web.Request], web.Response]
) -> None:
    forge = await start(kind_of, answer=answer)
    assert "before" in unknown(await ask(forge, pull_request=8, token=TOKEN))
    again = await ask(forge, pull_request=9, token=TOKEN)
    assert "none is sent before" in unknown(again)
    assert again.facts["asked"] is False
    assert len(forge.asked) == 1
    # The limit is that of the token; who shows another is not held back.
    await ask(forge, pull_request=8)
    assert len(forge.asked) == 2


async def test_after_the_reset_it_is_asked_again(start: Forges, ask: Ask) -> None:
    forge = await start(answer=limited(429, Retry_After="1"))
    unknown(await ask(forge, pull_request=7))
    forge.answer = lambda request: None
    began = time.monotonic()
    while (attempt := await ask(forge, pull_request=7)).failure:
        unknown(attempt)
        assert time.monotonic() - began < 30
        await asyncio.sleep(0.02)
    assert time.monotonic() - began > 0.8
    assert len(forge.asked) == 2


async def test_the_last_request_that_is_allowed_counts_and_no_other_is_sent(
    start: Forges, ask: Ask
) -> None:
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in_an_hour()}
    forge = await start(headers=spent)
    assert (await ask(forge, pull_request=8, expect={"state": "open"})).failure is None
    unknown(await ask(forge, pull_request=8, expect={"state": "open"}))
    assert len(forge.asked) == 1


async def test_what_is_final_stays_known_while_the_forge_is_out(start: Forges, ask: Ask) -> None:
    forge = await start()
    await ask(forge, pull_request=7)
    forge.answer = limited(500)
    assert (await ask(forge, pull_request=7)).failure is None
    assert "answers 500" in unknown(await ask(forge, pull_request=8))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (limited(401), "does not take the token (401)"),
        (limited(403), "refuses to answer (403)"),
        (limited(500), "answers 500"),
        (limited(502), "answers 502"),
        (limited(418), "answers 418"),
        (limited(302, Location="https://other.example/login"), "redirects to another site"),
        (limited(301, Location="/api/v3/repos/bakery/till/pulls/8"), "again and again"),
        (lambda request: web.Response(text="<html>"), "does not answer as the API of github does"),
        (lambda request: web.json_response([1]), "does not answer as the API of github does"),
        (lambda request: web.json_response({"state": "odd"}), "does not answer as the API"),
        (lambda request: web.Response(body=b" " * (5 << 20)), "more than 4 MiB"),
    ],
)
async def test_a_forge_out_of_order_is_unknown(
    start: Forges, ask: Ask, answer: Callable[[web.Request], web.Response], said: str
) -> None:
    forge = await start(answer=answer)
    assert said in unknown(await ask(forge, pull_request=8, token=TOKEN))


async def test_a_repository_that_has_moved_is_followed(start: Forges, ask: Ask) -> None:
    forge = await start(private=True)

    def moved(request: web.Request) -> web.Response | None:
        if "/bakery/old/" in request.path:
            place = request.path.replace("/bakery/old/", "/bakery/till/")
            return web.Response(status=301, headers={"Location": place})
        return None

    forge.answer = moved
    attempt = await ask(forge, repository="bakery/old", pull_request=7, token=TOKEN)
    assert attempt.failure is None


async def test_nobody_there_is_unknown(ask: Ask) -> None:
    attempt = await ask(Forge("gitea", "http://127.0.0.1:1"), pull_request=7)
    assert "connection to 127.0.0.1:1 refused" in unknown(attempt)


async def test_silence_is_unknown_at_the_deadline(
    serve: Callable[..., Awaitable[int]], ask: Ask
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    forge = Forge("gitea", f"http://127.0.0.1:{await serve(silent)}")
    watch = Stopwatch()
    assert "deadline of 200ms passed" in unknown(await ask(forge, 0.2, pull_request=7))
    assert watch.own() < 0.2 + 0.15
