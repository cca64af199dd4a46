from pathlib import Path

import pytest

from replay.firing import Firing, firings
from replay.series import Gathered

RULES = """\
groups:
  - name: it
    rules:
      - record: seen:view
        expr: evidenced_vantage_up
      - alert: Lost
        expr: seen:view == 0
        for: 30s
        labels: {severity: critical}
      - alert: Waking
        expr: max by (claim) (evidenced_claim_status{status="contradicted"}) == 1
        labels: {severity: warning}
"""
QUOTED = 'evidenced_claim_status{claim="a \\"b\\", {c}",status="contradicted"} 1.0\n'


def _gathered(*scrapes: str) -> Gathered:
    gathered = Gathered(RULES, 0.0)
    for scrape in scrapes:
        gathered.add(scrape)
    return gathered


def test_the_timeline_is_that_of_prometheus(promtool: Path, tmp_path: Path) -> None:
    up, down = "evidenced_vantage_up 1.0\n", "evidenced_vantage_up 0.0\n"
    scrapes = (up, down, down, down, down + QUOTED, up, down, up, down, down, down)
    assert firings(promtool, tmp_path, RULES, _gathered(*scrapes), 15.0) == [
        Firing("Lost", "", "critical", 45.0, 75.0),
        Firing("Waking", 'a "b", {c}', "warning", 60.0, 75.0),
        Firing("Lost", "", "critical", 150.0, None),
    ]


def test_a_step_that_was_not_evaluated_is_no_silence(promtool: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="unclosed"):
        firings(
            promtool, tmp_path, RULES.replace("seen:view ==", "(seen:view =="), _gathered(""), 15
        )
