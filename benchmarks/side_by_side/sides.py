"""The two sides: how each is told of the work, and how it is run."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from side_by_side import parts
from side_by_side.program import Program, free_address, program
from side_by_side.prometheus import Prometheus, configuration, prometheus
from side_by_side.target import MARKER

LEDGER = "# State\n\n## CLOSED\n\n## STABLE\n"
LOADING = 180.0
"""Seconds that a side has for coming up."""


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the prober runs, and where all else; None: anywhere."""

    prober: int | None = None
    others: int | None = None


ANYWHERE = Cores()


@dataclass(frozen=True, slots=True)
class Order:
    """What a side is to look at."""

    urls: Sequence[str]
    interval: int
    authority: Path
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A side at work."""

    prober: Program
    prometheus: Prometheus
    metrics: str | None
    """Where the prober tells of all its checks at once; None where it does not."""


Start = Callable[[Path, Order, Cores], AbstractAsyncContextManager[Running]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    name: str
    start: Start


def our_configuration(order: Order, listen: str) -> str:
    """The configuration of the daemon: one check for each target, all else as it comes."""
    settings = {
        "listen": listen,
        "ledger": {"path": "STATE.md"},
        "defaults": {"interval": f"{order.interval}s"},
        "checks": [_check(number, url, order) for number, url in enumerate(order.urls)],
    }
    # JSON is YAML too, and quicker to read.
    return json.dumps(settings)


def _check(number: int, url: str, order: Order) -> Mapping[str, object]:
    http: dict[str, object] = {"url": url, "expect": {"body": {"contains": MARKER}}}
    if order.kept:
        http["reuse_connection"] = True
    if url.startswith("https:"):
        http["tls"] = {"ca_file": str(order.authority)}
    return {"name": f"shop-{number}", "http": http}


def our_job(listen: str) -> Mapping[str, object]:
    """How Prometheus scrapes the daemon: once an interval."""
    return {
        "job_name": "evidenced",
        "honor_labels": True,
        "static_configs": [{"targets": [listen]}],
    }


def peer_configuration(order: Order) -> str:
    """The modules of blackbox_exporter: one, with the same look into the body."""
    http: dict[str, object] = {"fail_if_body_not_matches_regexp": [MARKER]}
    if order.urls[0].startswith("https:"):
        http["tls_config"] = {"ca_file": str(order.authority)}
    return json.dumps({"modules": {"http_2xx": {"prober": "http", "http": http}}})


def peer_job(listen: str, list_of_targets: Path) -> Mapping[str, object]:
    """How Prometheus has blackbox_exporter look at each target, as its README has it."""
    return {
        "job_name": "blackbox",
        "metrics_path": "/probe",
        "params": {"module": ["http_2xx"]},
        "file_sd_configs": [{"files": [str(list_of_targets)]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": listen},
        ],
    }


@asynccontextmanager
async def _ours(folder: Path, order: Order, cores: Cores) -> AsyncIterator[Running]:
    listen = free_address()
    (folder / "STATE.md").write_text(LEDGER, "utf-8")
    path = folder / "evidenced.yaml"
    path.write_text(our_configuration(order, listen), "utf-8")
    settings = configuration([our_job(listen)], order.interval)
    command = (parts.EVIDENCED, "run", "-c", path)
    async with program(command, folder / "evidenced.log", core=cores.prober) as prober:
        await prober.answers(f"http://{listen}/-/ready", LOADING)
        async with prometheus(folder, settings, cores.others) as beside:
            yield Running(prober, beside, f"http://{listen}/metrics")


@asynccontextmanager
async def _peer(folder: Path, order: Order, cores: Cores) -> AsyncIterator[Running]:
    listen = free_address()
    path, targets = folder / "blackbox.yml", folder / "targets.json"
    path.write_text(peer_configuration(order), "utf-8")
    targets.write_text(json.dumps([{"targets": list(order.urls)}]), "utf-8")
    settings = configuration([peer_job(listen, targets)], order.interval)
    command = (parts.EXPORTER, f"--config.file={path}", f"--web.listen-address={listen}")
    async with program(command, folder / "blackbox.log", core=cores.prober) as prober:
        await prober.answers(f"http://{listen}/-/healthy", LOADING)
        async with prometheus(folder, settings, cores.others) as beside:
            yield Running(prober, beside, None)


OURS = Side("evidenced", _ours)
PEER = Side("blackbox_exporter", _peer)
