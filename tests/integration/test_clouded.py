"""A daemon that cannot see, or sees only what follows from something else, accuses nobody."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from evidenced.probes.attempt import Outcome

WaitFor = Callable[..., Any]


def standings(daemon: Daemon) -> set[str]:
    live = [claim for claim in daemon.board.claims.values() if claim.checks]
    return {claim.standing.value for claim in live}


def stood(daemon: Daemon, *wanted: str) -> Callable[[], Any]:
    async def condition() -> bool:
        return standings(daemon) == set(wanted)

    return condition


async def test_without_a_view_nothing_is_contradicted(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    serve: Callable[[web.Application], Any],
    wait_for: WaitFor,
) -> None:
    site, _ = shop
    async with AsyncExitStack() as network:
        gateway = web.Application()
        gateway.router.add_get("/", _answer)
        url = await network.enter_async_context(serve(gateway))
        path = configured(vantage={"checks": ["gateway"]})
        config = yaml.safe_load(path.read_text("utf-8"))
        # The sentinel beats slowly: that it looks in time is because a failure asks it to.
        config["checks"].append({"name": "gateway", "interval": "30s", "http": {"url": url}})
        path.write_text(yaml.safe_dump(config), "utf-8")
        async with running(path) as daemon:
            await wait_for(stood(daemon, "verified"), 30)

            await network.aclose()
            site.broken.update(dict.fromkeys(("/cart", "/teas", "/api/health"), "500"))
            await wait_for(stood(daemon, "unknown"), 30)
            assert not daemon.board.view.up
            failures = daemon.board.checks["cart"].runs[Outcome.FAILURE]

            async def failed_on() -> bool:
                return daemon.board.checks["cart"].runs[Outcome.FAILURE] >= failures + 3

            await wait_for(failed_on, 30)
            assert standings(daemon) == {"unknown"}


async def _answer(request: web.Request) -> web.Response:
    return web.Response(text="here")


async def test_what_depends_on_a_failing_check_is_unknown(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    site, _ = shop
    path = configured()
    config = yaml.safe_load(path.read_text("utf-8"))
    for check in config["checks"]:
        if check["name"] == "catalogue-api":
            check["depends_on"] = "health"
    path.write_text(yaml.safe_dump(config), "utf-8")
    async with running(path) as daemon:
        await wait_for(stood(daemon, "verified"), 30)
        site.broken.update({"/api/health": "500", "/api/v1/teas": "500"})

        async def fallen() -> bool:
            return daemon.board.claims["health"].standing == "contradicted"

        await wait_for(fallen, 30)
        catalogue = daemon.board.claims["catalogue-api"]
        assert (catalogue.standing, catalogue.blind) == ("unknown", "dependency")
        del site.broken["/api/health"]

        async def its_own_fault() -> bool:
            return daemon.board.claims["catalogue-api"].standing == "contradicted"

        await wait_for(its_own_fault, 30)
        assert daemon.board.claims["health"].standing == "verified"
