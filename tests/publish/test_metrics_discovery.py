from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.publish.exposition import render
from evidenced.publish.metrics import Metrics
from evidenced.watch.board import Board, Reading
from evidenced.watch.lists import TargetList
from evidenced.watch.plan import make_plan

Scrape = Callable[[str | None], dict[str, list[tuple[dict[str, str], float]]]]


@pytest.fixture
def scrape() -> Scrape:
    """The samples of a daemon at a location, by name: two checks, two lists."""

    def samples(location: str | None) -> dict[str, list[tuple[dict[str, str], float]]]:
        config = Config.model_validate(
            {
                "ledger": {"path": "STATE.md"},
                "checks": [
                    {"name": "far", "location": "oslo", "http": {"url": "https://a.example"}},
                    {"name": "near", "http": {"url": "https://b.example"}},
                ],
            }
        )
        plan = make_plan(config, Ledger(None, {}, frozenset(), ()))
        board = Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=1.0))
        board.lists = (
            TargetList("found", "/srv/list.json", 3, good=True, succeeded=5.0),
            TargetList("found", "https://c.example/?key=…", 0, good=False, succeeded=None),
        )
        metrics = Metrics(board, location, in_flight=lambda: 0, skipped=lambda: 0)
        text = render(metrics.registry, "", "")[0].decode()
        found: dict[str, list[tuple[dict[str, str], float]]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found

    return samples


@pytest.mark.parametrize(
    ("location", "locations"), [("fra1", ["oslo", "fra1"]), (None, ["oslo", None])]
)
def test_a_check_may_have_a_location_of_its_own(
    scrape: Scrape, location: str | None, locations: list[str | None]
) -> None:
    info = scrape(location)["probe_info"]
    assert [labels.get("location") for labels, _ in info] == locations


def test_lists_of_targets_are_exported(scrape: Scrape) -> None:
    found = scrape(None)
    one = {"check": "found", "source": "/srv/list.json"}
    two = {"check": "found", "source": "https://c.example/?key=…"}
    assert found["evidenced_discovery_targets"] == [(one, 3), (two, 0)]
    assert found["evidenced_discovery_successful"] == [(one, 1), (two, 0)]
    assert found["evidenced_discovery_last_success_timestamp_seconds"] == [(one, 5)]
