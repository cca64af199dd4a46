"""Proof and verification, of a store that a real daemon wrote while the demo shop broke."""

import asyncio
import json
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from aiohttp import web

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop

PLANTED = "swordfish-1f0c"
CLAIM = "skeleton-product-pages"


@dataclass(frozen=True, slots=True)
class Written:
    """A folder with a configuration and a store; what was said while the daemon still ran."""

    folder: Path
    live: dict[str, Any]
    live_verify: str

    @property
    def config(self) -> Path:
        return self.folder / "evidenced.yaml"

    @property
    def store(self) -> Path:
        return self.folder / "evidence.db"


@asynccontextmanager
async def shop_on_loopback() -> AsyncIterator[tuple[Shop, str]]:
    site = Shop()
    runner = web.AppRunner(site.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield site, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def configure(folder: Path, url: str) -> Path:
    ours = files("evidenced.demo")
    (folder / "STATE.md").write_text((ours / "STATE.md").read_text("utf-8"), "utf-8")
    (folder / "docs/proof").mkdir(parents=True)
    (folder / "docs/proof/restore-drill.md").write_text("11 minutes", "utf-8")
    config = yaml.safe_load((ours / "evidenced.yaml").read_text("utf-8"))
    config["listen"] = "127.0.0.1:0"
    config["ledger"]["base_url"] = url
    config["defaults"] |= {"interval": "500ms", "timeout": "400ms"}
    for check in config["checks"]:
        check["http"]["headers"] = {"X-Key": PLANTED, "Cookie": f"session={PLANTED}"}
        check["http"]["query"] = {"key": PLANTED}
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


async def stands(daemon: Daemon, standing: str) -> None:
    async with asyncio.timeout(30):
        while daemon.board.claims[CLAIM].standing != standing:
            await asyncio.sleep(0.02)


async def of_another_process(*arguments: object) -> str:
    """What a command says that reads the store while the daemon of this process writes it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evidenced.cli", *map(str, arguments), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def break_and_mend(folder: Path) -> Written:
    async with shop_on_loopback() as (site, url):
        path = configure(folder, url)
        async with running(path) as daemon:
            await stands(daemon, "verified")
            site.broken["/teas"] = "500"
            await stands(daemon, "contradicted")
            site.broken.clear()
            await stands(daemon, "verified")
            await daemon.keeper.store.flush()
            live = json.loads(await of_another_process("proof", CLAIM, "--json", "-c", path))
            verified = await of_another_process("evidence", "verify", "-c", path)
    return Written(folder, live, verified)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Written:
    with structlog.testing.capture_logs():
        return asyncio.run(break_and_mend(tmp_path_factory.mktemp("written")))


@pytest.fixture
def written(once: Written, tmp_path: Path) -> Written:
    """A copy of one's own."""
    folder = tmp_path / "copy"
    shutil.copytree(once.folder, folder)
    return Written(folder, once.live, once.live_verify)


def test_proof_beside_a_running_daemon_has_both(once: Written) -> None:
    changes = [(one["before"], one["standing"]) for one in once.live["timeline"]]
    assert changes == [
        ("unverified", "verified"),
        ("verified", "contradicted"),
        ("contradicted", "verified"),
    ]
    (against,) = once.live["contradictions"]
    assert once.live["last_verified"]["id"] > against["id"]
    assert once.live["standing"] == "verified"
    assert "chain whole" in once.live_verify


def test_proof_shows_what_was_asked_and_what_came_back(
    evidenced: Callable[..., Any], written: Written
) -> None:
    ran = evidenced("proof", CLAIM, "--json", "-c", written.config)
    form = json.loads(ran.out)
    (against,) = form["contradictions"]
    asked = [line for line in against["proof"]["exchange"] if line.startswith("> GET")]
    answered = [line for line in against["proof"]["exchange"] if line.startswith("< HTTP")]
    assert asked[-1].startswith("> GET /teas")
    assert "500" in answered[-1]
    again = form["last_verified"]["proof"]
    assert any("200" in line for line in again["exchange"] if line.startswith("< HTTP"))
    assert form["reopenable"] == against["id"]
    document = next(one for one in form["references"] if one["kind"] == "document")
    assert document["exists"] is False
    (check,) = form["checks"]
    assert check["uptime"]["24h"]["up"] > 0
    assert check["uptime"]["24h"]["down"] > 0
    assert check["curl"].startswith("curl ")

    page = evidenced("proof", CLAIM, "-c", written.config)
    assert (ran.status, page.status) == (0, 0)
    for told in ("# Proof: Skeleton product pages", answered[-1], against["hash"], check["curl"]):
        assert told in page.out


def test_no_proof_has_a_secret(evidenced: Callable[..., Any], written: Written) -> None:
    for more in ([], ["--json"]):
        ran = evidenced("proof", CLAIM, "-c", written.config, *more)
        assert "X-Key" in ran.out
        assert PLANTED not in ran.out + ran.err


def test_proof_into_a_file(evidenced: Callable[..., Any], written: Written, tmp_path: Path) -> None:
    there = tmp_path / "proof.md"
    ran = evidenced("proof", CLAIM, "-c", written.config, "-o", there)
    assert (ran.status, ran.out) == (0, "")
    assert there.read_text("utf-8").startswith("# Proof: ")
    ran = evidenced("proof", CLAIM, "-c", written.config, "-o", tmp_path)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    ("since", "changes"), [("7d", 3), ("2020-01-01", 3), ("2020-01-01T10:00:00+02:00", 3), ("0", 0)]
)
def test_proof_since(
    evidenced: Callable[..., Any], written: Written, since: str, changes: int
) -> None:
    ran = evidenced("proof", CLAIM, "--since", since, "--json", "-c", written.config)
    assert ran.status == 0
    form = json.loads(ran.out)
    assert len(form["timeline"]) == changes
    assert form["last_verified"] is not None
    assert form["reopenable"] is not None


