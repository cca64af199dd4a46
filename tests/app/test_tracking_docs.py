"""docs/tracker.md shows configurations that load, and names the metrics rightly."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from evidenced.config.load import load
from evidenced.publish.reference import reference

PAGE = (Path(__file__).parents[2] / "docs" / "tracker.md").read_text("utf-8")
SHOWN = [one.content for one in MarkdownIt().parse(PAGE) if one.type == "fence"]


@pytest.mark.parametrize("shown", SHOWN, ids=["short", "at length"])
def test_what_is_shown_loads(shown: str, tmp_path: Path) -> None:
    (tmp_path / "tracker-token").write_text("swordfish\n", "utf-8")
    path = tmp_path / "evidenced.yaml"
    path.write_text(f"ledger: {{path: STATE.md}}\n{shown}", "utf-8")
    tracker = load(path, {}).tracker
    assert tracker is not None
    assert (tracker.comment_every, tracker.settle, tracker.close) == (3600.0, 300.0, True)
    assert "swordfish" not in repr(tracker)


def test_the_metrics_are_there() -> None:
    names = set(re.findall("`(evidenced_tracker_[a-z_]+)`", PAGE))
    assert len(names) == 3
    assert names <= set(re.findall("`(evidenced_tracker_[a-z_]+)`", reference()))
