"""docs/alertmanager-direct.md shows configurations that load, and names the alerts rightly."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from evidenced.config.load import load
from evidenced.publish.rules import default_rules
from publish.test_alerts_rules import NOT_SENT

PAGE = (Path(__file__).parents[2] / "docs" / "alertmanager-direct.md").read_text("utf-8")
SHOWN = [one.content for one in MarkdownIt().parse(PAGE) if one.type == "fence"]


@pytest.mark.parametrize("shown", SHOWN, ids=["short", "at length"])
def test_what_is_shown_loads(shown: str, tmp_path: Path) -> None:
    (tmp_path / "alertmanager-password").write_text("swordfish\n", "utf-8")
    path = tmp_path / "evidenced.yaml"
    path.write_text(f"ledger: {{path: STATE.md}}\n{shown}", "utf-8")
    told = load(path, {}).alertmanager
    assert told is not None
    assert (told.repeat, told.expire, told.timeout, told.job) == (30.0, 300.0, 10.0, "evidenced")


def test_what_is_not_sent_is_named_as_in_the_rules() -> None:
    (told,) = re.findall(r"Two alerts are not sent,.+?\n\n", PAGE, re.DOTALL)
    names = set(re.findall("`(Evidenced[A-Za-z]+)`", told))
    assert names == NOT_SENT
    assert names <= set(re.findall("alert: ([A-Za-z]+)", default_rules()))
