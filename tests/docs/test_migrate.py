"""The pages on coming from something else: what they show before and after says the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from docs.blocks import blocks
from docs.living import Life, Site
from docs.terminal import Terminal
from ports import free_port

LEDGER = """# Shop

## CLOSED

## STABLE

- **Front page**: it shows the shop's name
- **Login**: it leads to where one logs in
- **Orders**: they are private
- **Health**: all is well
- **Cart**: /cart returns 200

## IN PROGRESS

## BLOCKED

## NEXT
"""


@pytest.fixture
def life() -> Iterator[Life]:
    with Life.begin() as begun:
        yield begun


@pytest.fixture
def site(life: Life) -> Site:
    """The shop of the pages, and all is well with it."""
    site = life.site()
    site.says("/", "<h1>Lindenhof</h1>")
    site.says("/cart")
    site.says("/login", status=307, Location="/auth/login")
    site.says("/api/orders", status=401)
    health = {"status": "ok", "shelves": ["rye"], "database": "connected"}
    site.says("/api/health", json.dumps(health))
    return site


def test_from_a_curl_script(site: Site, tmp_path: Path) -> None:
    page = "docs/migrate-curl-script.md"
    script, begin, check, run = blocks(page, "sh")
    terminal = Terminal(tmp_path, {"https://shop.example": site.url})
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "prod-facts.sh").write_text(terminal.here(script.text), "utf-8")
    assert "Nothing speaks for (4):" in terminal.script(begin, {})["evidenced plan"]
    (config,) = blocks(page, "yaml")
    (tmp_path / "evidenced.yaml").write_text(terminal.here(config.text), "utf-8")
    (command,) = check.text.splitlines()
    assert run.text == "evidenced run\n"

    def both() -> tuple[int, int]:
        return terminal.run("sh prod-facts.sh").status, terminal.run(command).status

    assert both() == (0, 0)
    site.says("/api/orders", "[]")
    assert both() == (1, 1)
    site.says("/api/orders", status=401)
    # What the table says the script was content with.
    site.says("/", "<i class=skeleton></i>")
    assert both() == (0, 1)
    assert "front-page" in terminal.run("evidenced check front-page --verbose").out
    site.says("/", "<h1>Lindenhof</h1>")
    site.says("/login", status=307, Location="/elsewhere")
    assert both() == (0, 1)


def test_from_gatus(site: Site, tmp_path: Path) -> None:
    theirs, ours = (yaml.safe_load(block.text) for block in blocks("docs/migrate-gatus.md", "yaml"))
    (endpoint,), (check,) = theirs["endpoints"], ours["checks"]
    assert ours["ledger"]["base_url"] + check["http"]["url"] == endpoint["url"]
    assert (check["interval"], check["timeout"]) == (
        endpoint["interval"],
        endpoint["client"]["timeout"],
    )
    (alert,) = endpoint["alerts"]
    assert list(check["confirm"].values()) == [
        alert["failure-threshold"],
        alert["success-threshold"],
    ]
    expect = check["http"]["expect"]
    assert len(endpoint["conditions"]) == len(expect) + len(expect["json"]) - 1
    # There is no certificate on loopback; all else is looked at.
    del expect["certificate"]
    ours["ledger"]["base_url"] = site.url
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "evidenced.yaml").write_text(json.dumps(ours), "utf-8")
    terminal = Terminal(tmp_path)
    for status, shelves, ends in (("UP", ["rye"], 0), ("DOWN", ["rye"], 1), ("UP", [], 1)):
        site.says("/api/health", json.dumps({"status": status, "shelves": shelves}))
        ran = terminal.run("evidenced check health")
        assert ran.status == ends, ran.out


def test_from_blackbox_exporter(life: Life, site: Site, tmp_path: Path) -> None:
    page = "docs/migrate-blackbox.md"
    port = free_port()
    config = {
        "listen": f"127.0.0.1:{port}",
        "ledger": {"path": "STATE.md"},
        "blackbox": "blackbox.yml",
        "probe": {"allow": ["127.0.0.0/8"]},
    }
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "blackbox.yml").write_text("modules: {http_2xx: {prober: http}}\n", "utf-8")
    (tmp_path / "evidenced.yaml").write_text(json.dumps(config), "utf-8")
    terminal = Terminal(tmp_path, {"9321": str(port), "https://shop.example": site.url})
    life.daemon(tmp_path / "evidenced.yaml")
    validate, probe = blocks(page, "sh")
    terminal.script(validate, {})
    assert "probe_success 1" in "".join(terminal.script(probe, {}).values())
    # The targets of step 3 come from a list as Prometheus reads it.
    (*_, ours) = blocks(page, "yaml")
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets/pages-1.json").write_text(json.dumps([{"targets": [f"{site.url}/"]}]))
    (tmp_path / "evidenced.yaml").write_text(ours.text, "utf-8")
    assert f"pages:{site.url}/" in terminal.run("evidenced plan").out
    assert terminal.run(f"evidenced check pages:{site.url}/").status == 0
