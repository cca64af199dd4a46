"""Maintenance by hand: over the API, by the command, and after a restart."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from command_line import Ran, beside
from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from evidenced.probes.attempt import Outcome

WaitFor = Callable[..., Any]
WORD = "open sesame"
BEGIN = {"subject": "cart", "for": "30m", "why": "a new till"}
TOKEN = {"tokens": {"admin": WORD}}


def base(daemon: Daemon) -> str:
    return "http://{}:{}".format(*daemon.address)


async def ask(
    daemon: Daemon, method: str, path: str = "", token: str | None = WORD, json_body: object = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{base(daemon)}/api/v1/maintenance{path}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, url, json=json_body) as response,
    ):
        text = await response.text()
        if response.status >= 400:
            assert response.content_type == "application/problem+json"
        return response.status, json.loads(text) if text else None


async def run(*arguments: str, cwd: Path, **environment: str) -> Ran:
    return await beside("maintenance", *arguments, cwd=cwd, **environment)


async def test_a_standing_is_left_as_it_is_until_the_end(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    async with running(configured(**TOKEN)) as daemon:

        async def verified() -> bool:
            return daemon.board.claims["cart"].standing == "verified"

        async def failed_often() -> bool:
            return daemon.board.checks["cart"].runs[Outcome.FAILURE] >= 3

        async def contradicted() -> bool:
            return daemon.board.claims["cart"].standing == "contradicted"

        await wait_for(verified, 30)
        status, begun = await ask(daemon, "POST", json_body=BEGIN)
        assert status == 201
        assert (begun["subject"], begun["why"], begun["by_hand"]) == ("cart", "a new till", True)
        left = datetime.fromisoformat(begun["until"]) - datetime.now(UTC)
        assert 29 * 60 < left.total_seconds() <= 30 * 60
        assert await ask(daemon, "GET", token=None) == (200, {"maintenance": [begun]})
        shop[0].broken["/cart"] = "500"
        await wait_for(failed_often, 30)
        assert await verified()
        assert await ask(daemon, "DELETE", "/cart") == (204, None)
        assert await ask(daemon, "GET") == (200, {"maintenance": []})
        await wait_for(contradicted, 30)


async def test_it_survives_a_restart_and_its_end_does_too(configured: Callable[..., Path]) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        _, begun = await ask(daemon, "POST", json_body=BEGIN)
        await ask(daemon, "POST", json_body=BEGIN | {"subject": "health"})
        await ask(daemon, "DELETE", "/health")
    async with running(config) as daemon:
        one = daemon.board.checks["cart"].maintenance
        assert one is not None
        assert one.why == "a new till"
        assert await ask(daemon, "GET") == (200, {"maintenance": [begun]})
        await ask(daemon, "DELETE", "/cart")
    async with running(config) as daemon:
        assert daemon.board.begun == ()


@pytest.mark.parametrize(
    ("status", "method", "path", "token", "body"),
    [
        pytest.param(401, "POST", "", None, BEGIN, id="no token"),
        pytest.param(401, "DELETE", "/cart", "wrong", None, id="a wrong token"),
        pytest.param(404, "POST", "", WORD, BEGIN | {"subject": "carte"}, id="unknown subject"),
        pytest.param(404, "DELETE", "/cart", WORD, None, id="nothing to end"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"for": "soon"}, id="no duration"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"for": "0"}, id="no time at all"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"why": " "}, id="no reason"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"why": "a\x1b[2Jb"}, id="control characters"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"who": "me"}, id="an unknown key"),
        pytest.param(422, "POST", "", WORD, [], id="no object"),
    ],
)
async def test_what_is_refused(
    status: int,
    method: str,
    path: str,
    token: str | None,
    body: object,
    configured: Callable[..., Path],
) -> None:
    async with running(configured(**TOKEN)) as daemon:
        found, problem = await ask(daemon, method, path, token, json_body=body)
        assert (found, problem["status"]) == (status, status)
        assert daemon.board.begun == ()


async def test_changes_are_off_without_a_token_and_the_list_is_not(
    configured: Callable[..., Path],
) -> None:
    window = {"claims": "cart", "cron": "* * * * *", "lasts": "1h", "why": "always"}
    async with running(configured(maintenance=[window])) as daemon:
        assert (await ask(daemon, "POST", json_body=BEGIN))[0] == 403
        assert (await ask(daemon, "DELETE", "/cart"))[0] == 403
        status, found = await ask(daemon, "GET", token=None)
        assert status == 200
        (one,) = found["maintenance"]
        assert (one["subject"], one["why"], one["by_hand"]) == ("cart", "always", False)


async def test_the_command(configured: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{WORD}\n", "utf-8")
    start = ("start", "cart", "--why", "a new till", "--for")
    async with running(configured(**TOKEN)) as daemon:
        told = {"EVIDENCED_URL": base(daemon), "EVIDENCED_ADMIN_TOKEN": WORD}
        url = ("--url", base(daemon))
        status, out, err = await run(*start, "30m", *url, "--token-file", "token", cwd=tmp_path)
        assert (status, err) == (0, "")
        assert out.startswith("cart is in maintenance until 20")
        assert [one.subject for one in daemon.board.begun] == ["cart"]
        status, out, _ = await run("list", "--json", *url, cwd=tmp_path)
        assert (status, json.loads(out)) == await listed(daemon)
        status, out, _ = await run("list", *url, cwd=tmp_path)
        assert "a new till" in out
        assert (await run("stop", "cart", cwd=tmp_path, **told))[0] == 0
        assert daemon.board.begun == ()
        status, _, err = await run("stop", "cart", cwd=tmp_path, **told)
        assert (status, err) == (
            1,
            "refused: 404 no maintenance was begun by hand on a subject of this name\n",
        )
        status, _, err = await run(*start, "soon", cwd=tmp_path, **told)
        assert status == 2
        assert "expected a duration" in err
        wrong = told | {"EVIDENCED_ADMIN_TOKEN": "wrong"}
        status, _, err = await run(*start, "30m", cwd=tmp_path, **wrong)
        assert status == 1
        assert "401" in err


async def listed(daemon: Daemon) -> tuple[int, Any]:
    """What the API lists, with the exit status of a command that lists it."""
    status, found = await ask(daemon, "GET")
    assert status == 200
    return 0, found
