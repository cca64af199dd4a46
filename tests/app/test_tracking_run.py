"""The task of a running daemon that tells the tracker: waits, deadlines, and what it asks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from app.tracker_rig import Watcher, rigged
from app.tracker_stand_in import TOKEN, StandIn, listening
from evidenced.app.tracker_request import Api, LimitedError, RefusedError, TrackerError
from evidenced.config.tracker import TrackerSettings
from evidenced.probes.resources import Resources


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def going(daemon: Watcher) -> AsyncIterator[None]:
    task = asyncio.create_task(daemon.tracking.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidenced.app.tracking.LOOK", 0.02)
    monkeypatch.setattr("evidenced.app.tracking.FIRST_WAIT", 0.02)
    monkeypatch.setattr("evidenced.app.tracking.LONGEST_WAIT", 0.1)


async def test_it_is_told_once_the_tracker_is_there(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.fault = lambda _: web.Response(status=500)
        with capture_logs() as logs:
            async with going(daemon):
                daemon.fail()
                daemon.tracking.changed()
                await until(lambda: (daemon.tracking.filed.failures or 0) >= 4)
                assert daemon.tracking.filed.waiting == 1
                forge.fault = lambda _: None
                await until(lambda: forge.issues)
                await until(lambda: daemon.tracking.filed.waiting == 0)
                await until(lambda: len(logs) >= 3)
        said = [log["event"] for log in logs]
        assert said == [
            "the issue tracker is not to be had, and is tried again",
            "issue opened",
            "the issue tracker is to be had again",
        ]
        assert logs[0]["reason"] == "answered with 500"


async def test_what_ends_while_it_is_down_is_not_lost(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources, settle="0s") as (forge, clock, [daemon]):
        forge.fault = lambda _: web.Response(status=502)
        async with going(daemon):
            daemon.fail()
            await until(lambda: daemon.tracking.filed.failures)
            daemon.recover()
            forge.fault = lambda _: None
            await until(lambda: forge.issues)

            def closed() -> bool:
                # Step by step: the daemon may hear of the issue after the clock was turned.
                clock.now += 1
                return not forge.issues[1].open

            await until(closed)


async def test_other_settings_are_taken_over_at_once(
    tmp_path: Path, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidenced.app.tracking.FIRST_WAIT", 3600.0)
    monkeypatch.setattr("evidenced.app.tracking.LONGEST_WAIT", 3600.0)
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        here = daemon.config
        assert here.tracker
        nowhere = here.tracker.model_copy(update={"base_url": "http://127.0.0.1:1"})
        daemon.config = here.model_copy(update={"tracker": nowhere})
        async with going(daemon):
            daemon.fail()
            await until(lambda: daemon.tracking.filed.failures)
            daemon.config = here
            await until(lambda: forge.issues)
        daemon.config = here.model_copy(update={"tracker": None})
        assert daemon.tracking.filed.opened is None


async def test_nothing_is_asked_without_a_tracker(tmp_path: Path, resources: Resources) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        daemon.config = daemon.config.model_copy(update={"tracker": None})
        async with going(daemon):
            daemon.fail()
            await asyncio.sleep(0)
            daemon.tracking.changed()
            await daemon.round()
        assert forge.asked == []
        assert daemon.tracking.book.outages == ()


async def test_a_refusal_keeps_no_other_outage_waiting(
    tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources, template={"title": "{{title}}"}) as rig:
        forge, _, [daemon] = rig
        forge.fault = lambda request: (
            web.json_response({"message": "Validation Failed"}, status=422)
            if request.method == "POST"
            else None
        )
        daemon.fail()
        with capture_logs() as logs:
            await daemon.rounds(seconds=900)
        assert daemon.troubles == []
        assert [log["event"] for log in logs] == ["the issue tracker refuses"]
        assert logs[0]["reason"] == "refused (422: Validation Failed)"
        forge.fault = lambda _: None
        await daemon.rounds(seconds=60)
        assert len(forge.issues) == 1


def api(url: str, resources: Resources, **more: object) -> Api:
    given = {"repository": "bakery/operations", "base_url": url, "token": TOKEN, **more}
    return Api(TrackerSettings.model_validate(given), resources)


async def answered(
    resources: Resources, answer: Callable[[], web.Response], method: str = "GET", **more: object
) -> TrackerError:
    """What one request fails with."""
    forge = StandIn(fault=lambda _: answer())
    async with listening(forge):
        with pytest.raises(TrackerError) as caught:
            await api(forge.url, resources, **more).ask(method, "/x")
    assert TOKEN not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "method", "done"),
    [
        (500, "POST", True),
        (504, "PATCH", True),
        (408, "POST", True),
        (500, "GET", False),
        (422, "POST", False),
        (401, "POST", False),
        (404, "POST", False),
        (301, "POST", False),
    ],
)
async def test_what_may_be_done_all_the_same(
    status: int, method: str, done: bool, resources: Resources
) -> None:
    error = await answered(resources, lambda: web.Response(status=status), method)
    assert error.done is done


async def test_a_refused_connection_has_done_nothing(resources: Resources) -> None:
    with pytest.raises(TrackerError, match="refused") as caught:
        await api("http://127.0.0.1:1", resources).ask("POST", "/x", body={})
    assert not caught.value.done


async def test_an_answer_that_does_not_come_ends_at_the_deadline(resources: Resources) -> None:
    async with listening(StandIn(pause=60.0)) as forge:
        asked, began = api(forge.url, resources, timeout="200ms"), time.monotonic()
        with pytest.raises(TrackerError, match="no answer within 200ms") as caught:
            await asked.ask("POST", "/x", body={})
        assert caught.value.done
        assert time.monotonic() - began < 5


async def test_a_limit_is_kept_to_by_all_who_use_the_token(resources: Resources) -> None:
    limit = web.json_response({}, status=429, headers={"Retry-After": "60"})
    error = await answered(resources, lambda: limit)
    assert isinstance(error, LimitedError)
    forge = StandIn()
    async with listening(forge):
        asked = api(forge.url, resources)
        resources.forges.wait((f"{forge.url}/api/v3", TOKEN), 60)
        with pytest.raises(LimitedError):
            await asked.ask("GET", "/x")
        assert forge.asked == []


@pytest.mark.parametrize(
    "text", ["", "<html>", "{}", "[" * 100_000], ids=["", "html", "no list", "deep"]
)
async def test_what_is_no_answer_of_a_forge_is_trouble(
    text: str, tmp_path: Path, resources: Resources
) -> None:
    async with rigged(tmp_path, resources) as (forge, _, [daemon]):
        forge.fault = lambda _: web.Response(text=text, content_type="application/json")
        daemon.fail()
        await daemon.rounds(seconds=60)
        assert set(daemon.troubles) == {"does not answer as the API of a forge does"}
        forge.fault = lambda _: None
        await daemon.rounds(seconds=300)
        assert len(forge.issues) == 1


async def test_writes_are_apart(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidenced.app.tracker_request.BETWEEN", 0.2)
    forge = StandIn(fault=lambda _: web.json_response({}, status=422))
    async with listening(forge):
        asked, began = api(forge.url, resources), time.monotonic()
        for _ in range(3):
            with pytest.raises(RefusedError):
                await asked.ask("POST", "/x", body={})
        assert time.monotonic() - began >= 0.4
