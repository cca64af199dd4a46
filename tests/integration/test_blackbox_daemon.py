"""A daemon with a blackbox.yml: what it may look at, and what becomes of a file that turns bad."""

import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from integration.conftest import ROOT

Configured = Callable[..., Path]
WaitFor = Callable[..., Awaitable[float]]

GOOD = "modules:\n  http_2xx: {prober: http}\n"


async def ask(daemon: Daemon, query: str, path: str = "/probe") -> tuple[int, str]:
    host, port = daemon.address
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{host}:{port}{path}?{query}") as response,
    ):
        return response.status, await response.text()


async def test_configured_targets_may_be_looked_at_and_no_others(
    configured: Configured, shop: tuple[Shop, str]
) -> None:
    path = configured(blackbox="blackbox.yml")
    path.with_name("blackbox.yml").write_text(GOOD, "utf-8")
    async with running(path) as daemon:
        status, text = await ask(daemon, f"target={shop[1]}/login")
        assert (status, "probe_http_status_code 200" in text) == (200, True)
        host, port = daemon.address
        assert (await ask(daemon, f"target={host}:{port}/metrics"))[0] == 403


async def test_without_a_file_there_is_no_module(configured: Configured) -> None:
    async with running(configured()) as daemon:
        assert await ask(daemon, "target=x") == (400, 'Unknown module "http_2xx"\n')


async def test_the_last_good_modules_stay_in_force(
    configured: Configured, shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    path = configured()
    modules = path.with_name("modules.yml")
    modules.write_text(GOOD, "utf-8")
    query = f"target={shop[1]}/login"
    async with running(path, modules) as daemon:
        modules.write_text("modules: {http_2xx: {prober: ftp}}", "utf-8")
        problems = await daemon.in_force.reload()
        assert problems == (
            f"{modules}:1: modules.http_2xx.prober: found 'ftp', did you mean 'tcp'?",
        )
        assert (await ask(daemon, query))[0] == 200
        metrics = (await ask(daemon, "", "/metrics"))[1]
        assert "evidenced_config_last_reload_successful 0.0" in metrics
        modules.write_text("modules: {tcp: {prober: tcp}}", "utf-8")

        async def changed() -> bool:
            return (await ask(daemon, query))[0] == 400

        await wait_for(changed, 30)
        assert (await ask(daemon, "", "/metrics"))[1].count("last_reload_successful 1.0") == 1


def test_a_bad_file_is_said_at_the_start(configured: Configured, tmp_path: Path) -> None:
    path = configured(blackbox="blackbox.yml")
    bad = tmp_path / "blackbox.yml"
    bad.write_text("modules: {m: {prober: http, http: {methd: GET}}}", "utf-8")
    line = f"{bad}:1: modules.m.http.methd: unknown key, did you mean 'method'?"
    evidenced = ROOT / ".venv/bin/evidenced"
    for command in (["validate"], ["run"], ["run", "--blackbox", str(bad)]):
        done = subprocess.run(
            [evidenced, *command, "-c", path],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr.strip()) == (2, line)
