"""Which shard a daemon is, by what systemd or Kubernetes calls it."""

from pathlib import Path

import pytest

from evidenced.config.load import load


@pytest.mark.parametrize(
    ("written", "environment", "index"),
    [
        ("2", {}, 2),
        ("'02'", {}, 2),
        ("${SHARD}", {"SHARD": "3"}, 3),
        ("${SHARD:-0}", {}, 0),
        ("${HOSTNAME}", {"HOSTNAME": "evidenced-12"}, 12),
        ("${HOSTNAME}", {"HOSTNAME": "k8s-evidenced-0"}, 0),
    ],
)
def test_the_index_is_a_number_or_what_a_name_ends_in(
    tmp_path: Path, written: str, environment: dict[str, str], index: int
) -> None:
    path = tmp_path / "evidenced.yaml"
    path.write_text(f"ledger: {{path: x}}\nshard:\n  index: {written}\n  count: 4\n", "utf-8")
    shard = load(path, environment).shard
    assert shard is not None
    assert (shard.index, shard.count) == (index, 4)
    assert shard.shares == max(index + 1, 4), "one beyond the count takes the part of the last"


@pytest.mark.parametrize("address", ["10.0.0.3:9321", "[::1]:9321", "evidenced-0.evidenced:9321"])
def test_an_address_is_a_host_with_a_port(tmp_path: Path, address: str) -> None:
    path = tmp_path / "evidenced.yaml"
    shard = f"{{index: 0, count: 1, address: '{address}'}}"
    path.write_text(f"ledger: {{path: x}}\nshard: {shard}\n", "utf-8")
    found = load(path, {}).shard
    assert found is not None
    assert found.address == address