def test_a_claim_without_evidence(evidenced: Callable[..., Any], written: Written) -> None:
    ran = evidenced("proof", "backup-restore-drill", "-c", written.config)
    assert ran.status == 1
    assert "`docs/proof/restore-drill.md`: in the repository" in ran.out
    assert ran.err == "no evidence of 'backup-restore-drill' is kept\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["skeleton-produkt-pages"], f"did you mean {CLAIM!r}?"),
        ([CLAIM, "--since", "yesterday"], "--since: found 'yesterday'"),
    ],
)
def test_bad_input_is_one_line(
    evidenced: Callable[..., Any], written: Written, arguments: list[str], said: str
) -> None:
    ran = evidenced("proof", *arguments, "-c", written.config)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert said in ran.err


def test_a_ledger_that_is_not_there(evidenced: Callable[..., Any], written: Written) -> None:
    (written.folder / "STATE.md").unlink()
    ran = evidenced("proof", CLAIM, "-c", written.config)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    # The chain does not depend on what the ledger says.
    assert evidenced("evidence", "verify", "-c", written.config).status == 0


@pytest.mark.parametrize(
    "command", [["proof", CLAIM], ["evidence", "verify"], ["evidence", "list"]], ids=" ".join
)
@pytest.mark.parametrize("how", ["not there", "empty", "no database"])
def test_a_store_that_cannot_be_read_is_one_line(
    evidenced: Callable[..., Any], written: Written, command: list[str], how: str
) -> None:
    for part in written.folder.glob("evidence.db*"):
        part.unlink()
    if how != "not there":
        written.store.write_bytes(b"" if how == "empty" else b"no database at all " * 1000)
    ran = evidenced(*command, "-c", written.config)
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    if how == "not there":
        assert str(written.store) in ran.err
        assert not written.store.exists()


