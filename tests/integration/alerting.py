"""Debian's Alertmanager as a process, and the webhook at which its notifications arrive."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from integration.conftest import ROOT, eventually, serving
from ports import free_port

PARTS = ROOT / ".parts/root/usr"
ALERTMANAGER = PARTS / "bin/prometheus-alertmanager"
TEMPLATES = Path("/usr/share/prometheus/alertmanager/default.tmpl")
"""What Debian's Alertmanager reads at its start, at this very place, whatever its configuration."""
SHIPPED = ROOT / "config" / "alertmanager"
READY = 30.0
"""Seconds in which Alertmanager must answer."""


def shipped() -> dict[str, Any]:
    """The configuration that comes with the project, with its templates where they are."""
    config: dict[str, Any] = yaml.safe_load((SHIPPED / "alertmanager.yml").read_text("utf-8"))
    return config | {"templates": [str(SHIPPED / name) for name in config["templates"]]}


def hurried(config: dict[str, Any]) -> dict[str, Any]:
    """The same configuration, but it waits a second at most: what is new waits longer than
    what joins a group, so that it is notified after all that came before it."""

    def route(old: Mapping[str, Any]) -> dict[str, Any]:
        new = {**old, "routes": [route(inner) for inner in old.get("routes", ())]}
        quick = {"group_wait": "1s", "group_interval": "500ms"}
        return new | {key: value for key, value in quick.items() if key in old}

    return config | {"route": route(config["route"])}


def caught(config: dict[str, Any], url: str) -> dict[str, Any]:
    """The same configuration, but each receiver is a webhook at its own name under the address."""
    receivers = [
        {
            "name": one["name"],
            "webhook_configs": [{"url": f"{url}/{one['name']}", "send_resolved": True}],
        }
        for one in config["receivers"]
    ]
    return config | {"receivers": receivers}


@dataclass(frozen=True, slots=True)
class Notification:
    """One POST of Alertmanager: to where, what it says, and with which Authorization."""

    path: str
    body: Mapping[str, Any]
    authorization: str = ""

    @property
    def group(self) -> str:
        """What makes of several notifications one page."""
        return str(self.body["groupKey"])

    @property
    def status(self) -> str:
        """firing, or resolved when nothing of the group fires any more."""
        return str(self.body["status"])

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return list(self.body["alerts"])

    def named(self) -> list[tuple[str, str, str]]:
        """Of each alert its status, its name, and the claim that it is about (or ""), in order."""
        return sorted(
            (alert["status"], alert["labels"]["alertname"], alert["labels"].get("claim", ""))
            for alert in self.alerts
        )


@dataclass(slots=True)
class Inbox:
    """A webhook that keeps what it gets, in the order in which it came."""

    url: str = ""
    notifications: list[Notification] = field(default_factory=list)

    def to(self, receiver: str) -> list[Notification]:
        """What came to this receiver, e.g. "evidenced-pages"."""
        return [one for one in self.notifications if one.path == f"/{receiver}"]

    async def _receive(self, request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization", "")
        self.notifications.append(Notification(request.path, await request.json(), authorization))
        return web.Response()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["Inbox"]:
        """Listen on loopback while the block lasts; every path is a receiver of its own."""
        inbox = cls()
        application = web.Application()
        application.router.add_post("/{receiver:.*}", inbox._receive)
        async with serving(application) as url:
            inbox.url = url
            yield inbox


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """A running Alertmanager, by its v2 API."""

    url: str
    session: aiohttp.ClientSession

    async def alerts(self) -> list[dict[str, Any]]:
        """All alerts that it knows, with their `status.state` (active, suppressed, unprocessed)."""
        async with self.session.get(f"{self.url}/api/v2/alerts") as response:
            assert response.status == 200, await response.text()
            found: list[dict[str, Any]] = await response.json()
            return found

    async def post(self, *alerts: Mapping[str, Any]) -> None:
        """Send alerts as a client does: `labels`, and where wanted annotations and times."""
        async with self.session.post(f"{self.url}/api/v2/alerts", json=list(alerts)) as response:
            assert response.status == 200, await response.text()


def _command(*options: str) -> list[str]:
    """How to run Alertmanager: where it is not installed, it alone sees the parts' /usr/share."""
    program = [str(ALERTMANAGER), *options]
    if TEMPLATES.is_file():
        return program
    apart = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    script = f'mount --bind "{PARTS}/share" /usr/share && exec "$@"'
    return [*apart, "sh", "-c", script, "sh", *program]


@asynccontextmanager
async def alertmanager(
    config: Mapping[str, Any], folder: Path, port: int | None = None
) -> AsyncIterator[Alertmanager]:
    """Run Alertmanager with this configuration while the block lasts; it keeps all in `folder`.

    A port is for one that comes back after it was gone; None takes a free one.
    """
    assert ALERTMANAGER.is_file(), f"{ALERTMANAGER} is missing: `make test` fetches it"
    path, log = folder / "alertmanager.yml", folder / "alertmanager.log"
    path.write_text(json.dumps(config), "utf-8")
    listen = f"127.0.0.1:{port or free_port()}"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *_command(
                f"--config.file={path}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address={listen}",
                "--cluster.listen-address=",
            ),
            stdout=output,
            stderr=output,
        )
    try:
        async with aiohttp.ClientSession() as session:

            async def ready() -> bool:
                assert process.returncode is None, log.read_text("utf-8")
                try:
                    async with session.get(f"http://{listen}/-/ready") as response:
                        return response.status == 200
                except aiohttp.ClientError:
                    return False

            await eventually(ready, READY)
            yield Alertmanager(f"http://{listen}", session)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
