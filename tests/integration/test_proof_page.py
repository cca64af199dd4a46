"""The address that alerts link to, of a real daemon."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import yaml

from evidenced.app.life import running

WaitFor = Callable[..., Awaitable[float]]


async def test_it_has_the_proof_of_what_fell(tmp_path: Path, wait_for: WaitFor) -> None:
    (tmp_path / "STATE.md").write_text("# State\n\n## STABLE\n\n- **Oven**: bakes at 230 degrees\n")
    check = {"name": "oven", "claims": ["oven"], "file": {"path": str(tmp_path / "oven")}}
    config = tmp_path / "evidenced.yaml"
    settings = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md"},
        "defaults": {"interval": "1s", "timeout": "500ms", "confirm": {"failures": 1}},
        "checks": [check],
    }
    config.write_text(yaml.safe_dump(settings))
    async with running(config) as daemon, aiohttp.ClientSession() as session:
        page = "http://{}:{}/claims/oven".format(*daemon.address)

        async def fell() -> bool:
            async with session.get(page) as response:
                assert response.status == 200
                assert response.content_type == "text/plain"
                return "unverified → contradicted" in await response.text()

        await wait_for(fell, 30)
        async with session.get(page, headers={"Accept": "application/json"}) as response:
            pack = await response.json()
        assert pack["claim"]["title"] == "Oven"
        assert [one["standing"] for one in pack["contradictions"]] == ["contradicted"]
        async with session.get(f"{page}-2") as response:
            assert response.status == 404
            assert response.content_type == "application/problem+json"
