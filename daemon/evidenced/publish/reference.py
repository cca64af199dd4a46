"""METRICS.md: every metric that the daemon exports, made from the families themselves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.metrics_core import Metric

from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.publish.metrics import Metrics
from evidenced.publish.metrics_checks import CHECK_FAMILIES, FACTS, USER_LABEL_PREFIX, info_family
from evidenced.publish.metrics_claims import CLAIM_FAMILIES, LEDGER_FAMILIES
from evidenced.publish.metrics_daemon import (
    LATENESS,
    LIST_FAMILIES,
    RELOAD_FAMILIES,
    WORK_FAMILIES,
)
from evidenced.publish.metrics_family import Family
from evidenced.publish.metrics_shards import SHARD_FAMILIES
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan

INTRODUCTION = """\
# Metrics

What `evidenced` tells Prometheus at `/metrics`. This page is made from the code; the names are a
contract.

All of it comes in the classic text format, or in OpenMetrics where the scraper asks for that, which
also has the units and gives the `_info` metrics their own type (they are gauges of 1 in the text
format). With `location` in the configuration, every metric of a check, a claim, the ledger and the
daemon has that as a label, too; those of a check have the `location` of its own, where it has one.

A value that is not known is absent, never 0. Times are in seconds since 1970-01-01 UTC, so
`time() - NAME` is an age.
"""

CHECKS = """\
Under the names of blackbox_exporter where the meaning is the same, so that its dashboards and rules
work. Each has the labels `check`, `kind` and `target`.

A run is one look at a target and has one attempt or, when it is retried, more. What a metric says
was seen, the last attempt saw: the one that decided. When a run could not look at all (its result
is `unknown`: the daemon, not the target, was at fault), `probe_success` is absent, for 0 would say
that the target failed.

The labels that a check has in the configuration stand on `probe_info`, each with `label_` before
its name, so that none collides with others: `team: web` becomes `label_team="web"`, and a check
without a team has it empty. A join puts them on another metric:

```promql
probe_success * on (instance, check) group_left (label_team) probe_info
```
"""

CLAIMS = """\
A claim is an item of CLOSED or STABLE in the ledger. Each metric has the labels `claim` (its id)
and `section` (`closed` or `stable`), and every claim has its metrics from the first scrape on.

A standing is `verified` (all checks of the claim hold), `contradicted` (one of them does not),
`stale` (what was seen is older than allowed), `unverified` (not looked at yet, or no check speaks
for it) or `unknown` (the daemon itself cannot see). What contradicts a claim is one join away:

```promql
probe_failure_info and on (instance, check) evidenced_claim_check_info{claim="cart"}
```

A drill adds series with `drill="true"` beside the true ones, which go on as they are and have no
such label: `evidenced_claim_status{status="contradicted"}` is 1 and `evidenced_claim_verified` is 0
while the drill is on, and the opposite for 15 minutes after it. What counts or averages claims
selects `drill=""`.
"""

LEDGER = """\
About the ledger as a whole: the reading that is in force, and how the last one went.
"""

DAEMON = """\
About the daemon itself. The metrics of the process and of Python are those of every program that
uses Prometheus' client library for Python.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """One section of the page."""

    title: str
    text: str
    families: Sequence[Family[Any]]


GROUPS = (
    Group("Checks", CHECKS, (info_family(()), *CHECK_FAMILIES)),
    Group("Claims", CLAIMS, CLAIM_FAMILIES),
    Group("Ledger", LEDGER, LEDGER_FAMILIES),
    Group(
        "Daemon",
        DAEMON,
        (*WORK_FAMILIES, LATENESS, *RELOAD_FAMILIES, *LIST_FAMILIES, *SHARD_FAMILIES),
    ),
)


def reference() -> str:
    """The page, in Markdown."""
    parts = [INTRODUCTION]
    for group in GROUPS:
        rows = [_row(family) for family in group.families]
        if group.title == "Daemon":
            rows += [_library_row(metric) for metric in _library_metrics()]
        parts.append(f"## {group.title}\n\n{group.text}\n{HEAD}{''.join(rows)}")
    return "\n".join(parts)


HEAD = (
    "| Metric | Type | Labels | Unit | Meaning | Present |\n| --- | --- | --- | --- | --- | --- |\n"
)


def _row(family: Family[Any]) -> str:
    labels = family.labels
    if family.name == "probe_info":
        labels = (f"{USER_LABEL_PREFIX}…",)
    kinds = next((seen.kinds for seen in FACTS if seen.name == family.name), ())
    present = f"{', '.join(kinds)}: {family.present}" if kinds else family.present
    return _cells(family.name, family.type, labels, family.unit, family.help, present)


def _library_metrics() -> Iterator[Metric]:
    """What the client library's own collectors export on this machine."""
    config = Config(ledger=LedgerSettings(path=Path("STATE.md")))
    ledger = Ledger(updated=None, sections={}, headings=frozenset())
    board = Board.of(make_plan(config, ledger), {}, Reading(True, 0.0))
    for metric in Metrics(board, None, in_flight=int, skipped=int).registry.collect():
        if metric.name.startswith(("process_", "python_")):
            yield metric


def _library_row(metric: Metric) -> str:
    labels = metric.samples[0].labels
    name = metric.samples[0].name
    unit = next((unit for unit in ("seconds", "bytes") if metric.name.endswith(f"_{unit}")), "")
    return _cells(name, metric.type, labels, unit, metric.documentation, "always")


def _cells(
    name: str, type_: str, labels: Iterable[str], unit: str, meaning: str, present: str
) -> str:
    listed = ", ".join(f"`{label}`" for label in labels)
    meaning = meaning if meaning.endswith(".") else f"{meaning}."
    return f"| `{name}` | {type_} | {listed} | {unit} | {meaning} | {present} |\n"