def test_a_state_directory_of_its_own(
    evidenced: Callable[..., Any], written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = written.folder / "state"
    state.mkdir()
    for part in written.folder.glob("evidence.db*"):
        part.rename(state / part.name)
    assert evidenced("evidence", "verify", "-c", written.config).status == 2
    monkeypatch.setenv("STATE_DIRECTORY", str(state))
    assert evidenced("evidence", "verify", "-c", written.config).status == 0


def test_a_whole_chain(evidenced: Callable[..., Any], written: Written) -> None:
    with closing(sqlite3.connect(written.store)) as database:
        count, head = database.execute(
            "SELECT (SELECT count(*) FROM evidence), lower(hex(head_hash)) FROM chain"
        ).fetchone()
    ran = evidenced("evidence", "verify", "-c", written.config)
    assert ran.status == 0
    assert ran.out == f"{count} records, chain whole, head {head}\n"
    form = json.loads(evidenced("evidence", "verify", "--json", "-c", written.config).out)
    assert (form["records"], form["whole"], form["head"]["hash"]) == (count, True, head)


def flip_a_byte(database: sqlite3.Connection, record: int) -> None:
    (hashed,) = database.execute("SELECT hash FROM evidence WHERE id = ?", (record,)).fetchone()
    changed = bytes([hashed[0] ^ 1]) + hashed[1:]
    database.execute("UPDATE evidence SET hash = ? WHERE id = ?", (changed, record))


def change_a_letter(database: sqlite3.Connection, record: int) -> None:
    database.execute("UPDATE evidence SET standing = 'verifiec' WHERE id = ?", (record,))


def spoil_the_proof(database: sqlite3.Connection, record: int) -> None:
    (proof,) = database.execute("SELECT proof FROM evidence WHERE id = ?", (record,)).fetchone()
    changed = proof[:20] + bytes([proof[20] ^ 1]) + proof[21:]
    database.execute("UPDATE evidence SET proof = ? WHERE id = ?", (changed, record))


def retype_the_time(database: sqlite3.Connection, record: int) -> None:
    database.execute("UPDATE evidence SET at = 'never' WHERE id = ?", (record,))


TAMPERING = [flip_a_byte, change_a_letter, spoil_the_proof, retype_the_time]


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda one: one.__name__)
def test_a_changed_record_is_found_by_its_id(
    evidenced: Callable[..., Any],
    written: Written,
    tamper: Callable[[sqlite3.Connection, int], None],
) -> None:
    against = written.live["contradictions"][0]["id"]
    with closing(sqlite3.connect(written.store)) as database:
        tamper(database, against)
        database.commit()
    ran = evidenced("evidence", "verify", "-c", written.config)
    assert ran.status == 1
    assert ran.out.splitlines()[0].startswith(f"record {against}: changed: ")
    form = json.loads(evidenced("proof", CLAIM, "--json", "-c", written.config).out)
    assert form["damaged"] == [against]
    assert form["reopenable"] is None
    assert evidenced("evidence", "list", "-c", written.config, "--limit", "1000").status == 0


def test_a_dropped_record_is_found(evidenced: Callable[..., Any], written: Written) -> None:
    with closing(sqlite3.connect(written.store)) as database:
        database.execute("DELETE FROM evidence WHERE id = 2")
        database.commit()
    ran = evidenced("evidence", "verify", "-c", written.config)
    assert (ran.status, ran.out) == (1, "record 3: dropped: record 2 is missing before it\n")
    form = json.loads(evidenced("evidence", "verify", "--json", "-c", written.config).out)
    assert form["problems"][0] | {"detail": ""} == {"id": 3, "flaw": "dropped", "detail": ""}


def test_the_list_is_newest_first(evidenced: Callable[..., Any], written: Written) -> None:
    ran = evidenced("evidence", "list", "--claim", CLAIM, "--limit", "2", "-c", written.config)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["ID", "TIME", "(UTC)", "CLAIM", "CHANGE", "CHECK"]
    assert "contradicted → verified" in lines[1]
    assert "verified → contradicted" in lines[2]
    assert all(CLAIM in line for line in lines[1:])
    assert len(lines) == 3
