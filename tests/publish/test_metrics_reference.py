import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from prometheus_client import CollectorRegistry

from evidenced.ledger.lint.model import Linted, Severity
from evidenced.probes.attempt import Attempt, Fact
from evidenced.probes.registry import KINDS
from evidenced.publish.metrics import Metrics
from evidenced.publish.metrics_checks import FACTS
from evidenced.publish.metrics_shards import ShardCollector, Sharing
from evidenced.publish.reference import reference
from evidenced.watch.board import Blind, Board, CheckStatus
from evidenced.watch.lists import TargetList
from evidenced.watch.observation import Observation

PAGE = Path(__file__).parents[2] / "METRICS.md"
ROW = re.compile(r"\| `([a-z_]+)` \| (\w+) \| ([^|]*) \| (\w*) \| ([^|]+) \| ([^|]+) \|")
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def _rows() -> dict[str, re.Match[str]]:
    rows = [ROW.fullmatch(line) for line in reference().splitlines() if line.startswith("| `")]
    assert all(rows)
    return {row[1]: row for row in rows if row}


def _family(name: str) -> str:
    return re.sub("(_bucket|_sum|_count)$", "", name) if "lateness" in name else name


def test_the_page_is_the_one_of_the_code() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run `make generate`"


def _one_of_each_kind(board: Board, good: Attempt) -> None:
    """Put a check of each kind on the board that saw all that this kind can see."""
    model = board.checks["bells"].check
    for kind in KINDS:
        facts: dict[str, Fact] = {seen.fact: 1.0 for seen in FACTS if kind in seen.kinds}
        check = replace(model, name=f"all-{kind}", kind=kind)
        attempt = replace(good, facts=facts | {"fact:rows": 1, "serving_status": "SERVING"})
        board.checks[check.name] = CheckStatus(check, last=Observation(check, 0.0, 0.0, (attempt,)))


def test_a_full_scrape_has_what_the_page_has_and_nothing_else(
    board: Board,
    metrics: Metrics,
    observe: Callable[..., None],
    good: Attempt,
    bad: Attempt,
    scrape: Callable[[CollectorRegistry], Series],
) -> None:
    observe("bells", good)
    for _ in range(2):
        observe("repairs", bad)
    _one_of_each_kind(board, good)
    claim = next(iter(board.claims))
    board.claims[claim] = replace(board.claims[claim], blind=Blind.VANTAGE)
    board.lists = (TargetList("bells", "bells.json", targets=3, good=True, succeeded=1.0),)
    board.linted = Linted({"size": Severity.WARNING})
    board.plan = replace(board.plan, sentinels=("hub",), sentinels_needed=1)
    metrics.observe_lateness(0.1)
    metrics.register(ShardCollector(lambda: Sharing(1, 4, 0, True), None))
    assert {_family(name) for name, _ in scrape(metrics.registry)} == set(_rows())


def test_types_labels_and_units_are_those_of_the_scrape(
    metrics: Metrics, observe: Callable[..., None], good: Attempt
) -> None:
    observe("bells", good)
    subject = {"check", "kind", "target", "claim", "section", "le", "label_team", "label_tier"}
    rows = _rows()
    for family in metrics.registry.collect():
        sample = family.samples[0]
        row = rows[_family(sample.name)]
        assert row[2] == family.type, sample.name
        own = set(sample.labels) - subject - {"label_job"}
        documented = {label.strip("`") for label in row[3].split(", ")} - {"", "label_…"} - subject
        assert own == documented, sample.name
        if sample.name.startswith(("probe_", "evidenced_")):
            assert row[5].strip() == family.documentation
            assert family.unit in ("", row[4])
            assert row[4] == "seconds" or not family.name.endswith("_seconds")
