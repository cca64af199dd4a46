"""Debian's blackbox_exporter and `/probe` look at the same targets by the same modules."""

import json
import math
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from evidenced.publish.blackbox.differences import DIFFERENCES, NEWER, NEWER_LABELS, table
from integration.blackbox_cases import CASES, Case, module_name
from integration.blackbox_peers import Peers, serving
from integration.conftest import ROOT
from ports import free_port

EXPORTER = ROOT / ".parts/root/usr/bin/prometheus-blackbox-exporter"
EVIDENCED = ROOT / ".venv/bin/evidenced"

Labels = frozenset[tuple[str, str]]
Series = dict[tuple[str, Labels], float]


@dataclass(frozen=True)
class Pair:
    """The two, looking at the same servers."""

    theirs: str
    ours: str
    peers: Peers

    def ask(self, base: str, query: str, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"{base}/probe?{query}", headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def look(self, base: str, case: Case) -> Series:
        target = quote(self.peers.address(case.target), safe="")
        status, text = self.ask(base, f"module={module_name(case)}&target={target}{case.query}")
        assert status == 200, text
        return series(text)


def series(text: str) -> Series:
    """The series of an exposition, without what came after 0.23."""
    return {
        (
            sample.name,
            frozenset((k, v) for k, v in sample.labels.items() if k not in NEWER_LABELS),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name not in NEWER
    }


def is_duration(name: str) -> bool:
    return name.endswith(("duration_seconds", "lookup_time_seconds"))


@contextmanager
def running(command: list[object], log: Path, ready: str) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + 30
            while True:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                with suppress(OSError):
                    urllib.request.urlopen(ready, timeout=1).close()  # noqa: S310
                    break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    assert EXPORTER.is_file(), f"{EXPORTER} is missing: `make test` fetches it"
    folder = tmp_path_factory.mktemp("blackbox")
    with ExitStack() as stack:
        peers = stack.enter_context(serving(folder))
        modules = {module_name(case): case.module for case in CASES}
        # The exporter looks files up from the folder that it runs in.
        text = json.dumps({"modules": modules}).replace('"ca.pem"', json.dumps(str(peers.ca_file)))
        (folder / "blackbox.yml").write_text(text, "utf-8")
        (folder / "STATE.md").write_text((files("evidenced.demo") / "STATE.md").read_text("utf-8"))
        theirs, ours = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        config = {
            "listen": ours,
            "ledger": {"path": "STATE.md"},
            "probe": {"allow": ["127.0.0.0/8", "::1", "*.invalid"]},
        }
        (folder / "evidenced.yaml").write_text(json.dumps(config), "utf-8")
        stack.enter_context(
            running(
                [
                    EXPORTER,
                    f"--config.file={folder / 'blackbox.yml'}",
                    f"--web.listen-address={theirs}",
                ],
                folder / "exporter.log",
                f"http://{theirs}/-/healthy",
            )
        )
        stack.enter_context(
            running(
                [
                    EVIDENCED,
                    "run",
                    "-c",
                    folder / "evidenced.yaml",
                    "--blackbox",
                    folder / "blackbox.yml",
                ],
                folder / "evidenced.log",
                f"http://{ours}/-/healthy",
            )
        )
        yield Pair(f"http://{theirs}", f"http://{ours}", peers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_see_the_same(pair: Pair, case: Case) -> None:
    theirs, ours = pair.look(pair.theirs, case), pair.look(pair.ours, case)
    unlike = {
        key: (theirs.get(key), ours.get(key))
        for key in theirs | ours
        if not is_same(key[0], theirs.get(key), ours.get(key))
    }
    assert {key[0] for key in unlike} == set(case.metrics), unlike


def is_same(name: str, theirs: float | None, ours: float | None) -> bool:
    """Whether both have a series, and the same number in it unless that is a duration."""
    if theirs is None or ours is None:
        return False
    return is_duration(name) or math.isclose(theirs, ours, abs_tol=1e-9)


def test_each_case_that_differs_is_an_intended_one() -> None:
    intended = {difference.name for difference in DIFFERENCES}
    assert {case.differs for case in CASES if case.metrics} <= intended
    assert all(case.metrics for case in CASES if case.differs)
    assert len({case.name for case in CASES}) == len(CASES) > 60


def test_the_page_lists_the_intended_differences() -> None:
    assert table() in (ROOT / "docs/blackbox.md").read_text("utf-8")
