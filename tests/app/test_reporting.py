import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from app.repositories import Repository
from evidenced.app import reporting
from evidenced.app.reporting import Reporting
from evidenced.config.model import Config
from evidenced.config.report import ReportSettings
from evidenced.ledger.parse import parse
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan
from evidenced.watch.verdict import Standing

CLAIMS = [f"oven-{n}" for n in range(20)]
NEVER = "0 0 29 2 *"
"""A schedule that is not due while the test runs."""


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


class Daemon:
    """What a report asks of a daemon: a board with twenty claims, and settings."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.path = folder / "FACTS.md"
        config = Config.model_validate(
            {
                "ledger": {"path": "STATE.md"},
                "checks": [
                    {"name": name, "claims": [name], "http": {"url": "https://bakery.example/"}}
                    for name in CLAIMS
                ],
            }
        )
        items = "".join(f"- Oven {name} <!-- id: {name} -->\n" for name in CLAIMS)
        plan = make_plan(config, parse(f"## STABLE\n{items}"))
        self.board = Board.of(plan, {}, Reading(True, 0.0))
        self.settings: ReportSettings | None = self.with_settings(**settings)
        self.reporting = Reporting(
            self.board, lambda: self.settings, lambda: 3.0, state=folder, quiet=0.2
        )

    def with_settings(self, **settings: object) -> ReportSettings:
        return ReportSettings.model_validate({"path": self.path, "schedule": NEVER, **settings})

    def stand(self, standing: Standing, *claims: str) -> None:
        for claim in claims:
            self.board.claims[claim] = replace(self.board.claims[claim], standing=standing)
            self.reporting.changed()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")


@pytest.fixture(autouse=True)
def _all_is_logged() -> Iterator[None]:
    """Commands that ran before in this process may have said that only errors are."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    # The logger is made when it is first used: after the capture began.
    daemon.reporting._log = structlog.get_logger()
    task = asyncio.create_task(daemon.reporting.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_claims_that_fall_together_are_one_report(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    async with running(daemon):
        for claim in CLAIMS:
            daemon.stand(Standing.CONTRADICTED, claim)
            await asyncio.sleep(0.01)
        assert not daemon.path.exists()
        await until(lambda: daemon.reporting.written)
        assert "### Contradicted (20)" in daemon.text
        daemon.stand(Standing.VERIFIED, "oven-3")
        await until(lambda: daemon.reporting.written == 2)
    assert "Claims: 19 contradicted, 1 verified" in daemon.text
    assert "- claim `oven-3`: contradicted → verified" in daemon.text
    assert daemon.text.count(" → ") == 1


async def test_changes_that_do_not_end_are_reported_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "MOST", 0.3)
    daemon = Daemon(tmp_path)
    async with running(daemon):
        async with asyncio.timeout(30):
            while not daemon.reporting.written:
                daemon.stand(Standing.VERIFIED, "oven-3")
                await asyncio.sleep(0.01)


async def test_it_is_written_on_schedule(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, schedule="* * * * * *", on_change=False)
    async with running(daemon):
        daemon.stand(Standing.CONTRADICTED, "oven-3")
        await until(lambda: daemon.reporting.written >= 2)
    first = daemon.text.splitlines()[2]
    assert "since the report of" in first
    assert "; next check " in first
    assert "; next report " in first


async def test_without_on_change_only_the_schedule_counts(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    daemon.stand(Standing.CONTRADICTED, "oven-3")
    assert daemon.reporting._left(daemon.with_settings()) <= 0.2
    assert daemon.reporting._left(daemon.with_settings(on_change=False)) > 3600


async def test_a_clock_that_is_set_back_holds_up_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = Daemon(tmp_path)
    daily = daemon.with_settings(schedule="0 7 * * *")
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    for hours, left in ((0, 19), (-24, 19), (-6, 1), (-4, -1)):
        monkeypatch.setattr(time, "time", lambda at=noon + hours * 3600: at)
        assert daemon.reporting._left(daily) == left * 3600


async def test_settings_that_come_and_go_are_taken_over(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path)
    there, daemon.settings = daemon.settings, None
    async with running(daemon):
        daemon.stand(Standing.CONTRADICTED, "oven-3")
        await asyncio.sleep(0)
        daemon.settings = there
        daemon.reporting.reloaded()
        daemon.stand(Standing.CONTRADICTED, "oven-4")
        await until(lambda: daemon.reporting.written)
    assert "### Contradicted (2)" in daemon.text


async def test_what_changed_is_known_over_a_restart(tmp_path: Path) -> None:
    first = Daemon(tmp_path)
    async with running(first):
        first.stand(Standing.VERIFIED, *CLAIMS)
        await until(lambda: first.reporting.written)
    second = Daemon(tmp_path)
    async with running(second):
        second.stand(Standing.VERIFIED, *CLAIMS)
        second.stand(Standing.CONTRADICTED, "oven-7")
        await until(lambda: second.reporting.written)
    assert "1 change since the report of" in second.text
    assert "- claim `oven-7`: verified → contradicted" in second.text


async def test_trouble_is_told_once_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "RETRY", 0.02)
    daemon = Daemon(tmp_path)
    daemon.path.mkdir()
    with capture_logs() as logs:
        async with running(daemon):
            daemon.stand(Standing.CONTRADICTED, "oven-3")
            await until(lambda: logs)
            await asyncio.sleep(0.1)
            daemon.path.rmdir()
            await until(lambda: daemon.reporting.written)
    assert [(one["log_level"], one["event"]) for one in logs] == [
        ("warning", "the report is not written"),
        ("info", "the trouble with the report is over"),
    ]
    assert "### Contradicted (1)" in daemon.text


async def test_without_a_place_for_state_the_last_report_is_known_all_the_same(
    tmp_path: Path,
) -> None:
    daemon = Daemon(tmp_path)
    daemon.reporting = Reporting(
        daemon.board, lambda: daemon.settings, lambda: None, state=tmp_path / "none", quiet=0.05
    )
    async with running(daemon):
        daemon.stand(Standing.VERIFIED, "oven-3")
        await until(lambda: daemon.reporting.written == 1)
        daemon.stand(Standing.CONTRADICTED, "oven-3")
        await until(lambda: daemon.reporting.written == 2)
    assert "- claim `oven-3`: verified → contradicted" in daemon.text
    assert "next check" not in daemon.text


async def test_each_report_that_says_something_new_is_a_commit(repository: Repository) -> None:
    daemon = Daemon(repository.top, commit={"message": "Facts"})
    with capture_logs() as logs:
        async with running(daemon):
            daemon.stand(Standing.VERIFIED, "oven-3")
            await until(lambda: len(logs) == 1)
            # Written, but it says nothing new.
            daemon.reporting.changed()
            await until(lambda: daemon.reporting.written == 2)
            daemon.stand(Standing.CONTRADICTED, "oven-3")
            await until(lambda: len(logs) == 2)
    assert [one["event"] for one in logs] == ["the report is committed"] * 2
    assert repository.git("log", "--format=%s") == "Facts\nFacts\nFirst"
    changed = repository.git("diff", "HEAD~1", "HEAD", "-U0").splitlines()
    assert "+- claim `oven-3`: verified → contradicted" in changed


async def test_a_hook_that_refuses_is_run_once_and_told_once(repository: Repository) -> None:
    runs = repository.top / ".git" / "runs"
    repository.hook("pre-commit", f'echo run >> "{runs}"; exit 1')
    daemon = Daemon(repository.top, commit=True)
    with capture_logs() as logs:
        async with running(daemon):
            daemon.stand(Standing.VERIFIED, "oven-3")
            await until(lambda: logs)
            for written in (2, 3):
                daemon.reporting.changed()
                await until(lambda n=written: daemon.reporting.written == n)  # type: ignore[misc]
        again = Daemon(repository.top, commit=True)
        async with running(again):
            again.stand(Standing.VERIFIED, "oven-3")
            await until(lambda: again.reporting.written == 1)
            # The next one is written when the first has been through git.
            again.reporting.changed()
            await until(lambda: again.reporting.written == 2)
    assert [one["event"] for one in logs] == ["the report is not committed"]
    assert runs.read_text() == "run\n"
