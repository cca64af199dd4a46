"""The API of a real daemon is what its description says: no more, no less, and in every answer."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from evidenced.publish.api_operation import PREFIX
from evidenced.publish.api_operations import OPERATIONS
from evidenced.watch.verdict import Standing

WaitFor = Callable[..., Any]
WORD = "open sesame"
PUSHED = {"name": "backup", "claims": ["backup-restore-drill"], "push": {"every": "1d"}}
BROKEN = {
    "name": "broken/näme",
    "claims": ["cart"],
    "http": {"url": "/cart"},
    "confirm": {"failures": 1},
}
SETTINGS: dict[str, Any] = {
    "checks": [PUSHED, BROKEN],
    "tokens": {"admin": WORD, "push": WORD},
    "web": {"rate_limit": {"interval": "0"}},
}
DEADLINE = 120.0

REQUESTS: Mapping[str, tuple[str, object]] = MappingProxyType(
    {
        "listClaims": ("/claims?section=stable&limit=2", None),
        "getClaim": ("/claims/cart", None),
        "claimHistory": ("/claims/cart/history?limit=1", None),
        "listChecks": ("/checks?standing=contradicted", None),
        "getCheck": ("/checks/broken%2Fn%C3%A4me", None),
        "checkHistory": ("/checks/broken%2Fn%C3%A4me/history?period=1h", None),
        "listEvidence": ("/evidence", None),
        "getEvidence": ("/evidence/1", None),
        "askGate": ("/gate?topic=cart", None),
        "getStatus": ("/status", None),
        "beginMaintenance": (
            "/maintenance",
            {"subject": "health", "for": "30m", "why": "a new till"},
        ),
        "listMaintenance": ("/maintenance", None),
        "endMaintenance": ("/maintenance/health", None),
        "beginDrill": ("/drills", {"claim": "tea-list", "for": "5m", "who": "ann"}),
        "listDrills": ("/drills", None),
        "endDrill": ("/drills/tea-list?who=ann", None),
        "push": ("/push/backup", {"tests": 3}),
        "acceptLedger": ("/ledger/accept", None),
        "listTargets": ("/targets", None),
        "getDescription": ("/openapi.json", None),
    }
)
"""A request of each operation that must go well, in this order."""


def base(daemon: Daemon) -> str:
    return "http://{}:{}".format(*daemon.address)


@pytest.fixture
def failing(configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor) -> Any:  # noqa: ANN401  a context manager
    """A daemon of which one claim is contradicted."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Daemon]:
        shop[0].broken["/cart"] = "500"
        async with running(configured(**SETTINGS)) as daemon:

            async def looked() -> bool:
                claims = daemon.board.claims
                fell = claims["cart"].standing is Standing.CONTRADICTED
                return fell and claims["health"].standing is Standing.VERIFIED

            await wait_for(looked, 30)
            assert await daemon.keeper.settled()
            yield daemon

    return start


async def test_what_is_routed_is_what_is_described(configured: Callable[..., Path]) -> None:
    async with running(configured()) as daemon:
        routes = {
            (route.method, route.resource.canonical)
            for route in daemon.site().application().router.routes()
            if route.resource is not None and route.resource.canonical.startswith("/api")
        }
    described = {(one.method, PREFIX + one.path) for one in OPERATIONS}
    assert {(method, path) for method, path in routes if method != "HEAD"} == described
    assert {path for method, path in routes if method == "HEAD"} == {
        path for method, path in described if method == "GET"
    }


async def test_every_answer_is_as_described(failing: Any) -> None:  # noqa: ANN401  a context manager
    operations = {one.id: one for one in OPERATIONS}
    assert set(REQUESTS) == set(operations)
    token = {"Authorization": f"Bearer {WORD}"}
    async with failing() as daemon, aiohttp.ClientSession(headers=token) as session:
        async with session.get(f"{base(daemon)}{PREFIX}/openapi.json") as response:
            told = await response.json()
        for name, (path, body) in REQUESTS.items():
            one = operations[name]
            url = f"{base(daemon)}{PREFIX}{path}"
            async with session.request(one.method, url, json=body) as response:
                text = await response.text()
                assert response.status == one.status, f"{name}: {text}"
                if one.answer is None:
                    assert text == ""
                    continue
                found = await response.json()
            assert found, name
            node = told["paths"][PREFIX + one.path][one.method.lower()]["responses"]
            schema = node[str(one.status)]["content"]["application/json"]["schema"]
            Draft202012Validator({**schema, "components": told["components"]}).validate(found)


@pytest.mark.parametrize("token", [None, WORD], ids=["without a token", "with the token"])
async def test_whatever_is_asked_the_answer_is_as_described(
    token: str | None,
    failing: Any,  # noqa: ANN401  a context manager
    tmp_path: Path,
) -> None:
    """Schemathesis asks hundreds of odd things of the daemon, the same ones each time."""
    program = Path(sys.executable).parent / "schemathesis"
    async with failing() as daemon:
        process = await asyncio.create_subprocess_exec(
            program,
            "run",
            f"{base(daemon)}{PREFIX}/openapi.json",
            "--phases=coverage,fuzzing",
            "--generation-deterministic",
            "--max-examples=5",
            "--no-shrink",
            "--no-color",
            "--continue-on-failure",
            "--checks=all",
            # A cursor is only what the answer before gave, which no schema can say.
            "--exclude-checks=positive_data_acceptance",
            *(["--header", f"Authorization: Bearer {token}"] if token else []),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(DEADLINE):
                out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        said = out.decode()
        assert process.returncode == 0, said
        assert f"{len(OPERATIONS) - 1} selected" in said, said
        assert "Rate limited" not in said, said
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{base(daemon)}/-/healthy") as response,
        ):
            assert response.status == 200
