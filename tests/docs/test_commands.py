"""The commands of pages that need a daemon, a store or Prometheus, run as they stand there."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from docs.blocks import ROOT, blocks
from docs.living import Life
from docs.programs import PARTS, process, until
from docs.reading import read
from docs.terminal import Terminal, shell_environment
from ports import free_port

LEDGER = """# Shop

**Last Updated**: 2026-11-20 08:15 UTC

## CLOSED

- **Health**: It asks the database. PR #4. (Closed: 2026-01-09)

## STABLE

- **Cart**: /cart returns 200

## IN PROGRESS

## BLOCKED

## NEXT
"""
PAGES = (
    "README.md",
    "docs/doctor.md",
    "docs/evidence.md",
    "docs/journal.md",
    "docs/maintenance.md",
    "docs/slo.md",
    "docs/standings.md",
)
ENDS: Mapping[str, int | None] = {
    # Others show these, on a machine of their own.
    "evidenced run": None,
    "make demo": None,
    "make test": None,
    "systemctl reload prometheus": None,
    # No Prometheus and no Grafana is there.
    "evidenced doctor -c evidenced.yaml --prometheus http://127.0.0.1:9090": 1,
    "evidenced doctor -c evidenced.yaml --grafana http://127.0.0.1:3000"
    " --grafana-token-file grafana.token": 1,
}
"""How a command ends where that is not 0; None is one that is not run."""


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A folder with a ledger and a configuration, beside a daemon that has verified all."""
    folder = tmp_path_factory.mktemp("shop")
    ours, prometheus, grafana = (str(free_port()) for _ in range(3))
    with Life.begin() as life:
        site = life.site()
        site.says("/cart", "tea")
        site.says("/api/health", "tea")
        config = {
            "listen": f"127.0.0.1:{ours}",
            "ledger": {"path": "docs/OPS/STATE.md", "base_url": site.url, "derive": True},
            "defaults": {"interval": "1s"},
            "checks": [{"name": "health", "claims": ["health"], "http": {"url": "/api/health"}}],
            "report": {"path": "docs/OPS/PROD-FACTS-LAST.md", "on_change": False},
            "tokens": {"admin_file": "admin-token"},
        }
        (folder / "docs/OPS").mkdir(parents=True)
        (folder / "docs/OPS/STATE.md").write_text(LEDGER, "utf-8")
        (folder / "evidenced.yaml").write_text(json.dumps(config), "utf-8")
        for name in ("admin-token", "grafana.token"):
            (folder / name).write_text("swordfish" * 3, "utf-8")
            (folder / name).chmod(0o600)
        life.daemon(folder / "evidenced.yaml")
        found = Terminal(folder, {"9321": ours, "9090": prometheus, "3000": grafana})
        until(lambda: "2 records, chain whole" in found.run("evidenced evidence verify").out)
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_its_commands_end_as_they_should(page: str, terminal: Terminal) -> None:
    found = blocks(page, "sh", "console")
    assert found
    for block in found:
        if block.language == "sh":
            terminal.script(block, ENDS)
        else:
            terminal.session(block)


def test_what_stands_on_prometheus(terminal: Terminal) -> None:
    page = "docs/prometheus.md"
    folder, port = terminal.folder, terminal.instead["9090"]
    config, _ = blocks(page, "yaml")
    quick = terminal.here(config.text.replace("scrape_interval: 15s", "scrape_interval: 1s"))
    (folder / "prometheus.yml").write_text(quick, "utf-8")
    metrics, rules, doctor, drill = (block.text.splitlines() for block in blocks(page, "sh"))
    assert 'evidenced_claim_verified{claim="cart",section="stable"} 1.0' in well(terminal, *metrics)
    *made, reload = rules
    assert "SUCCESS" in well(terminal, *made)
    server = [
        str(PARTS / "usr/bin/prometheus"),
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=metrics",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
    ]
    with process(server, folder, shell_environment(), folder / "prometheus.log"):
        until(lambda: terminal.run(f"curl -sf http://127.0.0.1:{port}/-/ready").status == 0)
        well(terminal, reload.replace("curl -s", "curl -sf"))
        (line,) = doctor
        until(lambda: "✔ Prometheus scrapes" in terminal.run(line).out)
        until(lambda: terminal.run(line).status == 0)
    assert "cart looks contradicted until" in well(terminal, *drill)


def test_the_rules_for_several_places(tmp_path: Path) -> None:
    page = "docs/places.md"
    read(blocks(page, "yaml")[0].text, tmp_path)
    (block,) = blocks(page, "sh")
    terminal = Terminal(tmp_path)
    terminal.script(block, {})
    assert "SUCCESS" in well(terminal, "promtool check rules evidenced.rules.yml")
    assert ") >= 2" in (tmp_path / "evidenced.rules.yml").read_text("utf-8")


def test_grafana_is_provisioned(tmp_path: Path) -> None:
    (block,) = blocks("grafana/README.md", "sh")
    terminal = Terminal(
        ROOT, {"/var/lib/grafana": f"{tmp_path}/var", "/etc/grafana": f"{tmp_path}"}
    )
    for kind in ("dashboards", "datasources"):
        (tmp_path / "provisioning" / kind).mkdir(parents=True)
    *laid, restart = block.text.splitlines()
    assert restart == "systemctl restart grafana-server"
    well(terminal, *laid)
    assert len(list(tmp_path.glob("var/dashboards/evidenced/*.json"))) == 5
    assert len(list(tmp_path.glob("provisioning/*/*.yaml"))) == 2


def well(terminal: Terminal, *commands: str) -> str:
    """What the commands print, none of which fails."""
    said = ""
    for command in commands:
        ran = terminal.run(command)
        assert ran.status == 0, ran.out
        said += ran.out
    return said
