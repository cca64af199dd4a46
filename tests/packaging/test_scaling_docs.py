"""What docs/scaling.md shows: configurations load, and Prometheus and Kubernetes take theirs."""

import subprocess
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from evidenced.config.load import load

from .conftest import PROJECT
from .test_kubernetes import VERSIONS, Schemas

PAGE = PROJECT / "docs" / "scaling.md"
SHOWN = [
    one.content
    for one in MarkdownIt().parse(PAGE.read_text("utf-8"))
    if one.type == "fence" and one.info == "yaml"
]
OURS = [text for text in SHOWN if "shard" in yaml.safe_load(text)]
PROMETHEUS = [text for text in SHOWN if "scrape_configs" in yaml.safe_load(text)]
POD = {"HOSTNAME": "evidenced-3", "POD_IP": "10.0.0.9"}


def test_each_block_is_one_of_these() -> None:
    assert (len(OURS), len(PROMETHEUS), len(SHOWN)) == (3, 2, 6)


@pytest.mark.parametrize(("text", "shard"), [*zip(OURS, (0, 0, 3), strict=True)])
def test_the_configurations_load(text: str, shard: int, tmp_path: Path) -> None:
    secret = tmp_path / "store"
    secret.write_text("postgresql+asyncpg://evidenced:loaves@db/evidenced", "utf-8")
    path = tmp_path / "evidenced.yaml"
    path.write_text("ledger: {path: x}\n" + text.replace("/secrets/store", str(secret)), "utf-8")
    found = load(path, POD).shard
    assert found is not None
    assert (found.index, found.count) == (shard, 4)


@pytest.mark.parametrize("text", PROMETHEUS)
def test_prometheus_takes_what_is_for_it(text: str, tmp_path: Path, promtool: Path) -> None:
    path = tmp_path / "prometheus.yml"
    path.write_text(text, "utf-8")
    agent = ["--agent"] if "remote_write" in text else []
    command = [str(promtool), "check", "config", *agent, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_the_stateful_set(version: str) -> None:
    (manifest,) = [one for text in SHOWN if "kind" in (one := yaml.safe_load(text))]
    assert Schemas(version).errors(manifest) == []
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert manifest["spec"]["replicas"] == 4
    assert {one["name"] for one in container["env"]} < set(POD)
