"""Drills: from the command to the alert, over a restart, and in the evidence."""

import asyncio
import json
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from markdown_it import MarkdownIt

from command_line import beside
from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store

WaitFor = Callable[..., Any]
ROOT = Path(__file__).parents[2]
WORD = "open sesame"
BEGIN = {"claim": "cart", "for": "5m", "why": "a new phone", "who": "ann"}
TOKEN = {"tokens": {"admin": WORD}}
ALERT = "EvidencedStableClaimContradicted"
TRUE = 'evidenced_claim_status{claim="cart",section="stable",status="contradicted"}'
STATUS = 'evidenced_claim_status{claim="cart",drill="true",section="stable",status="contradicted"}'
VERIFIED = 'evidenced_claim_verified{claim="cart",drill="true",section="stable"}'
PACE = "500ms"


def base(daemon: Daemon) -> str:
    return "http://{}:{}".format(*daemon.address)


async def ask(
    daemon: Daemon,
    method: str,
    path: str = "drills",
    token: str | None = WORD,
    json_body: object = None,
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{base(daemon)}/api/v1/{path}", json=json_body) as response,
    ):
        text = await response.text()
        if response.status >= 400:
            assert response.content_type == "application/problem+json"
        return response.status, json.loads(text) if text else None


async def samples(daemon: Daemon) -> dict[str, float]:
    """The samples of /metrics about claims, by their line's left side."""
    url = f"{base(daemon)}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    lines = (line for line in text.splitlines() if line.startswith("evidenced_claim_"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def verified(daemon: Daemon, wait_for: WaitFor) -> None:
    async def so() -> bool:
        return daemon.board.claims["cart"].standing == "verified"

    await wait_for(so, 30)


async def records(folder: Path) -> list[Evidence]:
    """The records of the cart in the store of a daemon that is down, oldest first."""
    async with Store("sqlite:///evidence.db", folder) as store:
        assert not (await store.verify()).problems
        return list(reversed(await store.evidence("cart")))


def drilled(found: list[Evidence]) -> list[tuple[str, str, Any]]:
    """Of each record of a drill what changed, and what it says of the drill."""
    return [(one.before, one.standing, one.proof["drill"]) for one in found if one.drill]


async def test_the_alert_fires_as_a_drill_and_resolves_at_its_end(
    configured: Callable[..., Path],
    start_prometheus: Callable[..., Any],
    wait_for: WaitFor,
    tmp_path: Path,
) -> None:
    config = configured(**TOKEN, rules={"keep": "1s"})
    status, made, _ = await beside("rules", "-c", str(config), cwd=tmp_path)
    assert status == 0
    (tmp_path / "drill.rules.yml").write_text(made, "utf-8")
    async with running(config) as daemon:
        await verified(daemon, wait_for)
        host, port = daemon.address
        async with start_prometheus(
            [f"{host}:{port}"], PACE, rules=tmp_path / "drill.rules.yml"
        ) as prometheus:

            async def about_claims() -> list[dict[str, Any]]:
                url = f"{prometheus.url}/api/v1/alerts"
                async with prometheus.session.get(url) as response:
                    alerts = (await response.json())["data"]["alerts"]
                return [one for one in alerts if one["labels"].get("claim")]

            async def scraped() -> bool:
                return bool(await prometheus.query('evidenced_claim_verified{claim="cart"} == 1'))

            async def fires() -> bool:
                return [one["state"] for one in await about_claims()] == ["firing"]

            async def over() -> bool:
                return not await about_claims()

            await wait_for(scraped, 30)
            assert await over()
            assert (await ask(daemon, "POST", json_body=BEGIN | {"for": "4s"}))[0] == 201
            await wait_for(fires, 30)
            (alert,) = await about_claims()
            labels = alert["labels"]
            assert (labels["alertname"], labels["claim"]) == (ALERT, "cart")
            assert (labels["section"], labels["drill"]) == ("stable", "true")
            # The end is seen although rules look back over missed scrapes.
            await wait_for(over, 30)
            query = 'count_over_time(ALERTS{drill="", claim!=""}[5m])'
            assert await prometheus.query(query) == []
            query = 'min_over_time(evidenced_claim_verified{claim="cart", drill=""}[5m])'
            (lowest,) = await prometheus.query(query)
            assert lowest["value"][1] == "1"


