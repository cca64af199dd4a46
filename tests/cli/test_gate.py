"""`evidenced gate` and `evidenced status` on a daemon of the demo shop, while it runs and after."""

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import structlog
import yaml
from aiohttp import web

from command_line import Ran, beside
from evidenced.app.life import running
from evidenced.demo.shop import Shop

CLOSED, STABLE = "skeleton-product-pages", "cart"
CART = "Cart**: /cart returns 200"


@dataclass(frozen=True, slots=True)
class Seen:
    """A folder with configuration and store; what was said while the daemon still ran."""

    folder: Path
    url: str
    api: dict[str, tuple[int, Any]]
    ran: dict[str, Ran]

    @property
    def config(self) -> Path:
        return self.folder / "evidenced.yaml"


def configure(folder: Path, shop: str) -> Path:
    ours = files("evidenced.demo")
    (folder / "STATE.md").write_text((ours / "STATE.md").read_text("utf-8"), "utf-8")
    config = yaml.safe_load((ours / "evidenced.yaml").read_text("utf-8"))
    config["listen"] = "127.0.0.1:0"
    config["ledger"]["base_url"] = shop
    config["defaults"] |= {"interval": "500ms", "timeout": "400ms"}
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


async def watch_it_break(folder: Path) -> Seen:
    site = Shop()
    runner = web.AppRunner(site.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop = f"http://127.0.0.1:{runner.addresses[0][1]}"
        path = configure(folder, shop)
        async with running(path) as daemon, aiohttp.ClientSession() as session:
            claims = daemon.board.claims
            async with asyncio.timeout(30):
                while not all(claims[one].standing == "verified" for one in (CLOSED, STABLE)):
                    await asyncio.sleep(0.02)
                site.broken |= {"/teas": "500", "/cart": "500"}
                while not all(claims[one].standing == "contradicted" for one in (CLOSED, STABLE)):
                    await asyncio.sleep(0.02)
            url = "http://{}:{}".format(*daemon.address)
            api = {}
            for asked in (
                "gate?topic=skeleton+pages",
                "gate?topic=gift+cards",
                "gate?topic=",
                f"gate?topic={'x' * 1001}",
                "status",
            ):
                async with session.get(f"{url}/api/v1/{asked}") as response:
                    api[asked] = (response.status, await response.json())
            ran = {
                "gate": await beside("gate", "gift cards", "--url", url),
                "status": await beside("status", "--url", url),
            }
    finally:
        await runner.cleanup()
    return Seen(folder, url, api, ran)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    with structlog.testing.capture_logs():
        return asyncio.run(watch_it_break(tmp_path_factory.mktemp("seen")))


@pytest.fixture
def seen(once: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """A copy of one's own, which is the current folder."""
    folder = tmp_path / "copy"
    shutil.copytree(once.folder, folder)
    monkeypatch.chdir(folder)
    return Seen(folder, once.url, once.api, once.ran)


def test_the_api_gives_the_verdict(once: Seen) -> None:
    status, said = once.api["gate?topic=gift+cards"]
    assert (status, said["answer"], said["ledger_in_force"]) == (200, "go", True)
    assert said["matched"]["at"].startswith(f"{once.folder}/STATE.md:")
    assert [step["question"] for step in said["questions"]] == [
        "closed",
        "in_progress",
        "done_when",
    ]
    status, said = once.api["gate?topic=skeleton+pages"]
    assert (status, said["answer"]) == (200, "refused")
    record = said["questions"][0]["evidence"]
    assert (record["claim"], record["standing"]) == (CLOSED, "contradicted")
    assert "expected status 200, found 500" in record["excerpt"]
    assert "approval is needed" in said["reason"]


@pytest.mark.parametrize("topic", ["", "x" * 1001], ids=["none", "too long"])
def test_the_api_wants_a_topic_of_sensible_length(topic: str, once: Seen) -> None:
    status, said = once.api[f"gate?topic={topic}"]
    assert status == 400
    assert "topic" in said["detail"]


def test_the_api_says_how_things_stand(once: Seen) -> None:
    status, said = once.api["status"]
    assert (status, said["source"], said["trouble"]) == (200, "daemon", None)
    wrong = {one["id"]: one for one in said["contradicted"]}
    assert wrong[STABLE]["checks"][0]["reason"] == "status"
    assert CLOSED in [one["id"] for one in said["reopenable"]]
    assert said["gate"]["topic"] == said["next"][0]["title"] == "Search"
    assert said["gate"]["answer"] == "refused"
    assert said["claims"]["contradicted"] == len(wrong) >= 2


def test_a_running_daemon_may_be_asked_from_anywhere(once: Seen) -> None:
    status, out, err = once.ran["gate"]
    assert (status, err) == (0, "")
    assert out.startswith("✔ GO: gift cards\n")
    status, out, err = once.ran["status"]
    assert (status, err) == (1, "")
    assert "by the running daemon" in out


def test_afterwards_the_store_says_the_same(seen: Seen, evidenced: Callable[..., Any]) -> None:
    ran = evidenced("status", "--json", "-c", seen.config)
    said, before = json.loads(ran.out), seen.api["status"][1]
    assert ran.status == 1
    assert said["source"] == "store"
    assert "port 0" in said["no_daemon"]
    assert said["as_of"] is not None
    assert CLOSED in [one["id"] for one in said["reopenable"]]
    # On a busy machine a claim more may fail, but what failed then has failed since then.
    since = {one["id"]: one["since"] for one in said["contradicted"]}
    was = {one["id"]: one["since"] for one in before["contradicted"]}
    assert {one: since[one] for one in (CLOSED, STABLE)} == {
        one: was[one] for one in (CLOSED, STABLE)
    }


def test_the_screen_is_no_wider_and_no_longer_than_a_terminal(
    seen: Seen, evidenced: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidenced.cli.options.PIPE_WIDTH", 80)
    out = evidenced("status", "-c", seen.config).out
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
    assert all(line == line.rstrip() for line in lines)
    assert "CONTRADICTED  ✘ " in out
    assert re.search(r"✘ Cart  STATE\.md:\d+\n +since 20..-..-.. ..:.. UTC \(\d", out)
    assert "expected status 200, found 500" in out
    assert "IN PROGRESS   Gift cards  STATE.md:" in out
    assert "REOPENABLE    Skeleton product pages  STATE.md:" in out
    assert "NEXT 1        Search  STATE.md:" in out
    assert "the gate: ✘ refused: 'Gift cards' is in progress" in " ".join(out.split())
    assert "? NO DAEMON (last alive " in out


@pytest.mark.parametrize(
    ("topic", "status", "said"),
    [
        ("feat: gift card", 0, ["✔ GO: feat: gift card"]),
        (
            "fix(backup): restore drills",
            3,
            [
                "✘ REFUSED: fix(backup)",
                "STATE.md:9: 'Backup restore drill' is CLOSED since 2026-10-30",
                "1.00 by backup, restore, drills in its title (a match takes 0.5)",
                "evidenced proof backup-restore-drill",
            ],
        ),
        ("search", 3, ["STATE.md:27: 'Gift cards' is in progress; approval is needed"]),
        ("coffee", 3, ["matched       nothing in the ledger"]),
        ("-- --json", 3, ["✘ REFUSED: -- --json"]),
    ],
)
def test_gate(
    topic: str, status: int, said: list[str], seen: Seen, evidenced: Callable[..., Any]
) -> None:
    ran = evidenced("gate", "-c", seen.config, "--", topic)
    assert ran.status == status
    assert [one for one in said if one not in ran.out] == []
    assert json.loads(evidenced("gate", "--json", "-c", seen.config, "--", topic).out)[
        "answer"
    ] == ("go" if status == 0 else "refused")


def test_newer_evidence_lets_a_closed_topic_through(
    seen: Seen, evidenced: Callable[..., Any]
) -> None:
    free(seen.folder / "STATE.md")
    ran = evidenced("gate", "skeleton product pages", "-c", seen.config)
    assert ran.status == 0
    assert re.search(r"there is newer evidence against it: record \d+ \(STATE\.md:7\)", ran.out)
    assert re.search(r"record \d+, 20.*status: expected status 200, found 500", ran.out)
    assert "evidenced ledger reopen skeleton-product-pages" in ran.out


def free(ledger: Path) -> None:
    """Leave nothing in progress."""
    text = ledger.read_text("utf-8")
    begin, end = text.index("- **Gift cards"), text.index("## BLOCKED")
    ledger.write_text(f"{text[:begin]}- (none)\n\n{text[end:]}", "utf-8")


def test_without_a_store_nothing_is_said_of_production(
    tmp_path: Path, evidenced: Callable[..., Any]
) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9")
    ran = evidenced("status", "-c", path)
    assert ran.status == 2
    assert "no store is there yet" in ran.out
    assert "? nothing is known to be" in ran.out


def test_without_a_store_there_is_no_new_proof(
    tmp_path: Path, evidenced: Callable[..., Any]
) -> None:
    path = configure(tmp_path, "http://127.0.0.1:9")
    free(tmp_path / "STATE.md")
    ran = evidenced("gate", "skeleton product pages", "-c", path)
    assert ran.status == 3
    assert "STATE.md:7: " in ran.out
    assert "no evidence against it is younger" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gate", " "], "expected a TOPIC\n"),
        (["gate", "x" * 1001], "expected a TOPIC of at most 1000 characters\n"),
        (["gate", "x", "--url", "shop"], "--url: expected an address"),
        (["gate", "x", "--url", "http://127.0.0.1:9"], "the daemon gives no verdict: no answer"),
        (["gate", "x", "-c", "gone.yaml"], "gone.yaml"),
        (["status", "--url", "http://127.0.0.1:9"], "the daemon says nothing of its status"),
        (["status", "-c", "gone.yaml"], "gone.yaml"),
    ],
)
def test_what_cannot_be_read_is_exit_2(
    arguments: list[str], said: str, evidenced: Callable[..., Any]
) -> None:
    ran = evidenced(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


def test_a_topic_cannot_act_on_the_terminal(seen: Seen, evidenced: Callable[..., Any]) -> None:
    ran = evidenced("gate", "a\x1b[2J\n::set-output name=x::y \u202e$(id)", "-c", seen.config)
    assert ran.status == 3
    assert all(line.isprintable() and not line.startswith("::") for line in ran.out.splitlines())
    assert quote("\x1b") not in ran.out
