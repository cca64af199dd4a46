from collections.abc import Callable
from pathlib import Path

import pytest

from replay.engine import Replay
from replay.firing import firings
from replay.judge import judge
from replay.scenario import SCENARIOS, load

FILES = sorted(SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_every_failure_pages_once_and_in_time_and_nothing_else_pages(
    path: Path,
    promtool: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    scenario = load(path)
    replay = Replay(scenario, tmp_path, monkeypatch)
    gathered = await replay.play()
    fired = firings(promtool, tmp_path, replay.rules, gathered, scenario.scrape)
    score = judge(scenario, fired, replay.bounds)
    waits = [list(wait) for wait in score.waits]
    row = [path.stem, score.expected, score.found, len(score.false), waits]
    record_property("replay", row)
    assert not score.wrong, "\n".join((*score.wrong, *map(str, replay.log)))
