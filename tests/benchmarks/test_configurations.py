"""What both sides are told is taken by the real programs."""

import json
import subprocess
from pathlib import Path

import pytest

from evidenced.app import loading
from evidenced.config.kinds.http import HttpSettings
from growing import crowd
from side_by_side.parts import EXPORTER
from side_by_side.prometheus import configuration
from side_by_side.sides import (
    LEDGER,
    Order,
    our_configuration,
    our_job,
    peer_configuration,
    peer_job,
)
from side_by_side.target import MARKER, certify


def order(tmp_path: Path, *, tls: bool, kept: bool) -> Order:
    scheme = "https" if tls else "http"
    urls = [f"{scheme}://127.0.0.1:8080/t/{number}" for number in range(3)]
    return Order(urls, 10, certify(tmp_path), kept)


@pytest.mark.parametrize(("tls", "kept"), [(False, False), (True, True)])
def test_the_daemon_takes_its_configuration(tmp_path: Path, tls: bool, kept: bool) -> None:
    path = tmp_path / "evidenced.yaml"
    text = our_configuration(order(tmp_path, tls=tls, kept=kept), "127.0.0.1:9321")
    path.write_text(text, "utf-8")
    path.with_name("STATE.md").write_text(LEDGER, "utf-8")
    loaded = loading.start(path)
    assert loaded.problems == ()
    assert len(loaded.plan.checks) == 3
    for check in loaded.plan.checks:
        assert isinstance(check.settings, HttpSettings)
        assert (check.timing.interval, check.settings.reuse_connection) == (10, kept)
        assert check.settings.expect.body is not None
        assert (check.settings.tls.ca_file is not None) == tls


@pytest.mark.parametrize("tls", [False, True])
def test_the_exporter_takes_its_modules(tmp_path: Path, tls: bool) -> None:
    path = tmp_path / "blackbox.yml"
    path.write_text(peer_configuration(order(tmp_path, tls=tls, kept=False)), "utf-8")
    done = subprocess.run(
        [EXPORTER, "--config.check", f"--config.file={path}"], capture_output=True, check=False
    )
    assert (done.returncode, b"Config file is ok" in done.stderr) == (0, True)
    assert MARKER in path.read_text("utf-8")


def test_prometheus_takes_both_jobs(tmp_path: Path, promtool: Path) -> None:
    targets = tmp_path / "targets.json"
    targets.write_text(json.dumps([{"targets": ["http://127.0.0.1:8080/t/1"]}]), "utf-8")
    path = tmp_path / "prometheus.yml"
    jobs = [our_job("127.0.0.1:9321"), peer_job("127.0.0.1:9115", targets)]
    path.write_text(configuration(jobs, 30), "utf-8")
    done = subprocess.run([promtool, "check", "config", path], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_crowd_has_claims_and_a_first_check_that_can_differ(tmp_path: Path) -> None:
    urls = [f"http://127.0.0.1:8080/t/{number}" for number in range(30)]
    path = tmp_path / "evidenced.yaml"
    path.with_name("STATE.md").write_text(crowd.ledger(3), "utf-8")
    (tmp_path / "admin").write_text(crowd.TOKEN, "utf-8")
    path.write_text(crowd.configuration(urls, 30, "127.0.0.1:9321", "9s"), "utf-8")
    before = loading.start(path)
    assert (len(before.plan.checks), len(before.plan.ledger.claims)) == (30, 3)
    assert (before.problems, before.plan.silent) == ((), ())
    path.write_text(crowd.configuration(urls, 30, "127.0.0.1:9321", "8s"), "utf-8")
    after = loading.again(path, before, False)
    assert after.problems == ()
    differ = [
        check.name
        for check, was in zip(after.plan.checks, before.plan.checks, strict=True)
        if check != was
    ]
    assert differ == ["door-0"]