async def test_nothing_true_changes_and_a_drill_is_told(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    async with running(configured(**TOKEN)) as daemon:
        await verified(daemon, wait_for)
        status, begun = await ask(daemon, "POST", json_body=BEGIN)
        assert status == 201
        assert (begun["claim"], begun["alert"]) == ("cart", ALERT)
        assert (begun["who"], begun["why"]) == ("ann", "a new phone")
        left = datetime.fromisoformat(begun["until"]) - datetime.now(UTC)
        assert 4 * 60 < left.total_seconds() <= 5 * 60
        assert await ask(daemon, "GET", token=None) == (200, {"drills": [begun]})
        found = await samples(daemon)
        assert (found[STATUS], found[VERIFIED], found[TRUE]) == (1, 0, 0)
        assert sum('drill="' in name for name in found) == 2
        _, claim = await ask(daemon, "GET", "claims/cart")
        assert claim["standing"] == "verified"
        assert claim["contradicted"] is None
        assert claim["drill"] == {key: begun[key] for key in ("until", "who", "why")}
        _, listed = await ask(daemon, "GET", "claims")
        assert [one["id"] for one in listed["claims"] if one["drill"]] == ["cart"]
        assert await ask(daemon, "DELETE", "drills/cart?who=bob") == (204, None)
        assert await ask(daemon, "GET") == (200, {"drills": []})
        assert (await ask(daemon, "GET", "claims/cart"))[1]["drill"] is None
        found = await samples(daemon)
        assert (found[STATUS], found[VERIFIED], found[TRUE]) == (0, 1, 0)


async def test_a_real_failure_shows_beside_a_drill(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor, tmp_path: Path
) -> None:
    async with running(configured(**TOKEN)) as daemon:
        await verified(daemon, wait_for)
        await ask(daemon, "POST", json_body=BEGIN)
        shop[0].broken["/cart"] = "500"

        async def contradicted() -> bool:
            return (await samples(daemon))[TRUE] == 1

        await wait_for(contradicted, 30)
        assert (await samples(daemon))[STATUS] == 1
        await ask(daemon, "DELETE", "drills/cart")
        found = await samples(daemon)
        assert (found[STATUS], found[TRUE]) == (0, 1)
    found_records = await records(tmp_path)
    assert [(one.before, one.standing, one.drill) for one in found_records] == [
        ("unverified", "verified", False),
        ("verified", "contradicted", True),
        ("verified", "contradicted", False),
        ("contradicted", "contradicted", True),
    ]


async def test_it_survives_a_restart_and_its_end_does_too(
    configured: Callable[..., Path], tmp_path: Path
) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        _, begun = await ask(daemon, "POST", json_body=BEGIN)
        await ask(daemon, "POST", json_body=BEGIN | {"claim": "product-pages"})
        await ask(daemon, "DELETE", "drills/product-pages?who=bob")
    async with running(config) as daemon:
        assert await ask(daemon, "GET") == (200, {"drills": [begun]})
        assert (await samples(daemon))[STATUS] == 1
        assert (await ask(daemon, "POST", json_body=BEGIN))[0] == 409
        await ask(daemon, "DELETE", "drills/cart?who=bob")
    async with running(config) as daemon:
        assert await ask(daemon, "GET") == (200, {"drills": []})
        # Rules still look back at the last sample from before the end.
        assert (await samples(daemon))[STATUS] == 0
    start, end = drilled(await records(tmp_path))
    assert start[:2] == ("unverified", "contradicted")
    assert (start[2]["who"], start[2]["why"], start[2]["ended"]) == ("ann", "a new phone", None)
    assert end[0] == "contradicted"
    assert (end[2]["ending"], end[2]["ended_by"]) == ("hand", "bob")
    assert end[2]["until"] == start[2]["until"]


async def test_one_ends_although_no_daemon_ran_at_its_end(
    configured: Callable[..., Path], wait_for: WaitFor, tmp_path: Path
) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        _, begun = await ask(daemon, "POST", json_body=BEGIN | {"for": "4s"})
    until = datetime.fromisoformat(begun["until"])

    async def gone_by() -> bool:
        return datetime.now(UTC) > until

    await wait_for(gone_by, 30)
    async with running(config) as daemon:
        assert await ask(daemon, "GET") == (200, {"drills": []})
        assert (await samples(daemon))[STATUS] == 0
    start, end = drilled(await records(tmp_path))
    assert (start[2]["ending"], end[2]["ending"]) == (None, "time")
    assert end[2]["ended"] == start[2]["until"]


async def test_one_ends_by_itself_and_another_may_follow(
    configured: Callable[..., Path], wait_for: WaitFor, tmp_path: Path
) -> None:
    async with running(configured(**TOKEN)) as daemon:
        await ask(daemon, "POST", json_body=BEGIN | {"for": "1s"})

        async def again() -> bool:
            return (await ask(daemon, "POST", json_body=BEGIN))[0] == 201

        await wait_for(again, 30)
    endings = [told["ending"] for _, _, told in drilled(await records(tmp_path))]
    assert endings == [None, "time", None]


async def test_one_ends_when_the_ledger_no_longer_has_the_claim(
    configured: Callable[..., Path], wait_for: WaitFor, tmp_path: Path
) -> None:
    config = configured(**TOKEN)
    async with running(config) as daemon:
        await ask(daemon, "POST", json_body=BEGIN)
        ledger = tmp_path / "STATE.md"
        text = ledger.read_text("utf-8")
        assert text.count("- **Cart**") == 1
        ledger.write_text(text.replace("- **Cart**", "- **Trolley**"), "utf-8")

        async def ended() -> bool:
            return await ask(daemon, "GET") == (200, {"drills": []})

        await wait_for(ended, 30)
        assert "cart" not in daemon.board.claims
        assert (await samples(daemon))[STATUS] == 0
    assert drilled(await records(tmp_path))[-1][2]["ending"] == "ledger"


@pytest.mark.parametrize(
    ("status", "method", "path", "token", "body", "said"),
    [
        pytest.param(401, "POST", "", None, BEGIN, "admin token", id="no token"),
        pytest.param(401, "DELETE", "/cart", "wrong", None, "admin token", id="a wrong token"),
        pytest.param(
            404,
            "POST",
            "",
            WORD,
            BEGIN | {"claim": "crat"},
            "the ledger has no claim 'crat': did you mean 'cart'?",
            id="unknown claim",
        ),
        pytest.param(404, "DELETE", "/cart", WORD, None, "no drill", id="nothing to end"),
        pytest.param(
            422,
            "POST",
            "",
            WORD,
            BEGIN | {"for": "3601s"},
            "a drill lasts at most 1h, found 1h1s",
            id="too long",
        ),
        pytest.param(422, "POST", "", WORD, BEGIN | {"for": "soon"}, "for: ", id="no duration"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"for": "0"}, "for: ", id="no time at all"),
        pytest.param(422, "POST", "", WORD, {"claim": "cart"}, "for: ", id="for ever"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"why": "a\x1b[2Jb"}, "why: ", id="controls"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"who": "a\nb"}, "who: ", id="two lines"),
        pytest.param(422, "POST", "", WORD, BEGIN | {"subject": "me"}, "subject: ", id="a key"),
        pytest.param(422, "POST", "", WORD, [], "the body is no drill", id="no object"),
    ],
)
async def test_what_is_refused(
    status: int,
    method: str,
    path: str,
    token: str | None,
    body: object,
    said: str,
    configured: Callable[..., Path],
) -> None:
    async with running(configured(**TOKEN)) as daemon:
        found, problem = await ask(daemon, method, f"drills{path}", token, json_body=body)
        assert (found, problem["status"]) == (status, status)
        assert said in problem["detail"]
        assert await ask(daemon, "GET") == (200, {"drills": []})


