"""However a secret looks and wherever it is configured, nothing that leaves the daemon has it.

Each place of a configuration that may hold a secret has one of its own, with a mark in it that no
way of writing it changes. All other ends repeat what they were told.
"""

import asyncio
import base64
import io
import re
import secrets
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import structlog
import yaml
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.app.logs import adopt_logging, configure_logs
from evidenced.cli.commands import app
from integration.hostile_site import hostile

FEW = settings(
    max_examples=2,
    # Each example has dozens of secrets, and a whole life of a daemon: none is tried again smaller.
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MARK = "swf0c"
NASTY = [
    "%",
    "%41",
    "\\",
    ".*",
    "(?",
    "[",
    "$&",
    "\\1",
    "&",
    "=",
    "+",
    '"',
    "'",
    "<",
    ">",
    ";",
    "/",
]
ASCII = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=24)
ANY = st.text(st.characters(min_codepoint=0x21, exclude_categories=["C", "Z"]), max_size=24)
LOOKS = st.tuples(ASCII, ANY, st.sampled_from(NASTY), st.sampled_from(["", "ü", "𝄞", "ключ"]))
"""How a secret looks: what is in one for a header, in any other, and what is about it."""

Looks = tuple[str, str, str, str]


class Planted:
    """Secrets that were given out, each with its own mark."""

    def __init__(self, folder: Path, looks: list[Looks]) -> None:
        self._folder = folder
        self._looks = cycle(looks)
        self.marks: dict[str, str] = {}
        self.encoded: set[str] = set()

    def any(self, place: str) -> str:
        """A secret of any characters that can be seen."""
        _, text, before, after = next(self._looks)
        return self._made(place, text, before, after)

    def plain(self, place: str) -> str:
        """A secret for a header."""
        text, _, before, _ = next(self._looks)
        return self._made(place, text, before, before)

    def file(self, place: str) -> str:
        """The path of a file with a secret for a header."""
        path = self._folder / f"secret-{len(self.marks)}"
        path.write_text(self.plain(place) + "\n", "utf-8")
        return str(path)

    def _made(self, place: str, text: str, before: str, after: str) -> str:
        # Letters alone: what is mixed would be taken for a secret by its looks.
        mark = MARK[:3] + "".join(secrets.choice("ghjklmnpqrstvwxz") for _ in range(9))
        self.marks[mark] = place
        made = f"{before}{text[:12]}{mark}{text[12:]}{after}"
        for head in ("", "u:"):
            encoded = base64.b64encode(f"{head}{made}".encode()).decode()
            self.encoded.add(encoded.rstrip("=")[:-2])
        return made

    def found(self, text: str) -> set[str]:
        """The secrets that stand in a text, each with its place and what is about it."""
        marks = self.marks | dict.fromkeys(self.encoded, "base64")
        return {
            f"{place}: {text[max(at - 150, 0) : at + 40]!r}"
            for mark, place in marks.items()
            if (at := text.find(mark)) >= 0
        }


