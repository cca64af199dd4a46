"""One issue an outage, held against forges that keep what their documentation says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from app.tracker_rig import EVERY, LAG, SETTLE, rigged
from app.tracker_stand_in import Filed, StandIn
from evidenced.evidence.records import Evidence
from evidenced.ledger.model import Ledger
from evidenced.probes.attempt import Reason
from evidenced.probes.resources import Resources
from evidenced.watch.drill import Drill
from evidenced.watch.plan import make_plan
from evidenced.watch.verdict import Standing
from evidenced.workflow.tracker_marker import said_in

KINDS = ("github", "gitlab", "gitea", "forgejo")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No pause between two requests that write, and nothing of a token in the log."""
    monkeypatch.setattr("evidenced.app.tracker_request.BETWEEN", 0.0)
    with capture_logs() as logs:
        yield
    assert "swordfish" not in repr(logs)


def only(forge: StandIn) -> Filed:
    assert len(forge.issues) == 1
    return next(iter(forge.issues.values()))


@pytest.mark.parametrize("kind", KINDS)
async def test_an_outage_is_one_issue_from_its_beginning_to_its_end(
    kind: str, tmp_path: Path, resources: Resources
) -> None:
    labels, users = ["evidenced", "outage"], ["baker"]
    rig = rigged(tmp_path, resources, kind, labels=labels, assignees=users)
    async with rig as (forge, clock, [daemon]):
        daemon.store.put(
            Evidence(
                at=clock.now,
                claim="oven",
                section="stable",
                check="oven",
                before="verified",
                standing="contradicted",
                proof={"exchange": ["> GET /oven", "< 502 Bad Gateway", "<!-- @all -->"]},
            )
        )
        await daemon.store.flush()
        daemon.fail()
        await daemon.round()
        issue = only(forge)
        assert issue.open
        assert issue.title == "oven is contradicted: The oven is hot"
        assert sorted(issue.labels) == ["evidenced", "outage"]
        assert issue.assignees == ([7] if kind == "gitlab" else ["baker"])
        for said in (
            "> /oven returns 200",
            "since 2027-01-15 08:00:00 UTC",
            "no answer within 10s (timeout)",
            "Proof: <https://evidence.bakery.example/claims/oven>",
            "Evidence: record 1, hash `",
            "\ncurl --silent",
            "< 502 Bad Gateway",
        ):
            assert said in issue.body
        # Other symptoms are the same outage, and news once an hour at most.
        for reason, detail in ((Reason.STATUS, "found 502"), (Reason.BODY, "found 404")):
            daemon.fail(reason, detail)
            await daemon.rounds(seconds=EVERY / 2 - 60)
        assert [said_in(text) for _, text in issue.comments] == []
        await daemon.rounds(seconds=EVERY)
        assert len(issue.comments) == 1
        assert "found 404 (body)" in issue.comments[0][1]
        daemon.recover()
        await daemon.rounds(seconds=SETTLE - 60)
        assert issue.open
        await daemon.rounds(seconds=120)
        assert not issue.open
        assert issue.reason == ("completed" if kind == "github" else None)
        assert len(issue.comments) == 2
        assert "It lasted 1h58m" in issue.comments[1][1]
        assert daemon.tracking.book.outages == ()
        assert daemon.troubles == []
        # The next outage is another one.
        await daemon.rounds(seconds=60)
        daemon.fail()
        await daemon.round()
        assert len(forge.issues) == 2
        assert daemon.tracking.filed.opened == 2


async def test_five_hundred_flaps_are_one_issue(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, clock, [daemon]):
        for _ in range(500):
            daemon.fail()
            await daemon.rounds(seconds=30)
            daemon.recover()
            await daemon.rounds(seconds=30)
        issue = only(forge)
        assert issue.open
        assert len(issue.comments) <= 500 * 60 / EVERY + 1
        await daemon.rounds(seconds=SETTLE + 60)
        assert not issue.open
        assert clock.now - issue.created > 500 * 60
        assert len(forge.issues) == 1


