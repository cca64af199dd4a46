"""Every query of every dashboard against a real Prometheus that is fed by the demo."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from evidenced.demo.shop import Shop
from grafana.asked import VALUES, Asked, Dashboard, Labels, columns, queries, substituted
from grafana.prometheus import TOKEN, Prometheus, eventually, watched

DRILLED = "front-page"
FAILING = "tea-list-has-no-skeletons"
STANDING = 'evidenced_claim_status{drill=""} == 1'
TROUBLED = ("cart", "orders-api", "backup-restore-drill")
VERIFIED = f'evidenced_claim_verified{{drill="", claim=~"{"|".join(TROUBLED)}"}}'
PASSES = 4
"""How often the queries are made again before there is new trouble: series need time to come."""

PATIENCE = 60.0
"""Seconds after the start until which what is missing may still come."""


async def test_every_query_has_data_with_the_labels_that_are_shown(
    dashboards: list[Dashboard], tmp_path: Path
) -> None:
    began = time.time()
    async with watched(tmp_path) as (site, prometheus, daemons):
        await settled(prometheus, len(daemons))
        await drill(daemons[0])
        lacking, seen = await after_trouble(site, prometheus, dashboards, began)
        # On a machine that is busy a scrape may be missed, and with it what changed meanwhile.
        while (lacking or seen.daemons != set(daemons)) and time.time() < began + PATIENCE:
            site.broken = {"/teas": "skeleton"}
            await settled(prometheus, len(daemons))
            lacking, seen = await after_trouble(site, prometheus, dashboards, began)
    # Out here, for a daemon wraps what is raised while it runs.
    assert lacking == {}
    assert seen.daemons == set(daemons)
    assert seen.counted == "1"
    assert seen.standings == {"verified"}
    assert DRILLED not in seen.fallen
    assert "cart" in seen.fallen


async def settled(prometheus: Prometheus, daemons: int) -> None:
    """Wait until the claims that will be in trouble are verified by all daemons."""

    async def verified() -> bool:
        data = await prometheus.ask("query", query=f"{VERIFIED} == 1")
        return len(data["result"]) == daemons * len(TROUBLED)

    await eventually(verified, 30)


async def after_trouble(
    site: Shop, prometheus: Prometheus, dashboards: list[Dashboard], began: float
) -> tuple[dict[str, str], "Drilled"]:
    """Break pages until claims have every standing, mend one; what is missing, what is seen."""

    async def troubled() -> bool:
        data = await prometheus.ask("query", query=STANDING)
        found = {series["metric"]["status"] for series in data["result"]}
        return found >= {"verified", "contradicted", "stale", "unknown"}

    site.broken = {"/cart": "500", "/teas/1": "500", "/teas": "skeleton"}
    await eventually(troubled, 30)
    del site.broken["/cart"]
    lacking = await missing(prometheus, dashboards, began)
    for _ in range(PASSES):
        if lacking:
            lacking = await missing(prometheus, dashboards, began)
    return lacking, await of_the_drill(prometheus, dashboards, began)


async def drill(daemon: str) -> None:
    """Make a claim look failed that holds."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = {"claim": DRILLED, "for": "5m", "why": "a new phone", "who": "ann"}
    url = f"http://{daemon}/api/v1/drills"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=body) as response,
    ):
        assert response.ok, await response.text()


async def missing(
    prometheus: Prometheus, dashboards: list[Dashboard], began: float
) -> dict[str, str]:
    """What is missing, by where it is."""
    found: dict[str, str] = {}
    for dashboard in dashboards:
        everything, chosen = await values(prometheus, dashboard)
        for choice in (everything, chosen):
            for name, value in choice.items():
                if not value:
                    found[f"{dashboard['title']}: variable {name}"] = "no values"
            answers = {
                asked.where: await answer(prometheus, asked, began)
                for asked in queries(dashboard, choice)
            }
            for asked in queries(dashboard, choice):
                if lacks := asked.lacks(answers[asked.where]):
                    found[f"{asked.where}: {asked.expression}"] = lacks
            for where, letters, labels in columns(dashboard):
                rows = [row for letter in letters for row in answers[f"{where} {letter}"]]
                if lacks := Asked(where, "", True, some=labels).lacks(rows):
                    found[where] = lacks
    return found


async def values(
    prometheus: Prometheus, dashboard: Dashboard
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The variables where All is chosen, and where each of the values is."""
    everything: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        found = VALUES.fullmatch(variable["query"])
        assert found, variable["query"]
        path, match = f"label/{found['label']}/values", substituted(found["selector"], chosen)
        names = await prometheus.ask(path, **{"match[]": match})
        if variable["multi"]:
            everything[variable["name"]] = variable["allValue"]
            chosen[variable["name"]] = "|".join(re.escape(name) for name in names).replace(
                "\\", "\\\\"
            )
        else:
            one = FAILING if FAILING in names else ""
            everything[variable["name"]] = chosen[variable["name"]] = one
    return everything, chosen


async def answer(prometheus: Prometheus, asked: Asked, began: float) -> list[Labels]:
    """The labels of the series that come."""
    if asked.instant:
        data = await prometheus.ask("query", query=asked.expression)
    else:
        data = await prometheus.ask(
            "query_range",
            query=asked.expression,
            start=str(began),
            end=str(time.time()),
            step="1",
        )
    return [series["metric"] for series in data["result"]]


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a dashboard shows of a drill: how many are on, and how their claim stands and stood."""

    daemons: set[str]
    counted: str
    standings: set[str]
    fallen: set[str]


async def of_the_drill(
    prometheus: Prometheus, dashboards: list[Dashboard], began: float
) -> Drilled:
    """What the dashboard of the ledger shows of the drill."""
    (ledger,) = (d for d in dashboards if d["title"] == "Evidence ledger")
    everything, _ = await values(prometheus, ledger)
    asked = {each.where: each for each in queries(ledger, everything)}
    drills = asked["Evidence ledger: Drills A"]
    (counted,) = (await prometheus.ask("query", query=drills.expression))["result"]
    rows = await answer(prometheus, asked["Evidence ledger: STABLE claims B"], began)
    fallen = await answer(prometheus, asked["Evidence ledger: Claims that did not hold A"], began)
    return Drilled(
        {row["instance"] for row in rows},
        counted["value"][1],
        {row["status"] for row in rows if row["claim"] == DRILLED},
        {series["claim"] for series in fallen},
    )