def written(value: Any) -> Any:  # noqa: ANN401  plain data
    """The value as it stands in a configuration, in which a variable could be meant."""
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [written(inner) for inner in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


def http_checks(site: str, planted: Planted) -> dict[str, dict[str, Any]]:
    """Secrets in each part of a request, with each shape of an answer."""
    host = site.removeprefix("http://")
    user = quote(planted.any("userinfo"), safe="")
    made: dict[str, dict[str, Any]] = {
        "userinfo": {"url": f"http://u:{user}@{host}/text/503"},
        "proxied": {
            "url": f"{site}/text/503",
            "proxy": f"http://u:{quote(planted.plain('proxy'), safe='')}@{host}",
        },
    }
    expects: dict[str, dict[str, Any]] = {
        "text": {"status": 503, "body": {"contains": "nowhere to be found"}},
        "json": {"status": 503, "json": {"$.said": "ok"}},
        "html": {"status": 503, "html": {".said": {"max": 0}}},
        "moved": {"status": 503, "location": "/elsewhere"},
        "said": {"status": 503, "header": {"X-Echo": "ok"}},
    }
    for shape, expect in expects.items():
        query = quote(planted.any(f"url query, {shape}"), safe="")
        made |= {
            f"{shape}-url": {"url": f"{site}/{shape}/503?q={query}"},
            f"{shape}-query": {"query": {"b": planted.any(f"query, {shape}")}},
            f"{shape}-headers": {
                "headers": {
                    "X-A": planted.plain(f"header, {shape}"),
                    "X-B": {"file": planted.file(f"header file, {shape}")},
                    "Cookie": f"sid={planted.plain(f'cookie, {shape}')}",
                }
            },
            f"{shape}-basic": {
                "auth": {"username": "u", "password": planted.any(f"password, {shape}")}
            },
            f"{shape}-token": {"auth": {"token_file": planted.file(f"token, {shape}")}},
            f"{shape}-body": {"method": "POST", "body": planted.any(f"body, {shape}")},
        }
        for name in list(made):
            if name.startswith(f"{shape}-"):
                made[name] = {"url": f"{site}/{shape}/503", "expect": expect} | made[name]
    return made


def other_checks(site: str, planted: Planted) -> list[dict[str, Any]]:
    host, nobody = site.removeprefix("http://"), "127.0.0.1:9"
    listed = quote(planted.any("discovery query"), safe="")
    basic = {"username": "u", "password": planted.any("prometheus auth")}
    return [
        {
            "name": "prometheus",
            "prometheus": {
                "server": f"{site}/json/400",
                "query": "up",
                "headers": {"X-Scope": planted.plain("prometheus header")},
                "auth": basic,
                "expect": {"value": 1},
            },
        },
        {
            "name": "forge",
            "forge": {
                "forge": "gitea",
                "base_url": f"{site}/json/200",
                "repository": "shop/ops",
                "pull_request": 1,
                "token": planted.plain("forge token"),
            },
        },
        {
            "name": "sql",
            "sql": {
                "url": f"postgresql://u:{quote(planted.any('sql url'), safe='')}@{nobody}/orders",
                "query": "select 1",
                "expect": {"value": 1},
            },
        },
        {
            "name": "socket",
            "websocket": {
                "url": f"ws://{host}/talk?q={quote(planted.any('websocket query'), safe='')}",
                "headers": {"X-A": planted.plain("websocket header")},
                "dialogue": [{"expect": "^nothing of the kind$"}],
            },
        },
        {
            "name": "pushed",
            "push": {"every": "1d", "token": planted.plain("push token of a check")},
        },
        {
            "name": "found",
            "discovery": {
                "http": [
                    {
                        "url": f"{site}/json/503?q={listed}",
                        "headers": {"X-A": planted.plain("discovery header")},
                        "auth": {"token": planted.plain("discovery token")},
                        "refresh": "1s",
                    }
                ]
            },
            "http": {},
        },
    ]


def configured(folder: Path, site: str, store: str, planted: Planted, web_token: str) -> Path:
    """A configuration with a secret in each place, and a claim for each check."""
    https = http_checks(site, planted)
    checks = [{"name": name, "claims": [name], "http": http} for name, http in https.items()]
    others = [{"claims": [one["name"]], **one} for one in other_checks(site, planted)]
    items = "".join(f"- **{one['name']}**: it works\n" for one in [*checks, *others])
    (folder / "STATE.md").write_text(f"# State\n\n## STABLE\n\n{items}", "utf-8")
    data = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md", "repository": "."},
        "defaults": {
            "interval": "2s",
            "timeout": "1s",
            "retry": {"attempts": 1},
            "confirm": {"failures": 1},
        },
        "tokens": {"admin": planted.plain("admin token"), "push": planted.plain("push token")},
        "web": {
            "bearer_tokens": {"reader": web_token, "other": f"long-{planted.plain('web token')}"}
        },
        "heartbeat": {
            "url": f"{site}/json/503/{quote(planted.any('heartbeat url'), safe='')}",
            "every": "1s",
        },
        "alertmanager": {
            "urls": f"{site}/json/503",
            "auth": {"username": "u", "password": planted.any("alertmanager password")},
        },
        "tracker": {
            "forge": "gitea",
            "base_url": f"{site}/json/422",
            "repository": "shop/ops",
            "token": planted.plain("tracker token"),
            "settle": "0s",
        },
        "store": {"url": store.format(quote(planted.any("store url"), safe=""))},
        "report": {"path": "FACTS.md", "schedule": "0 7 * * *"},
        "checks": [*checks, *others],
    }
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(written(data), allow_unicode=True), "utf-8")
    return path