async def test_one_a_claim_by_whoever_it_is(
    configured: Callable[..., Path], tmp_path: Path
) -> None:
    nobody = {"claim": "cart", "for": "5m"}
    async with running(configured(**TOKEN)) as daemon:
        both = await asyncio.gather(*(ask(daemon, "POST", json_body=nobody) for _ in range(2)))
        assert sorted(status for status, _ in both) == [201, 409]
        refused = next(problem for status, problem in both if status == 409)
        assert refused["detail"].startswith("a drill of this claim is on until 20")
        await ask(daemon, "DELETE", "drills/cart")
    _, _, told = drilled(await records(tmp_path))[-1]
    assert (told["who"], told["ended_by"]) == ("somebody at 127.0.0.1",) * 2
    assert told["why"] == ""


async def test_drills_are_off_without_a_token_and_the_list_is_not(
    configured: Callable[..., Path],
) -> None:
    async with running(configured()) as daemon:
        assert (await ask(daemon, "POST", json_body=BEGIN))[0] == 403
        assert (await ask(daemon, "DELETE", "drills/cart"))[0] == 403
        assert await ask(daemon, "GET", token=None) == (200, {"drills": []})


async def test_the_commands_of_the_page(
    configured: Callable[..., Path], wait_for: WaitFor, tmp_path: Path
) -> None:
    page = MarkdownIt().parse((ROOT / "docs/drill.md").read_text("utf-8"))
    (shell,) = [one.content for one in page if one.type == "fence" and one.info == "sh"]
    begin, show, stop = [shlex.split(line)[1:] for line in shell.splitlines()]
    config = configured(**TOKEN)
    async with running(config) as daemon:
        await verified(daemon, wait_for)
        told = {"EVIDENCED_URL": base(daemon), "EVIDENCED_ADMIN_TOKEN": WORD}
        status, out, err = await beside(*begin, cwd=tmp_path, **told)
        assert (status, err) == (0, "")
        assert out.startswith("cart looks contradicted until 20")
        assert f'{ALERT} fires for it with drill="true"' in out
        assert " ".join(("evidenced", *stop)) in out
        status, _, err = await beside(*begin, cwd=tmp_path, **told)
        assert status == 1
        assert err.startswith("refused: 409 a drill of this claim is on until")
        status, out, _ = await beside(*show, cwd=tmp_path, **told)
        assert status == 0
        assert ALERT in out
        assert "is the new phone paged?" in out
        status, out, _ = await beside(*show, "--json", cwd=tmp_path, **told)
        assert (status, json.loads(out)) == (0, (await ask(daemon, "GET"))[1])
        status, pack, err = await beside("proof", "cart", "-c", str(config), cwd=tmp_path)
        assert (status, err) == (0, "")
        assert "- **DRILL**: made to look failed by `" in pack
        assert "Standing by the newest record: verified" in pack
        assert (await beside(*stop, cwd=tmp_path, **told))[:2] == (
            0,
            "the drill of cart has ended\n",
        )
        assert (await beside(*stop, cwd=tmp_path, **told))[0] == 1
        assert (await beside(*show, cwd=tmp_path, **told))[1] == "no drill is on\n"
        typo = [word.replace("cart", "crat") for word in begin]
        status, _, err = await beside(*typo, cwd=tmp_path, **told)
        assert (status, "did you mean 'cart'?" in err) == (1, True)
        status, out, _ = await beside("evidence", "verify", "-c", str(config), cwd=tmp_path)
        assert (status, "chain whole" in out) == (0, True)
        _, pack, _ = await beside("proof", "cart", "-c", str(config), cwd=tmp_path)
        assert "verified → contradicted (DRILL)" in pack
        assert "## Contradictions (0)" in pack
        assert "Reopenable: no new proof" in pack
    # The spans are on disk now: only runs make uptime, and all of these held.
    _, pack, _ = await beside("proof", "cart", "-c", str(config), cwd=tmp_path)
    assert "| 24h | 100.00 % |" in pack
