"""The commands that edit the ledger, on files and a store that are really there."""

import asyncio
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidenced.evidence.records import JSON, Evidence
from evidenced.evidence.store import Store
from evidenced.ledger.model import Section
from evidenced.ledger.parse import read

DAY = 86_400.0
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
DOCS = Path(__file__).parents[2] / "docs/ledger-edits.md"

LEDGER = """\
# Ferry

**Last Updated**: 2026-11-20 08:15 UTC

## CLOSED
- **Fog horn**: It sounds. PR #4. (Closed: 2026-01-09)
- **Undated**: Some day.

## STABLE
- **Tickets**: /tickets returns 200

## IN PROGRESS
- (none)

## NEXT

### 1) Night crossing
- **DoD**:
  - /night returns 200
"""
CONFIG = """\
ledger: {path: STATE.md, base_url: "http://127.0.0.1:9", derive: true}
checks:
  - name: night
    claims: [night-crossing]
    http: {url: /night}
  - name: searching
    claims: [search]
    http: {url: /search}
"""

Run = Callable[..., Any]


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    (tmp_path / "STATE.md").write_bytes(LEDGER.encode())
    (tmp_path / "evidenced.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def ledger(evidenced: Run, ferry: Path) -> Run:
    """Run `evidenced ledger ARGUMENTS…` on the ferry."""

    config = ferry / "evidenced.yaml"
    return lambda *arguments: evidenced("ledger", *arguments, "-c", config)


def change(
    claim: str,
    standing: str,
    ago: float,
    *,
    drill: bool = False,
    proof: Mapping[str, JSON] | None = None,
) -> Evidence:
    before = "verified" if standing == "contradicted" else "unverified"
    return Evidence(
        at=time.time() - ago,
        claim=claim,
        section="closed",
        check=f"{claim}-check",
        before=before,
        standing=standing,
        drill=drill,
        proof=proof or {},
    )


def keep(folder: Path, records: Sequence[Evidence]) -> None:
    async def put() -> None:
        async with Store("sqlite:///evidence.db", folder) as store:
            for record in records:
                store.put(record)
            async with asyncio.timeout(30):
                await store.flush()

    asyncio.run(put())


def titles(folder: Path, section: Section) -> list[str]:
    return [item.title for item in read(folder / "STATE.md").sections[section]]


def test_a_diff_is_shown_and_nothing_written_where_nobody_can_be_asked(
    ledger: Run, ferry: Path
) -> None:
    ran = ledger("start", "Night crossing")
    assert ran.status == 1
    assert ran.err == "nothing was written: there is no terminal to ask on, so say --yes\n"
    assert "+- **Night crossing**\n" in ran.out
    assert "-### 1) Night crossing\n" in ran.out
    assert "-**Last Updated**: 2026-11-20 08:15 UTC\n" in ran.out
    assert (ferry / "STATE.md").read_bytes() == LEDGER.encode()


def test_start_promote_close(ledger: Run, ferry: Path) -> None:
    keep(ferry, [change("tickets", "verified", 60)])
    assert ledger("start", "night crossing", "--yes").status == 0
    assert titles(ferry, Section.IN_PROGRESS) == ["Night crossing"]
    ran = ledger("start", "Lamps", "--yes")
    assert (ran.status, len(ran.err.splitlines())) == (1, 1)
    assert "'Night crossing' is in progress" in ran.err
    assert ledger("promote", "--yes").status == 0
    assert (
        "- **Night crossing**: Checks: `night`, `night-crossing`.\n"
        in (ferry / "STATE.md").read_text()
    )
    assert titles(ferry, Section.IN_PROGRESS) == []
    assert ledger("close", "tickets", "--yes").status == 0
    closed = read(ferry / "STATE.md").sections[Section.CLOSED][-1]
    assert (closed.id, f"{closed.closed}") == ("tickets", TODAY)
    assert re.search(
        r"Proof: record 1, verified \S+Z by tickets-check, hash [0-9a-f]{16}\.", closed.text
    )
    assert f"**Last Updated**: {TODAY}" in (ferry / "STATE.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--check", "tickets"], "check 'tickets' does not speak for 'night-crossing'"),
        (["--check", "nights"], "there is no check 'nights'"),
        (["fog-horn"], "IN PROGRESS has no item 'fog-horn'"),
    ],
)
def test_promote_is_refused(ledger: Run, arguments: list[str], said: str) -> None:
    ledger("start", "night crossing", "--yes")
    ran = ledger("promote", *arguments, "--yes")
    assert (ran.status, len(ran.err.splitlines())) == (1, 1)
    assert said in ran.err