async def pages(daemon: Daemon, token: str) -> Mapping[str, str]:
    """All that the daemon answers, by path."""
    paths = {
        resource.canonical
        for resource in daemon.site().application().router.resources()
        if any(route.method == "GET" for route in resource)
    }
    names = [*daemon.board.claims]
    asked = {
        re.sub(r"\{[^}]*\}", quote(name), path)
        for path in paths
        for name in (names if "{" in path else names[:1])
    }
    asked = {path for path in asked if "events" not in path and "stream" not in path}
    asked |= {f"/api/v1/gate?topic={quote(names[0])}", "/api/v1/claims?limit=1000"}
    found = {}
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in sorted(asked):
            url = f"http://127.0.0.1:{daemon.address[1]}{path}"
            async with session.get(url, timeout=aiohttp.ClientTimeout(10)) as response:
                found[path] = f"{response.status} {response.headers} {await response.text()}"
    return found


async def all_happened(daemon: Daemon) -> None:
    """Wait until each check was run and all other ends have answered."""
    async with asyncio.timeout(40):
        while not (
            all(one.last for name, one in daemon.board.checks.items() if name != "pushed")
            and daemon._heartbeat.sent.failures
            # Without a store it waits, for it may know of an issue.
            and (daemon._tracking.filed.failures or not daemon.keeper.restored)
            and any(not one.good for one in daemon.board.lists)
        ):
            await asyncio.sleep(0.05)
        await daemon.keeper.settled()
        daemon._reporting._quiet = 0.1
        daemon._reporting.changed()
        while daemon._reporting.written == 0:
            await asyncio.sleep(0.05)


async def lived(config: Path, token: str) -> Mapping[str, str]:
    """What the daemon of a configuration says in a short life."""
    log = io.StringIO()
    configure_logs(log, level="debug", environ={})
    adopt_logging()
    async with running(config) as daemon:
        await all_happened(daemon)
        said = dict(await pages(daemon, token))
        said["board"] = repr([one.last for one in daemon.board.checks.values()])
    return said | {"log": log.getvalue()}


def commands(config: Path) -> Mapping[str, str]:
    """What commands on the store and on the configuration print."""
    said = {}
    for command in (
        ["proof", "text-basic"],
        ["proof", "json-token", "--json"],
        ["evidence", "list"],
        ["status"],
        ["status", "--json"],
        ["gate", "text-basic"],
        ["plan", "--json"],
        ["validate"],
        ["check", "--json", "text-headers", "json-url", "prometheus", "sql", "socket"],
        ["check", "--verbose", "text-basic", "json-token", "moved-url", "proxied"],
        ["report", "--stdout"],
        ["rules"],
    ):
        ran: Any = CliRunner().invoke(app, [*command, "-c", str(config)])
        assert not ran.exception or isinstance(ran.exception, SystemExit), command
        said[" ".join(command)] = ran.stdout + ran.stderr
    return said


@pytest.mark.parametrize(
    "store",
    ["sqlite:///evidence.db", "postgresql+asyncpg://u:{}@127.0.0.1:9/evidence"],
    ids=["sqlite", "postgresql"],
)
@FEW
@given(looks=st.lists(LOOKS, min_size=12, max_size=40))
def test_no_secret_leaves(
    tmp_path_factory: pytest.TempPathFactory, store: str, looks: list[Looks]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    planted = Planted(folder, looks)

    async def live() -> Mapping[str, str]:
        async with TestServer(hostile()) as server:
            site = str(server.make_url("")).rstrip("/")
            token = f"long-{planted.plain('web token of the reader')}"
            config = configured(folder, site, store, planted, token)
            said = dict(await lived(config, token))
            return {**said, **await asyncio.to_thread(commands, config)}

    try:
        said = dict(asyncio.run(live()))
    finally:
        structlog.reset_defaults()
    for file in folder.iterdir():
        if not file.name.startswith(("secret-", "evidenced.yaml")) and file.is_file():
            said[file.name] = file.read_bytes().decode("utf-8", "replace")
    assert len(said) > 100
    leaked = [f"{where}: {one}" for where, text in said.items() for one in planted.found(text)]
    assert leaked == [], "\n".join(leaked)
