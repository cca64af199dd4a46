"""A site that answers with all that it was sent: none of it that is secret stays in a proof."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from aiohttp.pytest_plugin import AiohttpServer

from evidenced.app.life import running

WaitFor = Callable[..., Awaitable[float]]
PLANTED = "swordfish-1f0c"


async def echo(request: web.Request) -> web.Response:
    headers = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
    text = f"down\n{request.method} {request.url}\n{headers}\n{await request.text()}"
    return web.Response(status=503, text=text)


def checks(origin: str) -> dict[str, dict[str, Any]]:
    host = origin.removeprefix("http://")
    return {
        "userinfo": {"url": f"http://u:{PLANTED}@{host}/"},
        "query": {"url": f"{origin}/?key={PLANTED}"},
        "headers": {"url": origin, "headers": {"X-A": PLANTED, "Cookie": f"a={PLANTED}"}},
        "basic": {"url": origin, "auth": {"username": "u", "password": PLANTED}},
        "bearer": {"url": origin, "auth": {"token": PLANTED}},
        "body": {"url": origin, "method": "POST", "body": f"name=u&word={PLANTED}"},
    }


async def test_what_a_site_repeats_of_a_request_is_not_kept(
    aiohttp_server: AiohttpServer, tmp_path: Path, wait_for: WaitFor
) -> None:
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", echo)
    server = await aiohttp_server(site)
    asked = checks(str(server.make_url("/")).rstrip("/"))
    items = "".join(f"- **{name}**: it works\n" for name in asked)
    (tmp_path / "STATE.md").write_text(f"# State\n\n## STABLE\n\n{items}")
    config = tmp_path / "evidenced.yaml"
    settings = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md"},
        "defaults": {
            "interval": "1s",
            "timeout": "500ms",
            "retry": {"attempts": 1},
            "confirm": {"failures": 1},
        },
        "checks": [{"name": n, "claims": [n], "http": http} for n, http in asked.items()],
    }
    config.write_text(yaml.safe_dump(settings))
    async with running(config) as daemon:

        async def all_kept() -> bool:
            await daemon.keeper.settled()
            return {one.claim for one in await daemon.keeper.store.evidence()} == set(asked)

        await wait_for(all_kept, 30)
        kept = await daemon.keeper.store.evidence()
    for record in kept:
        exchange = record.proof["exchange"]
        assert "down" in str(exchange)
        assert PLANTED not in str(record)
    # What stays in the file may also be what was overwritten.
    assert all(PLANTED.encode() not in file.read_bytes() for file in tmp_path.glob("evidence.db*"))
