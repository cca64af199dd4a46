"""Telling one Alertmanager, held against one of which each answer can be chosen."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.conftest import Manager, ends
from evidenced.app.alerts_instance import AT_ONCE, Instance
from evidenced.config.alertmanager import AlertmanagerSettings
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_model import Firing, Labels


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def alert(claim: str = "oven", said: str = "cold") -> Firing:
    labels = {"alertname": "EvidencedStableClaimContradicted", "claim": claim}
    return Firing(frozenset(labels.items()), {"description": said}, time.time() - 60)


class Told:
    """One instance, and what fires."""

    def __init__(self, url: str, resources: Resources, **more: object) -> None:
        given = {"urls": url, "repeat": "300ms", "timeout": "500ms", **more}
        self.settings: AlertmanagerSettings | None = AlertmanagerSettings.model_validate(given)
        self.firing: dict[Labels, Firing] = {}
        with capture_logs() as self.logs:
            self.instance = Instance(
                url, lambda: self.settings, lambda: self.firing, lambda _: None, resources
            )

    def fire(self, *alerts: Firing) -> None:
        self.firing = {one.labels: one for one in alerts}
        self.instance.changed()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[list[Any]]:
        with capture_logs() as logs:
            task = asyncio.create_task(self.instance.run())
            try:
                yield logs
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        assert "swordfish" not in repr(logs)


async def test_it_is_sent_at_once_and_again_before_it_expires(
    manager: Manager, resources: Resources
) -> None:
    told = Told(f"{manager.url}/prefix/", resources)
    one = alert()
    async with told.running() as logs:
        began = time.monotonic()
        told.fire(one)
        await until(lambda: len(manager.posts) == 1)
        await until(lambda: told.instance.delivered.alerts == 4)
        assert time.monotonic() - began > 0.85  # three repeats of 300 ms
    assert {(each.method, each.path_qs) for each in manager.asked} == {
        ("POST", "/prefix/api/v2/alerts")
    }
    for (sent,) in manager.posts:
        assert sent["labels"] == dict(one.labels)
        assert sent["annotations"] == {"description": "cold"}
        assert datetime.fromisoformat(sent["startsAt"]).timestamp() == pytest.approx(
            one.starts, abs=0.002
        )
        assert 290 < ends(sent) - time.time() <= 300
    assert logs == []


async def test_nothing_is_sent_while_nothing_fires(manager: Manager, resources: Resources) -> None:
    told = Told(manager.url, resources)
    async with told.running():
        told.fire()
        await until(lambda: not told.instance._changed.is_set())
        assert not manager.asked
        told.fire(alert())
        await until(lambda: manager.posts)
    assert len(manager.asked) == len(manager.posts)


async def test_other_words_are_sent_at_once_and_the_rest_keeps_its_beat(
    manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources, repeat="1m")
    first, second = alert("oven"), alert("till")
    async with told.running():
        told.fire(first, second)
        await until(lambda: len(manager.posts) == 1)
        told.fire(first, replace(second, annotations={"description": "open"}))
        await until(lambda: len(manager.posts) == 2)
    assert [one["labels"]["claim"] for one in manager.posts[1]] == ["till"]


async def test_what_is_over_is_ended_once(manager: Manager, resources: Resources) -> None:
    told = Told(manager.url, resources)
    async with told.running():
        told.fire(alert("oven"), alert("till"))
        await until(lambda: manager.active == {"oven", "till"})
        told.fire(alert("till"))
        await until(lambda: manager.active == {"till"})
        ended = next(one for one in manager.sent if one["labels"]["claim"] == "oven")
        assert time.time() - 2 < ends(ended) <= time.time()
        assert ended["annotations"] == {"description": "cold"}
        posts = len(manager.posts)
        await until(lambda: len(manager.posts) >= posts + 2)
    assert all(one["labels"]["claim"] == "till" for post in manager.posts[posts:] for one in post)
    (asked,) = [each for each in manager.asked if each.method == "GET"]
    assert asked.query["filter"] == 'alertname=~"EvidencedStableClaimContradicted"'


async def test_what_somebody_else_sent_since_is_left_to_them(
    manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources)
    async with told.running():
        told.fire(alert())
        await until(lambda: manager.posts)
        later = {**manager.sent[0], "endsAt": "2999-01-01T00:00:00.000Z"}
        manager.has = [later]
        told.fire()
        await until(lambda: manager.asked[-1].method == "GET")
        await until(lambda: not told.instance._told)
    assert manager.active == {"oven"}


async def test_what_comes_back_before_it_was_ended_goes_on(
    manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources, repeat="1m")
    one = alert()
    async with told.running():
        told.fire(one)
        await until(lambda: len(manager.posts) == 1)
        told.fire()
        told.fire(replace(one, starts=time.time()))
        await until(lambda: len(manager.posts) == 2)
    assert manager.active == {"oven"}
    assert {each.method for each in manager.asked} == {"POST"}


async def test_what_alertmanager_no_longer_has_is_ended_all_the_same(
    manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources)
    async with told.running():
        told.fire(alert())
        await until(lambda: manager.posts)
        manager.has = []
        told.fire()
        await until(lambda: manager.active == set())


@pytest.mark.parametrize(
    ("status", "has", "reason"),
    [
        (500, None, "answered with status 500"),
        (302, None, "answered with status 302"),
        (200, {"no": "list"}, "answered with something else than a list of alerts"),
    ],
)
async def test_an_end_that_fails_is_tried_again(
    status: int, has: object, reason: str, manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources)
    async with told.running() as logs:
        told.fire(alert())
        await until(lambda: manager.posts)
        manager.status, manager.has = status, has
        told.fire()
        await until(lambda: told.instance.delivered.failures >= 2)
        assert [(log["event"], log["reason"]) for log in logs] == [("alerts are not taken", reason)]
        manager.status, manager.has = 200, None
        await until(lambda: manager.active == set())
        await until(lambda: len(logs) == 2)
        assert logs[1]["event"] == "alerts are taken again"


@pytest.mark.parametrize(
    ("url", "pause", "reason"),
    [
        ("http://u:swordfish@127.0.0.1:1", 0.0, "connection to 127.0.0.1:1 refused"),
        ("https://u:swordfish@{manager}", 0.0, "TLS"),
        ("http://u:swordfish@{manager}", 5.0, "no answer within 500ms"),
    ],
    ids=["nobody there", "no TLS", "too late"],
)
async def test_an_outage_is_logged_once_and_counted(
    url: str, pause: float, reason: str, manager: Manager, resources: Resources
) -> None:
    manager.pause = pause
    host = manager.url.removeprefix("http://")
    told = Told(url.format(manager=host), resources)
    async with told.running() as logs:
        told.fire(alert())
        await until(lambda: told.instance.delivered.failures >= 3)
    (log,) = logs
    assert log["event"] == "alerts are not taken"
    assert reason in log["reason"]
    assert "swordfish" not in told.instance.delivered.alertmanager


async def test_tries_grow_apart(manager: Manager, resources: Resources) -> None:
    manager.status = 503
    told = Told(manager.url, resources, repeat="1m", expire="5m")
    async with told.running():
        told.fire(alert())
        await until(lambda: told.instance.delivered.failures >= 2)
        for _ in range(50):
            told.instance.changed()  # which is no reason to ask sooner
            await asyncio.sleep(0.002)
        assert len(manager.asked) < 20
        manager.status = 200
        await until(lambda: manager.posts, 10)


async def test_many_are_sent_in_parts(manager: Manager, resources: Resources) -> None:
    told = Told(manager.url, resources, repeat="1m")
    async with told.running():
        told.fire(*(alert(f"oven-{n}") for n in range(AT_ONCE + 1)))
        await until(lambda: len(manager.posts) == 2)
    assert [len(post) for post in manager.posts] == [AT_ONCE, 1]


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"username": "baker", "password": "swordfish"}, "Basic YmFrZXI6c3dvcmRmaXNo"),
        ({"token": "swordfish"}, "Bearer swordfish"),
    ],
    ids=["basic", "bearer"],
)
async def test_credentials_are_sent(
    auth: dict[str, str], header: str, manager: Manager, resources: Resources
) -> None:
    told = Told(manager.url, resources, auth=auth)
    async with told.running():
        told.fire(alert())
        await until(lambda: manager.posts)
    assert manager.asked[0].headers["Authorization"] == header
