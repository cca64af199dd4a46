"""The doctor with a real daemon, Prometheus and Alertmanager, well and not well."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.app.daemon import Daemon
from evidenced.app.doctor import alertmanager as managers
from evidenced.app.doctor import port
from evidenced.app.doctor import prometheus as prometheuses
from evidenced.app.doctor.finding import Finding
from evidenced.app.doctor.subject import Own, Places, Subject, read_subject
from evidenced.app.life import running
from evidenced.config.load import load
from evidenced.probes.resources import Resources
from evidenced.publish.rules import rules
from integration.alerting import alertmanager
from ports import free_port

PACE = "300ms"
ROUTES = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}


@pytest.fixture
async def resources() -> AsyncIterator[Resources]:
    async with Resources() as found:
        yield found


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.verdict.value, one.what) for one in findings]


async def subject(
    path: Path, resources: Resources, daemon: Daemon | None = None, prometheus: str | None = None
) -> Subject:
    """The configuration in a file, and how its daemon is asked."""

    def reach(config: object) -> Own | None:
        return Own("http://{}:{}".format(*daemon.address), None, None) if daemon else None

    return await read_subject(path, path.parent, Places(prometheus=prometheus), reach, resources)


async def test_a_daemon_that_is_scraped_and_has_its_rules(
    configured: Callable[..., Path],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
    resources: Resources,
    tmp_path: Path,
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    path = configured(listen=listen)
    written = tmp_path / "made.rules.yml"
    written.write_text(rules(load(path, {})), "utf-8")
    async with (
        running(path) as daemon,
        alertmanager(ROUTES, tmp_path) as manager,
        start_prometheus([listen], PACE, written, manager.url) as prometheus,
    ):
        seen = await subject(path, resources, daemon, prometheus=prometheus.url)

        async def fine() -> bool:
            found = await prometheuses.examine(seen)
            return {one.verdict.value for one in found} == {"ok"}

        await wait_for(fine, 30)
        found = [what for _, what in told(await prometheuses.examine(seen))]
        assert found[0] == f"Prometheus scrapes {listen}"
        assert found[1].startswith("Prometheus has all ")
        assert found[2] == "Prometheus sends alerts to 1 Alertmanager"
        held = told(await port.examine(seen))
        assert held == [("ok", f"a daemon with this configuration runs at {listen}")]


async def test_a_prometheus_that_knows_nothing_of_us(
    configured: Callable[..., Path],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
    resources: Resources,
    tmp_path: Path,
) -> None:
    bare = tmp_path / "bare.rules.yml"
    bare.write_text("groups: []\n", "utf-8")
    async with start_prometheus(["127.0.0.1:1"], PACE, bare) as prometheus:
        # The Prometheus is the one that a check asks.
        check = {"name": "up", "prometheus": {"server": prometheus.url, "query": "up"}}
        path = configured(listen="127.0.0.1:9321", checks=[check])
        seen = await subject(path, resources)

        async def scrapes() -> bool:
            return "scrapes 127.0.0.1:1" in (await prometheuses.examine(seen))[0].what

        await wait_for(scrapes, 30)
        found = told(await prometheuses.examine(seen))
    problems = [what for verdict, what in found if verdict == "problem"]
    assert problems[0] == (
        "Prometheus does not scrape 127.0.0.1:9321; its job evidenced scrapes 127.0.0.1:1"
    )
    assert problems[1].startswith('no series of a daemon has job="evidenced"')
    assert problems[2].startswith("Prometheus lacks ")
    assert ("warning", "Prometheus sends alerts nowhere, so nobody is paged") in found


async def test_a_daemon_that_is_down(
    configured: Callable[..., Path],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
    resources: Resources,
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    path = configured(listen=listen)
    async with start_prometheus([listen], PACE) as prometheus:
        seen = await subject(path, resources, prometheus=prometheus.url)

        async def scraped() -> bool:
            first = (await prometheuses.examine(seen))[0]
            return "cannot scrape" in first.what

        await wait_for(scraped, 30)
        first = (await prometheuses.examine(seen))[0]
    assert first.verdict == "problem"
    assert first.what.startswith("Prometheus cannot scrape the daemon: ")


async def test_each_alertmanager_is_asked(
    configured: Callable[..., Path], resources: Resources, tmp_path: Path
) -> None:
    async with alertmanager(ROUTES, tmp_path) as manager:
        path = configured(alertmanager=[manager.url, "http://127.0.0.1:1"])
        found = told(await managers.examine(await subject(path, resources)))
    assert found[0][0] == "ok"
    assert found[0][1].endswith(f"at {manager.url} is ready")
    assert found[1] == ("problem", "connection to 127.0.0.1:1 refused")


async def test_what_is_no_prometheus_and_no_alertmanager(
    configured: Callable[..., Path], resources: Resources
) -> None:
    path = configured()
    async with running(path) as daemon:
        url = "http://{}:{}".format(*daemon.address)
        config = yaml.safe_load(path.read_text("utf-8"))
        path.write_text(yaml.safe_dump(config | {"alertmanager": url}), "utf-8")
        seen = await subject(path, resources, prometheus=url)
        # Another program at the address: of Prometheus' API a daemon has one address, for shards.
        for examine, answer in ((prometheuses.examine, "400"), (managers.examine, "404")):
            ((verdict, what),) = told(await examine(seen))
            assert verdict == "problem"
            assert answer in what
