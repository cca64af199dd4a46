"""`evidenced push` against a running daemon, once in a process of its own as cron runs it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from command_line import Ran, beside
from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.cli.push import facts
from evidenced.config.problem import ConfigError
from ports import free_port

PUSH = "EVIDENCED_PUSH_TOKEN"
SUITE = """<testsuites><testsuite tests="{0}" failures="{1}" assertions="{2}" time="1.5">{3}
</testsuite></testsuites>"""


async def push(*arguments: object, cwd: Path, **environment: str) -> Ran:
    return await beside("push", *arguments, cwd=cwd, **environment)


async def process(*arguments: object, cwd: Path) -> Ran:
    """Run it as cron does: a process of its own."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith("EVIDENCED_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "evidenced.cli", "push", *map(str, arguments)),
        cwd=cwd,
        env=outside,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return Ran(process.returncode or 0, out.decode(), err.decode())


def configuration(folder: Path, port: int = 0) -> Path:
    """A daemon with two checks that are pushed to, written into a folder."""
    (folder / "STATE.md").write_text("## CLOSED\n\n## STABLE\n\n- **Loaves**: rise\n", "utf-8")
    config = {
        "ledger": {"path": "STATE.md"},
        "listen": f"127.0.0.1:{port}",
        "tokens": {"push": "for all"},
        "checks": [
            {
                "name": "suite",
                "claims": ["loaves"],
                "interval": "1h",
                "push": {
                    "every": "1d",
                    "expect": {"tests": {"min": 19}, "assertions": {"min": 53}},
                },
            },
            {"name": "nightly-backup", "push": {"every": "1d", "token": "own"}},
        ],
    }
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


@asynccontextmanager
async def daemon_in(folder: Path) -> AsyncIterator[tuple[Daemon, str]]:
    async with running(configuration(folder, free_port())) as daemon:
        yield daemon, "http://{}:{}".format(*daemon.address)


async def seen(daemon: Daemon, name: str) -> Any:  # noqa: ANN401  the last observation
    async with asyncio.timeout(30):
        while (found := daemon.board.checks[name].last) is None:
            await asyncio.sleep(0.01)
    return found


async def test_reports_become_live_evidence(tmp_path: Path) -> None:
    for name, (tests, assertions) in {"a": (12, 30), "b": (7, 23)}.items():
        report = SUITE.format(tests, 0, assertions, "<testcase/>" * tests)
        (tmp_path / f"{name}.xml").write_text(report, "utf-8")
    async with daemon_in(tmp_path) as (daemon, _):
        ran = await process("suite", "--junit", "a.xml", "--junit", "b.xml", cwd=tmp_path)
        assert ran == Ran(0, "", "")
        observation = await seen(daemon, "suite")
        facts = observation.last.facts
        assert (facts["tests"], facts["assertions"], facts["duration_seconds"]) == (19, 53, 3.0)
        assert observation.result == "success"
        assert daemon.board.claims["loaves"].standing == "verified"


async def test_a_run_that_failed_is_told_as_it_is(tmp_path: Path) -> None:
    failing = "<testcase><failure/></testcase>" + "<testcase/>" * 18
    (tmp_path / "a.xml").write_text(SUITE.format(19, 1, 53, failing), "utf-8")
    async with daemon_in(tmp_path) as (daemon, _):
        assert (await push("suite", "--junit", "a.xml", cwd=tmp_path)).status == 0
        observation = await seen(daemon, "suite")
        assert observation.failure.detail == "expected failures to be exactly 0, found 1"