def test_promote_without_a_check_is_refused(ledger: Run) -> None:
    ran = ledger("start", "Lamps", "--yes")
    assert "nothing says when 'Lamps' is done" in ran.err
    ran = ledger("promote", "--yes")
    assert (ran.status, "no check speaks for 'lamps'" in ran.err) == (1, True)


def test_what_is_contradicted_is_not_closed(ledger: Run, ferry: Path) -> None:
    keep(ferry, [change("tickets", "verified", 60), change("tickets", "contradicted", 30)])
    ran = ledger("close", "tickets", "--evidence", "PR #9", "--yes")
    assert (ran.status, "contradicted since" in ran.err) == (1, True)
    assert (ferry / "STATE.md").read_bytes() == LEDGER.encode()


def test_nothing_is_closed_without_evidence(ledger: Run, ferry: Path) -> None:
    ran = ledger("close", "tickets", "--yes")
    assert (ran.status, "no store is there yet" in ran.err) == (2, True)
    keep(ferry, [change("fog-horn", "verified", 60)])
    ran = ledger("close", "tickets", "--yes")
    assert (ran.status, "nothing proves 'tickets'" in ran.err) == (1, True)
    assert ledger("close", "tickets", "--evidence", "PR #9", "--yes").status == 0
    assert f"200 Evidence: PR #9. (Closed: {TODAY})\n" in (ferry / "STATE.md").read_text()


FAILED: Mapping[str, JSON] = {
    "attempts": [{"failure": {"reason": "status", "detail": "expected 200,\nfound `503`"}}]
}


def test_reopen_needs_new_proof(ledger: Run, ferry: Path) -> None:
    closing = datetime(2026, 1, 9, tzinfo=UTC).timestamp()
    early = time.time() - (closing + DAY / 2)
    drill = change("fog-horn", "contradicted", 60, drill=True)
    keep(ferry, [change("fog-horn", "contradicted", early), drill])
    ran = ledger("reopen", "fog-horn", "--yes")
    assert (ran.status, len(ran.err.splitlines())) == (3, 1)
    assert "'fog-horn' was closed on 2026-01-09 (line 6), and no record" in ran.err
    assert (ferry / "STATE.md").read_bytes() == LEDGER.encode()

    keep(ferry, [change("fog-horn", "contradicted", 60, proof=FAILED)])
    assert ledger("reopen", "Fog horn", "--yes").status == 0
    assert titles(ferry, Section.IN_PROGRESS) == ["Fog horn"]
    (line,) = [one for one in (ferry / "STATE.md").read_text().splitlines() if "Fog horn" in one]
    assert f"Reopened {TODAY} on new proof against fog-horn: record 3, contradicted" in line
    assert line.endswith("by `fog-horn-check`: `` status: expected 200, found `503` ``.")


@pytest.mark.parametrize(
    ("claim", "status", "said"),
    [("undated", 3, "has no closing date"), ("tickets", 1, "CLOSED has no item 'tickets'")],
)
def test_reopen_is_refused(ledger: Run, ferry: Path, claim: str, status: int, said: str) -> None:
    keep(ferry, [change("undated", "contradicted", 60)])
    ran = ledger("reopen", claim, "--yes")
    assert (ran.status, said in ran.err) == (status, True)


def test_next_in_a_file_of_its_own(ledger: Run, evidenced: Run, ferry: Path) -> None:
    config = ferry / "evidenced.yaml"
    config.write_text(CONFIG.replace("{path: STATE.md", "{path: STATE.md, next_path: NEXT-7D.md"))
    ran = ledger("next", "add", "Lamps", "--done-when", "40 lux", "--yes")
    assert (ran.status, "--- /dev/null" in ran.out) == (0, True)
    beside = ferry / "NEXT-7D.md"
    assert beside.read_text() == "## NEXT\n\n### 1) Lamps\n- **DoD**:\n  - 40 lux\n"
    shown = evidenced("ledger", "show", "--json", "-c", config).out
    assert "Lamps" in shown
    assert "Night crossing" not in shown
    assert ledger("start", "Lamps", "--yes").status == 0
    assert beside.read_text() == "## NEXT\n\n- (none)\n"
    assert titles(ferry, Section.IN_PROGRESS) == ["Lamps"]
    assert titles(ferry, Section.NEXT) == ["Night crossing"]


