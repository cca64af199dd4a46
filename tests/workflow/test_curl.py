import asyncio
import os
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evidenced import __version__
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.probes import exchange
from evidenced.watch.plan import Check
from evidenced.workflow.curl import MOST_REDIRECTS, curl

MakeCheck = Callable[..., Check]
ROOT = Path(__file__).parents[2] / ".parts/root"
PLANTED = "swordfish-1f0c"
URL = "https://bakery.example/ovens"


def words(check: Check) -> list[str]:
    line = curl(check)
    assert line is not None
    return shlex.split(line)


def test_the_plain_request(make_check: MakeCheck) -> None:
    assert words(make_check()) == [
        *("curl", "--silent", "--show-error", "--include", "--max-time", "10"),
        *("--location", "--max-redirs", "10", "--user-agent", f"evidenced/{__version__}"),
        *("--compressed", "--noproxy", "*", URL),
    ]


@pytest.mark.parametrize(
    ("settings", "there", "absent"),
    [
        ({"method": "HEAD"}, ["--head"], "--request"),
        ({"method": "DELETE"}, ["--request", "DELETE"], "--head"),
        ({"method": "POST", "body": "x"}, ["--data-binary", "<body>"], "--request"),
        ({"body": "x"}, ["--request", "GET"], "--head"),
        ({"follow_redirects": False}, [URL], "--location"),
        ({"follow_redirects": 3}, ["--location", "--max-redirs", "3"], "--head"),
        ({"expect": {"location": "/in"}}, [URL], "--location"),
        ({"expect": {"status": 307}}, [URL], "--location"),
        ({"expect": {"status": [200, "3xx"]}}, [URL], "--location"),
        ({"headers": {"Accept": "text/html"}}, ["--header", "Accept: text/html"], "--user"),
        ({"headers": {"User-Agent": "x"}}, ["--header", "User-Agent: <secret>"], "--user-agent"),
        ({"headers": {"Accept-Encoding": "br"}}, ["Accept-Encoding: br"], "--compressed"),
        ({"expect": {"compression": "gzip"}}, ["Accept-Encoding: gzip"], "--compressed"),
        ({"tls": {"verify": False}}, ["--insecure"], "--cacert"),
        ({"url": "http://h.example/", "tls": {"verify": False}}, ["http://h.example/"], "-k"),
        ({"tls": {"min_version": "1.3"}}, ["--tlsv1.3"], "--insecure"),
        (
            {"tls": {"server_name": "www.bakery.example"}},
            [
                *("--connect-to", "www.bakery.example:443:bakery.example:443"),
                *("--header", "Host: bakery.example", "https://www.bakery.example:443/ovens"),
            ],
            "--insecure",
        ),
        ({"ip": 6}, ["--ipv6"], "--ipv4"),
        ({"proxy": "http://p.example:3128"}, ["--proxy", "http://p.example:3128"], "--noproxy"),
        ({"url": "https://h.example/a{1}"}, ["--globoff"], "--path-as-is"),
        ({"url": "https://h.example/a/../b"}, ["--path-as-is"], "--globoff"),
        ({"url": "https://h.example/a#part"}, ["https://h.example/a"], "--globoff"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_setting_adds(
    make_check: MakeCheck, settings: dict[str, Any], there: list[str], absent: str
) -> None:
    found = words(make_check(**settings))
    assert [word for word in found if word in there] == there
    assert absent not in found


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"headers": {"X-Key": PLANTED, "Cookie": f"s={PLANTED}"}}, "Cookie: <secret>"),
        ({"headers": {"Authorization": PLANTED}}, "Authorization: <secret>"),
        ({"auth": {"username": PLANTED, "password": PLANTED}}, "<secret>:<secret>"),
        ({"auth": {"token": PLANTED}}, "Authorization: Bearer <secret>"),
        ({"url": f"https://u:{PLANTED}@h.example/?k={PLANTED}&l=1#{PLANTED}"}, "k=<secret>&l="),
        ({"query": {"k": PLANTED}}, "?k=<secret>"),
        ({"method": "POST", "body": PLANTED}, "<body>"),
        ({"proxy": f"http://u:{PLANTED}@p.example:1"}, "--proxy-user '<secret>:<secret>'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_no_secret_is_in_it(make_check: MakeCheck, settings: dict[str, Any], shown: str) -> None:
    line = curl(make_check(**settings))
    assert line is not None
    assert PLANTED not in line
    assert shown in line


def test_what_one_request_does_not_repeat_has_no_line(make_check: MakeCheck) -> None:
    tcp = replace(make_check(), kind="tcp", settings=TcpSettings(address="127.0.0.1:9"))
    assert curl(tcp) is None
    steps = [{"name": "in", "url": "/in"}, {"name": "out", "url": "/out"}]
    check = make_check()
    walked = type(check.settings).model_validate({"steps": steps})
    assert curl(replace(check, settings=walked)) is None


async def test_the_real_curl_asks_the_same(make_check: MakeCheck, tmp_path: Path) -> None:
    heard: list[tuple[str, str, str, dict[str, str]]] = []

    async def answer(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        heard.append((request.method, request.raw_path, body, dict(request.headers)))
        return web.Response(text="it's here")

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        order = tmp_path / "an order's body"
        order.write_text("flour & water")
        check = make_check(
            url=f"http://127.0.0.1:{runner.addresses[0][1]}/it's/$HOME/a{{1}}/../b?wsdl",
            method="PUT",
            headers={"Accept": 'text/html;q="`id`"'},
            body_file=str(order),
        )
        line = curl(check)
        assert line is not None
        libraries = [*ROOT.glob("usr/lib/*-linux-gnu"), *ROOT.glob("lib/*-linux-gnu")]
        process = await asyncio.create_subprocess_shell(
            line,
            stdout=asyncio.subprocess.PIPE,
            env={
                "PATH": f"{ROOT / 'usr/bin'}:/usr/bin:/bin",
                "HOME": os.fspath(tmp_path),
                "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
            },
        )
        async with asyncio.timeout(30):
            out, _ = await process.communicate()
    finally:
        await runner.cleanup()
    assert process.returncode == 0
    assert out.endswith(b"it's here")
    method, path, body, headers = heard[0]
    assert (method, path) == ("PUT", "/it's/$HOME/a{1}/../b?wsdl")
    assert body == "flour & water"
    assert headers["Accept"] == 'text/html;q="`id`"'
    assert headers["User-Agent"] == f"evidenced/{__version__}"
    assert "Content-Type" not in headers


def test_as_many_redirects_are_followed_as_the_probe_follows() -> None:
    assert MOST_REDIRECTS == exchange._MOST_REDIRECTS
