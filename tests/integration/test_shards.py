"""Several daemons share one plan and one store: any shows all, and each thing is told once."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from evidenced.app import shards
from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop

WaitFor = Callable[..., Any]
COUNT, WORD, SOON = 3, "open sesame", 30.0
SILENT = 1.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes tenths of them."""
    monkeypatch.setattr(shards, "HEAR", 0.1)
    monkeypatch.setattr(shards, "BEAT", 0.2)
    monkeypatch.setattr(shards, "AGES", 0.5)
    monkeypatch.setattr(shards, "SILENT", SILENT)


class Together:
    """Daemons on one store; each is stopped at will."""

    def __init__(self, configured: Callable[..., Path], stack: AsyncExitStack) -> None:
        self._configured = configured
        self._stack = stack
        self._stacks: dict[int, AsyncExitStack] = {}
        self.daemons: dict[int, Daemon] = {}
        self.session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {WORD}"})

    async def start(self, index: int, count: int, **more: object) -> Daemon:
        stack = self._stacks[index] = await self._stack.enter_async_context(AsyncExitStack())
        path = self._configured(tokens={"admin": WORD, "push": WORD}, **more)
        config = yaml.safe_load(path.read_text("utf-8"))
        folder = path.parent / f"{index}"
        folder.mkdir(exist_ok=True)
        config["ledger"]["path"] = str(path.parent / "STATE.md")
        config["store"] = {"url": f"sqlite:///{path.parent / 'evidence.db'}"}
        config["shard"] = {"index": index, "count": count}
        path = folder / "evidenced.yaml"
        path.write_text(yaml.safe_dump(config), "utf-8")
        daemon = self.daemons[index] = await stack.enter_async_context(running(path))
        daemon._reporting._quiet, daemon._leading._look = 2.5, 0.1
        return daemon

    async def stop(self, index: int) -> None:
        del self.daemons[index]
        await self._stacks.pop(index).aclose()

    def owner(self, claim: str) -> int:
        (found,) = [i for i, one in self.daemons.items() if one.board.share.has_claim(claim)]
        return found

    async def get(self, index: int, path: str) -> Any:  # noqa: ANN401  JSON, or a text
        host, port = self.daemons[index].address
        accept = {"Accept": "text/html"} if path.startswith("/claims") else {}
        url = f"http://{host}:{port}{path}"
        async with self.session.get(url, headers=accept) as response:
            text = await response.text()
            return await response.json() if path.startswith("/api") else text

    async def post(self, index: int, path: str, body: object) -> tuple[int, Any]:
        host, port = self.daemons[index].address
        url = f"http://{host}:{port}/api/v1/{path}"
        async with self.session.post(url, json=body) as response:
            return response.status, await response.json(content_type=None)

    async def standings(self, index: int) -> dict[str, str]:
        claims = (await self.get(index, "/api/v1/claims"))["claims"]
        return {one["id"]: one["standing"] for one in claims}

    async def samples(self, name: str) -> dict[int, list[dict[str, str]]]:
        """The labels of the samples of a metric, by who has them."""
        found: dict[int, list[dict[str, str]]] = {}
        for index in self.daemons:
            families = text_string_to_metric_families(await self.get(index, "/metrics"))
            found[index] = [s.labels for f in families for s in f.samples if s.name == name]
        return found


@pytest.fixture
async def together(configured: Callable[..., Path]) -> AsyncIterator[Together]:
    async with AsyncExitStack() as stack:
        together = Together(configured, stack)
        stack.push_async_callback(together.session.close)
        yield together


@asynccontextmanager
async def all_of_them(
    together: Together, wait_for: WaitFor, **more: object
) -> AsyncIterator[dict[str, str]]:
    """Start all shards, and wait until each of them says that all that can hold does."""
    for index in range(COUNT):
        await together.start(index, COUNT, **more)

    async def agree() -> bool:
        said = [await together.standings(index) for index in range(COUNT)]
        spoken = {c for c, one in together.daemons[0].board.claims.items() if one.checks}
        return all(s == said[0] and {s[c] for c in spoken} == {"verified"} for s in said)

    await wait_for(agree, SOON)
    yield await together.standings(0)