def test_archive(ledger: Run, ferry: Path) -> None:
    ran = ledger("archive", "--older-than", "30d", "--yes")
    assert ran.status == 0
    made = ferry / f"STATE-archive-{TODAY}.md"
    assert [item.id for item in read(made).sections[Section.CLOSED]] == ["fog-horn"]
    assert titles(ferry, Section.CLOSED) == ["Undated"]
    assert f"[{made.name}](<{made.name}>)" in (ferry / "STATE.md").read_text()
    assert ledger("archive", "--yes").status == 1
    assert ledger("archive", "--older-than", "soon", "--yes").status == 2


def test_a_second_archive_of_a_day_has_a_name_of_its_own(ledger: Run, ferry: Path) -> None:
    there = ferry / f"STATE-archive-{TODAY}.md"
    there.write_text("mine")
    assert ledger("archive", "--yes").status == 0
    assert there.read_text() == "mine"
    assert (ferry / f"STATE-archive-{TODAY}-2.md").exists()


def test_more_than_half_of_the_claims_is_told_to_go(ledger: Run, ferry: Path) -> None:
    old = f"{datetime.now(UTC) - timedelta(days=200):%Y-%m-%d}"
    text = LEDGER.replace("Some day.", f"Some day. (Closed: {old})")
    (ferry / "STATE.md").write_text(text)
    assert "evidenced ledger accept" in ledger("archive", "--yes").err


@pytest.mark.parametrize("text", ["", "# Nothing\n", None])
def test_a_ledger_that_is_none_is_one_line(ledger: Run, ferry: Path, text: str | None) -> None:
    (ferry / "STATE.md").unlink()
    if text is not None:
        (ferry / "STATE.md").write_text(text)
    ran = ledger("start", "Lamps", "--yes")
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)


def test_a_journal_is_not_edited(ledger: Run, ferry: Path) -> None:
    config = ferry / "evidenced.yaml"
    config.write_text(CONFIG.replace("path: STATE.md", "path: STATE.md, layout: journal"))
    ran = ledger("start", "Lamps", "--yes")
    assert (ran.status, "only a ledger with sections" in ran.err) == (1, True)


def on_a_terminal(ferry: Path, answer: str, meanwhile: Callable[[], object]) -> tuple[int, bytes]:
    """The exit status of a start, and all that it says, where `answer` is typed when it asks."""
    command = ["ledger", "start", "Night crossing", "-c", str(ferry / "evidenced.yaml")]
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "evidenced.cli", *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    with suppress(OSError):  # a terminal that nobody holds any more cannot be read
        while part := os.read(terminal, 4096):
            asked = b"Write this?" in said
            said += part
            if b"Write this?" in said and not asked:
                meanwhile()
                os.write(terminal, f"{answer}\n".encode())
    os.close(terminal)
    return process.wait(30), said


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("n", 1)])
def test_on_a_terminal_it_asks(ferry: Path, answer: str, status: int) -> None:
    ended, said = on_a_terminal(ferry, answer, lambda: None)
    assert (ended, b"+- **Night crossing**" in said) == (status, True)
    assert titles(ferry, Section.IN_PROGRESS) == (["Night crossing"] if status == 0 else [])


def test_what_somebody_writes_while_it_asks_is_kept(ferry: Path) -> None:
    theirs = f"{LEDGER}One more line.\n".encode()
    ended, said = on_a_terminal(ferry, "y", lambda: (ferry / "STATE.md").write_bytes(theirs))
    assert (ended, b"changed meanwhile" in said) == (1, True)
    assert (ferry / "STATE.md").read_bytes() == theirs


def test_what_the_page_shows_is_so(
    evidenced: Run, ferry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ferry)
    keep(ferry, [change("search", "verified", 60)])
    statuses = []
    for block in re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL):
        for line in block.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == "evidenced"
            yes = ["--yes"] if arguments[0] == "ledger" else []
            statuses.append((arguments[1], evidenced(*arguments, *yes).status))
    assert statuses == [
        ("next", 0),
        ("start", 0),
        ("promote", 0),
        ("close", 0),
        ("reopen", 3),
        ("archive", 0),
        ("--from", 0),
    ]