async def test_what_is_said_arrives(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("own\n", "utf-8")
    async with daemon_in(tmp_path) as (daemon, url):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        ran = await push(
            "nightly-backup", "--fail", "--message", "disk\nfull", "--duration", "12.5",
            "--fact", "rows=3", "--fact", "full=true", "--fact", "ratio=-0.5", "--fact", "host=a=b",
            "--url", url, "--token-file", tmp_path / "token",
            cwd=elsewhere,
        )  # fmt: skip
        assert ran == Ran(0, "", "")
        observation = await seen(daemon, "nightly-backup")
        assert observation.failure.detail.endswith("found not ok: disk full")
        (pushed,) = [push for _, push in daemon._resources.mailbox]
        assert (pushed.ok, pushed.duration) == (False, 12.5)
        assert pushed.facts == {"rows": 3, "full": True, "ratio": -0.5, "host": "a=b"}


async def test_the_environment_says_where_and_with_what(tmp_path: Path) -> None:
    async with daemon_in(tmp_path) as (daemon, url):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        environment = {"EVIDENCED_URL": f"{url}/", PUSH: "own"}
        assert (await push("nightly-backup", cwd=elsewhere, **environment)).status == 0
        assert (await seen(daemon, "nightly-backup")).result == "success"


@pytest.mark.parametrize(
    ("name", "token", "said"),
    [
        ("nightly-backup", "for all", "not delivered: 401 expected the token of this check"),
        ("nothing", "for all", "not delivered: 404 no check of kind push has this name"),
        ("suite", "ö", "not delivered: 401 expected the token of this check"),
    ],
)
async def test_a_refusal_is_told(name: str, token: str, said: str, tmp_path: Path) -> None:
    async with daemon_in(tmp_path) as (_, url):
        ran = await push(name, "--url", url, cwd=tmp_path, **{PUSH: token})
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith(said)
    assert len(ran.err.splitlines()) == 1


async def test_nobody_there(tmp_path: Path) -> None:
    port = free_port()
    config = configuration(tmp_path, port)
    ran = await push("suite", "-c", config, "--patience", "0.3", cwd=tmp_path)
    assert ran == Ran(1, "", f"not delivered: no answer from 127.0.0.1:{port}\n")


async def test_it_tries_again_until_somebody_is_there(tmp_path: Path) -> None:
    port = free_port()
    config = configuration(tmp_path, port)
    pushing = asyncio.create_task(push("suite", "-c", config, cwd=tmp_path))
    await asyncio.sleep(1.0)  # in which it finds nobody
    assert not pushing.done()
    async with running(config) as daemon:
        assert (await pushing).status == 0
        await seen(daemon, "suite")


async def test_it_tries_again_where_there_is_no_room(tmp_path: Path) -> None:
    statuses = [503, 429, 202]
    bodies: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.Response(status=statuses[len(bodies) - 1])

    application = web.Application()
    application.router.add_post("/below/api/v1/push/{name:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/below"
        assert (await push("a/b c", "--ok", "--url", url, cwd=tmp_path, **{PUSH: "x"})).status == 0
    finally:
        await runner.cleanup()
    assert bodies == [{"ok": True}] * 3


async def test_an_answer_of_something_else_is_no_delivery(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ran = await push("suite", "--url", url, "--patience", "0.2", cwd=tmp_path, **{PUSH: "x"})
    assert ran.status == 1
    assert ran.err.startswith("not delivered: no answer")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--junit gone.xml", "gone.xml: No such file or directory"),
        ("--junit bad.xml", "bad.xml: no XML: syntax error on line 1"),
        ("--junit .", ".: Is a directory"),
        ("--fact rows", "--fact: found 'rows', expected NAME=VALUE"),
        ("--fact =3", "--fact: found '=3', expected NAME=VALUE"),
        ("--token-file gone", "gone: No such file or directory"),
        ("--url shop", "--url: expected an address such as http://"),
        ("", "listen has port 0, so nobody knows where the daemon is"),
        ("-c gone.yaml", "gone.yaml: cannot be read: No such file"),
    ],
)
async def test_bad_input_is_one_line_and_exit_2(arguments: str, said: str, tmp_path: Path) -> None:
    configuration(tmp_path)
    (tmp_path / "bad.xml").write_text("PASS", "utf-8")
    ran = await push("suite", *arguments.split(), cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(said)
    assert len(ran.err.splitlines()) == 1


async def test_a_check_of_what_was_pushed_asks_the_file_of_the_daemon(tmp_path: Path) -> None:
    async with daemon_in(tmp_path) as (daemon, url):
        environment = {"EVIDENCED_URL": url, PUSH: "own"}
        await push("nightly-backup", cwd=tmp_path, **environment)
        await seen(daemon, "nightly-backup")
    ran = await beside("check", "--json", "nightly-backup", "suite", cwd=tmp_path)
    pushed, never = json.loads(ran.out)["checks"]
    assert ran.status == 1
    assert (pushed["result"], never["result"]) == ("success", "unknown")


async def test_without_a_token_there_is_nothing_to_try(tmp_path: Path) -> None:
    config = configuration(tmp_path, 1)
    read = yaml.safe_load(config.read_text("utf-8"))
    config.write_text(yaml.safe_dump(read | {"tokens": {}}), "utf-8")
    ran = await push("suite", cwd=tmp_path)
    assert ran.status == 2
    assert ran.err.startswith("no token for 'suite': give --token-file or $EVIDENCED_PUSH_TOKEN")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("-3", -3), ("+3", 3), ("0.5", 0.5), ("1e3", 1000.0), ("true", True),
        ("false", False), ("True", "True"), ("nan", "nan"), ("inf", "inf"), ("", ""), ("1h", "1h"),
        ("5\n", 5),
    ],
)  # fmt: skip
def test_facts_are_what_they_look_like(text: str, value: object) -> None:
    found = facts([f"a={text}"])["a"]
    assert (type(found), found) == (type(value), value)
    assert json.loads(json.dumps(found)) == value


def test_a_fact_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected NAME=VALUE"):
        facts(["=x"])