async def test_any_shard_shows_all_and_each_series_is_one_shards(
    together: Together, shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    site, _ = shop
    async with all_of_them(together, wait_for):
        claims = together.daemons[0].board.claims
        owners = {claim: together.owner(claim) for claim in claims}
        assert set(owners.values()) == set(range(COUNT)), "a test with something to divide"
        for index in range(COUNT):
            await shows_all(together, index, owners)
        await is_told_once(together, set(claims))

        site.broken["/cart"] = "500"

        async def fell() -> bool:
            said = [(await together.standings(index))["cart"] for index in range(COUNT)]
            return said == ["contradicted"] * COUNT

        await wait_for(fell, SOON)
        for index in range(COUNT):
            await tells_of_the_fall(together, index, owners["cart"])
        verified = await together.daemons[0].keeper.store.verify()
        assert verified.problems == ()

        gone = owners["cart"]
        theirs = {one for one, index in owners.items() if index == gone and claims[one].checks}
        left = next(index for index in range(COUNT) if index != gone)
        await together.stop(gone)
        await is_missed(together, wait_for, left, theirs)
        await together.start(gone, COUNT)
        del site.broken["/cart"]

        async def back() -> bool:
            said = await together.standings(left)
            return all(said[claim] == "verified" for claim in theirs)

        await wait_for(back, SOON)


async def shows_all(together: Together, index: int, owners: dict[str, int]) -> None:
    """The API of one shard has all, and says who tells of it."""
    for one in (await together.get(index, "/api/v1/claims"))["claims"]:
        here = owners[one["id"]] == index
        assert one["shard"] == (None if here else owners[one["id"]])
        assert (one["as_of"] is None) is here
    for one in (await together.get(index, "/api/v1/checks"))["checks"]:
        assert one["standing"] == "verified"
        here = together.daemons[index].board.share.looks(one["name"])
        assert (one["shard"] is None, one["last_run"] is not None) == (here, here)
    targets = await together.get(index, "/api/v1/targets")
    assert [one["targets"] for one in targets] == [
        ["{}:{}".format(*together.daemons[shard].address)] for shard in range(COUNT)
    ]


async def is_told_once(together: Together, claims: set[str]) -> None:
    """No series comes from two, and all of them have the same rules."""
    checks = set(together.daemons[0].board.checks)
    for name, label, all_ in (
        ("evidenced_claim_verified", "claim", claims),
        ("probe_success", "check", checks),
    ):
        told = await together.samples(name)
        assert sorted(one[label] for series in told.values() for one in series) == sorted(all_)
        assert min(map(len, told.values())) > 0
    items = await together.samples("evidenced_ledger_items")
    assert [index for index, series in items.items() if series] == [0]
    assert len({await together.get(index, "/rules") for index in range(COUNT)}) == 1


async def tells_of_the_fall(together: Together, index: int, owner: int) -> None:
    """One shard says that the cart is broken, with why, and since when."""
    (check,) = (await together.get(index, "/api/v1/claims/cart"))["checks"]
    assert check["failure"]["reason"] == "status"
    page = await together.get(index, "/claims/cart")
    assert (f"as shard {owner} tells" in page) is (index != owner)
    history = (await together.get(index, "/api/v1/claims/cart/history"))["evidence"]
    assert [one["standing"] for one in history] == ["contradicted", "verified"]


async def is_missed(together: Together, wait_for: WaitFor, left: int, theirs: set[str]) -> None:
    """Once a shard is gone, nothing is known of what it has but that the cart is broken."""

    async def silent() -> bool:
        said = await together.standings(left)
        return {claim for claim in theirs if said[claim] == "unknown"} == theirs - {"cart"}

    await wait_for(silent, SOON)
    assert (await together.standings(left))["cart"] == "contradicted"
    one = await together.get(left, f"/api/v1/claims/{min(theirs - {'cart'})}")
    assert one["blind"] == "shard"
    assert len(await together.get(left, "/api/v1/targets")) == COUNT, "to be found down"
    shard = together.daemons[left].shards
    assert shard is not None
    assert shard.missing == 1


async def test_what_is_begun_at_any_shard_counts_where_its_claim_is(
    together: Together, wait_for: WaitFor
) -> None:
    checks = yaml.safe_load(
        "[{name: backup, push: {every: 1d, token: open sesame}},"
        " {name: pages, claims: [cart], http: {url: /cart}}]"
    )
    for index in range(COUNT):
        await together.start(index, COUNT, checks=checks)
    owner = together.owner("cart")
    other = (owner + 1) % COUNT
    here, there = together.daemons[owner].board, together.daemons[other].board

    async def heard() -> bool:
        return len(there.heard) == COUNT - 1 and there.claims["cart"].standing == "verified"

    await wait_for(heard, SOON)
    status, _ = await together.post(
        other, "maintenance", {"subject": "cart", "for": "1h", "why": "x"}
    )
    assert status == 201

    async def frozen() -> bool:
        return all(b.claims["cart"].maintenance is not None for b in (here, there))

    await wait_for(frozen, SOON)
    host, port = together.daemons[owner].address
    url = f"http://{host}:{port}/api/v1/maintenance/cart"
    async with together.session.delete(url) as response:
        assert response.status == 204

    async def over() -> bool:
        return all(b.claims["cart"].maintenance is None for b in (here, there))

    await wait_for(over, SOON)
    drill = {"claim": "cart", "for": "10m", "why": "who wakes up?"}
    status, refused = await together.post(other, "drills", drill)
    assert (status, refused["detail"]) == (
        421,
        f"this claim is looked at by shard {owner} at {host}:{port}: drill it there",
    )
    assert (await together.post(owner, "drills", drill))[0] == 201

    async def drilled() -> bool:
        return len((await together.get(other, "/api/v1/drills"))["drills"]) == 1

    await wait_for(drilled, SOON)
    told = await together.samples("evidenced_claim_verified")
    assert [i for i, series in told.items() for s in series if s.get("drill")] == [owner]
    takes = here.share.checks["backup"]
    answers = [(await together.post(index, "push/backup", {}))[0] for index in range(COUNT)]
    assert answers == [202 if index == takes else 421 for index in range(COUNT)]


async def test_one_shard_writes_the_report_of_all_and_another_goes_on(
    together: Together, shop: tuple[Shop, str], wait_for: WaitFor, tmp_path: Path
) -> None:
    site, _ = shop
    path = tmp_path / "PROD-FACTS-LAST.md"
    report = {"path": str(path), "schedule": "0 0 1 1 *", "on_change": True}
    async with all_of_them(together, wait_for, report=report):
        leads = [i for i, one in together.daemons.items() if one._leading.leads]
        assert len(leads) == 1
        names = set(together.daemons[0].board.checks)

        async def complete() -> bool:
            text = path.read_text("utf-8") if path.exists() else ""
            told = "not looked at" not in text and all(f"`{name}`" in text for name in names)
            return told and any(one._reporting.written for one in together.daemons.values())

        await wait_for(complete, 30)
        written = {i: one._reporting.written for i, one in together.daemons.items()}
        assert [i for i, count in written.items() if count] == leads
        await together.stop(leads[0])
        rest = set(together.daemons)
        site.broken.update(dict.fromkeys(("/api/v1/teas", "/cart", "/api/health", "/teas"), "500"))

        async def again() -> bool:
            done = [i for i in rest if together.daemons[i]._reporting.written]
            assert len(done) <= 1
            return "contradicted" in path.read_text("utf-8") and bool(done)

        await wait_for(again, 30)
        assert "the first report" not in path.read_text("utf-8"), "it knows of the one before"