async def test_it_goes_on_after_a_restart(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        daemon.fail()
        await daemon.round()
        for _ in range(3):
            await daemon.restart()
            await daemon.rounds(seconds=60)
        daemon.recover()
        await daemon.rounds(seconds=60)
        await daemon.restart()
        await daemon.rounds(seconds=SETTLE)
        assert not only(forge).open


async def test_one_that_lost_its_store_finds_its_issue(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.page = 1
        for number in (1, 2, 3):
            somebody_writes(forge, number)
        daemon.fail()
        await daemon.round()
        assert len(forge.issues) == 4
        daemon.tracking = daemon._tracking()
        await daemon.rounds(seconds=LAG * 2)
        assert len(forge.issues) == 4
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        assert [one.number for one in forge.issues.values() if one.open] == [1, 2, 3]


def somebody_writes(forge: StandIn, number: int) -> None:
    """An issue of somebody else, under the same label."""
    at = forge.clock()
    body = 'Somebody wrote this. <!-- evidenced-issue {"claim": "oven", "outage": 5} -->'
    forge.issues[number] = Filed(number, "Flour", body, ["evidenced"], [], at, at)
    forge.last = number


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_person_closes_stays_closed_while_it_lasts(
    kind: str, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, kind) as (forge, clock, [daemon]):
        daemon.fail()
        await daemon.round()
        clock.now += 30
        forge.close(1)
        with capture_logs() as logs:
            daemon.fail(Reason.STATUS, "found 502")
            await daemon.rounds(seconds=2 * EVERY)
        assert len([log for log in logs if log["event"].startswith("nothing more is told")]) == 1
        await daemon.restart()
        await daemon.rounds(seconds=EVERY)
        # Also one that knows nothing of it.
        daemon.tracking = daemon._tracking()
        await daemon.rounds(seconds=EVERY)
        assert not only(forge).open
        assert only(forge).comments == []
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        daemon.fail()
        await daemon.round()
        assert [one.open for one in forge.issues.values()] == [False, True]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_person_deletes_is_not_opened_again(
    kind: str, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, kind) as (forge, _, [daemon]):
        daemon.fail()
        await daemon.rounds(seconds=LAG + 60)
        forge.delete(1)
        with capture_logs() as logs:
            await daemon.rounds(seconds=EVERY)
            await daemon.restart()
            await daemon.rounds(seconds=EVERY)
        assert len([log for log in logs if log.get("issue") == "gone"]) == 1
        assert forge.issues == {}
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        daemon.fail()
        await daemon.round()
        assert only(forge).number == 2


@pytest.mark.parametrize("fault", ["before", "after", "lost"])
@pytest.mark.parametrize("kind", ["github", "gitlab", "gitea"])
async def test_an_answer_that_is_lost_gives_no_second_issue(
    kind: str, fault: str, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, kind) as (forge, _, [daemon]):
        forge.lag = 90.0
        failing = 3

        def fails(request: web.Request) -> str | None:
            nonlocal failing
            if request.method == "POST" and request.path.endswith("/issues") and failing:
                failing -= 1
                return fault
            return None

        forge.fault = fails
        daemon.fail()
        await daemon.rounds(seconds=5 * LAG)
        assert only(forge).open
        assert daemon.tracking.filed.waiting == 0
        assert len(daemon.troubles) == (3 if fault == "before" else 1)


@pytest.mark.parametrize("lag", [0.0, 90.0])
@pytest.mark.parametrize("kind", ["github", "gitlab", "gitea"])
async def test_of_two_daemons_the_lowest_number_stays(
    kind: str, lag: float, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, kind, daemons=2) as (forge, clock, daemons):
        forge.lag = lag
        opening = 0

        def both_look_first(request: web.Request) -> None:
            nonlocal opening
            opening += request.method == "POST" and request.path.endswith("/issues")

        forge.fault = both_look_first
        first, second = daemons
        first.fail()
        second.fail()
        # Each has looked, and found nothing, before the other one's issue is in the list.
        forge.lag = max(lag, 1.0)
        await first.round()
        await second.round()
        assert opening == 2
        forge.lag = lag
        for _ in range(12):
            clock.now += 30
            await first.round()
            await second.round()
        assert [one.open for one in forge.issues.values()] == [True, False]
        assert forge.issues[2].marker.duplicate == 1
        assert forge.issues[2].body.startswith("Duplicate of #1.")
        assert [each.tracking.book.outages[0].number for each in daemons] == [1, 1]
        for daemon in daemons:
            daemon.recover()
        await first.rounds(seconds=SETTLE + 60)
        await second.rounds(seconds=60)
        assert not forge.issues[1].open
        assert len(forge.issues[1].comments) == 1
        assert [each.tracking.book.outages for each in daemons] == [(), ()]


async def test_one_daemon_still_sees_what_is_over_for_another(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, daemons=2) as (forge, _, [first, second]):
        first.fail()
        second.fail()
        await first.round()
        await second.round()
        first.recover()
        await first.rounds(seconds=SETTLE + 60)
        assert not only(forge).open
        await second.rounds(seconds=660)
        assert only(forge).open
        assert only(forge).reason == "reopened"
        second.recover()
        await second.rounds(seconds=SETTLE + 60)
        assert not only(forge).open
        assert len([1 for _, text in only(forge).comments if "bears the claim out" in text]) == 2


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}, "API rate limit exceeded"),
        (429, {"Retry-After": "0"}, "Too Many Requests"),
        (403, {"Retry-After": "0"}, "You have exceeded a secondary rate limit"),
        (500, {}, "Server Error"),
        (503, {"Retry-After": "0"}, "Unicorn"),
        (401, {}, "Bad credentials"),
        (404, {}, "Not Found"),
    ],
    ids=["primary", "429", "secondary", "500", "503", "401", "404"],
)
async def test_a_tracker_that_is_not_to_be_had_loses_nothing(
    status: int, headers: dict[str, str], message: str, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.fault = lambda _: web.json_response(
            {"message": message}, status=status, headers=headers
        )
        daemon.fail()
        await daemon.rounds(seconds=600)
        # It is over before anybody could be told of it.
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        assert daemon.troubles
        assert daemon.tracking.filed.waiting == 1
        forge.fault = lambda _: None
        await daemon.rounds(seconds=30)
        assert only(forge).open
        await daemon.rounds(seconds=LAG + 30)
        issue = only(forge)
        assert not issue.open
        assert "It lasted 10m" in issue.comments[0][1]


async def test_nothing_is_asked_before_the_forge_wants_it(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.fault = lambda _: web.json_response({}, status=403, headers={"Retry-After": "3600"})
        daemon.fail()
        await daemon.rounds(seconds=300)
        assert len(forge.asked) == 1
        assert set(daemon.troubles) > {"the forge limits our requests"}
        wait = daemon.tracking._api
        assert wait
        assert 3500 < wait.left <= 3600


async def test_an_assignee_who_may_not_be_one_is_left_out(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, assignees=["stranger"]) as (forge, _, [daemon]):
        daemon.fail()
        with capture_logs() as logs:
            await daemon.round()
        assert only(forge).assignees == []
        assert [log["event"] for log in logs] == ["issues cannot be assigned", "issue opened"]


async def test_a_token_that_may_not_set_labels_is_told_of(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.weak = True
        daemon.fail()
        with capture_logs() as logs:
            await daemon.rounds(seconds=EVERY)
        assert only(forge).open
        assert [log for log in logs if "may not set labels" in log["event"]]
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        assert not only(forge).open


async def test_without_close_the_next_outage_goes_on_in_it(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, close=False) as (forge, _, [daemon]):
        for _ in range(2):
            daemon.fail()
            await daemon.rounds(seconds=60)
            daemon.recover()
            await daemon.rounds(seconds=3 * SETTLE)
        assert only(forge).open
        texts = [text for _, text in only(forge).comments]
        told = [re.split(r"[.:]", text)[0] for text in texts]
        over = "Production bears the claim out again"
        assert told == [over, "The claim is still contradicted", over]


async def test_a_drill_says_so(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, clock, [daemon]):
        drill = Drill(
            claim="oven",
            section="stable",
            began=clock.now,
            until=clock.now + 600,
            who="baker",
            why="try",
        )
        daemon.board.drills.begin(drill)
        await daemon.rounds(seconds=60)
        issue = only(forge)
        assert issue.title == "DRILL: oven is contradicted: The oven is hot"
        assert issue.labels == ["evidenced", "DRILL"]
        assert "DRILL: nothing is broken" in issue.body
        # What is really contradicted meanwhile has an issue of its own.
        daemon.fail()
        await daemon.rounds(seconds=30)
        assert len(forge.issues) == 2
        daemon.board.drills.end("oven", clock.now, "baker")
        await daemon.rounds(seconds=LAG)
        assert [one.open for one in forge.issues.values()] == [False, True]
        assert "DRILL is over" in issue.comments[0][1]


@pytest.mark.parametrize("standing", [Standing.STALE, Standing.UNKNOWN, Standing.UNVERIFIED])
async def test_what_cannot_be_seen_neither_opens_nor_closes(
    standing: Standing, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        daemon.stand(standing)
        await daemon.rounds(seconds=60)
        assert forge.asked == []
        daemon.fail()
        await daemon.round()
        daemon.stand(standing)
        await daemon.rounds(seconds=2 * SETTLE)
        assert only(forge).open


async def test_a_claim_that_the_ledger_no_longer_has_is_closed(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        daemon.fail()
        await daemon.round()
        empty = Ledger(updated=None, sections={}, headings=frozenset())
        daemon.board.adopt(make_plan(daemon.config, empty), {})
        await daemon.rounds(seconds=SETTLE + 60)
        assert not only(forge).open
        assert "no longer has this claim" in only(forge).comments[0][1]


async def test_sections_that_are_not_wanted_have_no_issues(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, sections="closed") as (forge, _, [daemon]):
        daemon.fail()
        await daemon.rounds(seconds=60)
        assert forge.asked == []


async def test_another_repository_is_told_anew(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        tracker = daemon.config.tracker
        assert tracker
        elsewhere = tracker.model_copy(update={"repository": "bakery/elsewhere"})
        here, daemon.config = daemon.config, daemon.config.model_copy(update={"tracker": elsewhere})
        daemon.fail()
        await daemon.round()
        assert daemon.troubles == [
            "shows no issues of bakery/elsewhere: not there, or not for this token (404: Not Found)"
        ]
        daemon.config = here
        await daemon.round()
        assert only(forge).open
        assert daemon.tracking.book.outages[0].where.endswith("bakery/operations")
        assert replace(daemon.tracking.filed, failures=0).waiting == 0


async def test_a_body_written_anew_is_still_known(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        daemon.fail()
        await daemon.rounds(seconds=LAG + 60)
        only(forge).body = "I look after it."
        only(forge).labels.clear()
        await daemon.rounds(seconds=EVERY)
        daemon.recover()
        await daemon.rounds(seconds=SETTLE + 60)
        assert not only(forge).open
        assert only(forge).body.startswith("I look after it.\n")
