import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.repositories import Repository
from evidenced.probes.resources import Resources


class Manager:
    """An Alertmanager: what it was sent, what it says it has, and how it answers."""

    def __init__(self) -> None:
        self.posts: list[list[dict[str, Any]]] = []
        self.asked: list[web.Request] = []
        self.status = 200
        self.pause = 0.0
        self.has: object = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        await asyncio.sleep(self.pause)
        if request.method == "POST" and self.status == 200:
            self.posts.append(await request.json())
        has = self.sent if self.has is None else self.has
        return web.json_response(has, status=self.status, headers={"Location": "/elsewhere"})

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Each alert as it was sent last."""
        alerts = {str(alert["labels"]): alert for post in self.posts for alert in post}
        return list(alerts.values())

    @property
    def active(self) -> set[str]:
        """The claims of alerts that were not ended."""
        lasting = (alert["labels"] for alert in self.sent if ends(alert) > time.time() + 1)
        return {labels["claim"] for labels in lasting if "claim" in labels}


def ends(alert: dict[str, Any]) -> float:
    """When an alert that was sent ends, in Unix time."""
    return datetime.fromisoformat(alert["endsAt"]).timestamp()


@asynccontextmanager
async def open_manager() -> AsyncIterator[Manager]:
    """Listen on loopback while the block lasts."""
    manager = Manager()
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", manager.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    manager.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield manager
    finally:
        await runner.cleanup()


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    async with open_manager() as manager:
        yield manager


@pytest.fixture
def another_manager() -> Callable[[], AbstractAsyncContextManager[Manager]]:
    """One more of them, while a block lasts."""
    return open_manager


@pytest.fixture
async def resources() -> AsyncIterator[Resources]:
    async with Resources() as resources:
        yield resources


@pytest.fixture
def someone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who commits; nothing of how git is configured here counts."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A Baker")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "baker@bakery.example")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repository(tmp_path: Path, someone: None) -> Repository:
    """A repository with one commit."""
    return Repository(tmp_path / "bakery")


@pytest.fixture
def remote(repository: Repository, tmp_path: Path) -> Path:
    """A bare repository to push to, that has what there is."""
    path = tmp_path / "remote.git"
    repository.git("init", "-q", "--bare", "-b", "main", str(path))
    repository.git("remote", "add", "origin", str(path))
    repository.git("push", "-q", "origin", "main")
    return path
