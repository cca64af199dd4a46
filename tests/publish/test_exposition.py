import asyncio
import gzip
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from evidenced.config.model import Config
from evidenced.ledger.model import Item, Section
from evidenced.probes.attempt import Attempt
from evidenced.publish.exposition import render
from evidenced.publish.metrics import Metrics
from evidenced.watch.board import Board
from evidenced.watch.plan import make_plan

TITLE = 'Ποδήλατα 🚲 "C:\\bells"\nsecond line'
OPENMETRICS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6"
PROMETHEUS_2_42 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


@pytest.fixture
def full(
    metrics: Metrics,
    board: Board,
    config: Config,
    observe: Callable[..., None],
    good: Attempt,
    bad: Attempt,
) -> Metrics:
    """Metrics with every family in them, and a title with all that must be escaped."""
    ledger = board.plan.ledger
    item = Item("odd", Section.STABLE, TITLE, "", 1)
    sections = {**ledger.sections, Section.STABLE: (*ledger.sections[Section.STABLE], item)}
    board.adopt(make_plan(config, replace(ledger, sections=sections)), {})
    for name, attempt in (("bells", good), ("repairs", bad), ("repairs", bad)):
        observe(name, attempt)
    metrics.observe_lateness(0.01)
    return metrics


def _titles(body: str, openmetrics: bool) -> set[str]:
    read = read_openmetrics if openmetrics else read_text
    return {
        sample.labels["title"]
        for family in read(body)
        for sample in family.samples
        if sample.name == "evidenced_claim_info"
    }


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param("", "text/plain; version=0.0.4; charset=utf-8", id="nothing asked"),
        pytest.param(
            "text/html,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8", id="browser"
        ),
        pytest.param(
            PROMETHEUS_2_42,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            id="Prometheus 2.42",
        ),
        pytest.param(
            OPENMETRICS,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            id="Prometheus 3",
        ),
        pytest.param(
            "application/openmetrics-text;version=many",
            "text/plain; version=0.0.4; charset=utf-8",
            id="nonsense",
        ),
    ],
)
def test_the_format_is_the_one_asked_for_and_reads_back(
    full: Metrics, accept: str, content_type: str
) -> None:
    body, headers = render(full.registry, accept, "")
    assert headers["Content-Type"] == content_type
    assert "Content-Encoding" not in headers
    assert headers["Vary"] == "Accept, Accept-Encoding"
    assert TITLE in _titles(body.decode(), "openmetrics" in content_type)


async def test_a_thread_may_render_while_the_board_changes(
    full: Metrics, observe: Callable[..., None], good: Attempt
) -> None:
    scrapes = [asyncio.create_task(asyncio.to_thread(render, full.registry, "", "")) for _ in "12"]
    runs = 0
    while not all(scrape.done() for scrape in scrapes):
        observe("bells", good, at=runs)
        runs += 1
        await asyncio.sleep(0)
    assert runs > 1
    for scrape in scrapes:
        body, _ = await scrape
        assert TITLE in _titles(body.decode(), openmetrics=False)


def test_both_formats_hold_the_same_series(full: Metrics) -> None:
    def ours(body: bytes, read: Callable[..., object]) -> set[tuple[str, frozenset[object]]]:
        return {
            (sample.name, frozenset(sample.labels.items()))
            for family in read(body.decode())  # type: ignore[attr-defined]  # either parser
            for sample in family.samples
        }

    text, _ = render(full.registry, "", "")
    openmetrics, _ = render(full.registry, OPENMETRICS, "")
    assert ours(text, read_text) == ours(openmetrics, read_openmetrics)


@pytest.mark.parametrize(
    ("accept_encoding", "compressed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=1.000, identity", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("x-gzippy", False),
    ],
)
def test_the_body_is_compressed_where_gzip_is_accepted(
    full: Metrics, accept_encoding: str, compressed: bool
) -> None:
    body, headers = render(full.registry, "", accept_encoding)
    assert (headers.get("Content-Encoding") == "gzip") is compressed
    text = gzip.decompress(body) if compressed else body
    assert TITLE in _titles(text.decode(), openmetrics=False)


@pytest.mark.parametrize("location", [None, "fra1"])
def test_promtool_finds_nothing_to_say(
    full: Metrics, board: Board, location: str | None, promtool: Path
) -> None:
    metrics = Metrics(board, location, in_flight=lambda: 0, skipped=lambda: 0)
    body, _ = render(metrics.registry, "", "")
    found = subprocess.run(
        [promtool, "check", "metrics"], input=body, capture_output=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
