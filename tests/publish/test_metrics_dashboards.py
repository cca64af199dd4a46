"""The dashboards against the metrics, and against the rules of Grafana's dashboard-linter."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.publish.reference import GROUPS

DASHBOARDS = sorted((Path(__file__).parents[2] / "grafana" / "dashboards").glob("*.json"))
OURS = re.compile(r"\b(?:evidenced|probe)_[a-z_]+")
SELECTOR = re.compile(r"\b((?:evidenced|probe)_[a-z_]+)(\{[^}]*\})?")
VARIABLES = {"$job": ".+", "$instance": ".+", "$__range": "1h", "$__rate_interval": "5m"}
EXPLAINED = {"stat", "timeseries", "gauge", "table", "state-timeline"}

Dashboard = dict[str, Any]


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def dashboard(request: pytest.FixtureRequest) -> Dashboard:
    loaded: Dashboard = json.loads(request.param.read_text("utf-8"))
    return loaded


def _targets(dashboard: Dashboard) -> list[dict[str, Any]]:
    return [target for panel in dashboard["panels"] for target in panel["targets"]]


def _expressions(dashboard: Dashboard) -> list[str]:
    return [target["expr"] for target in _targets(dashboard)]


def test_there_is_one() -> None:
    assert [path.stem for path in DASHBOARDS] == ["evidence-ledger"]


def test_every_expression_parses(dashboard: Dashboard, promtool: Path, tmp_path: Path) -> None:
    expressions = _expressions(dashboard)
    for variable, value in VARIABLES.items():
        expressions = [expression.replace(variable, value) for expression in expressions]
    rules = [{"record": f"test:{n}", "expr": expr} for n, expr in enumerate(expressions)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    found = subprocess.run(
        [promtool, "check", "rules", path], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "$" not in "".join(expressions)


def test_only_metrics_that_exist_are_asked_for(dashboard: Dashboard) -> None:
    documented = {family.name for group in GROUPS for family in group.families}
    queries = [variable.get("definition", "") for variable in dashboard["templating"]["list"]]
    asked = {name for text in (*_expressions(dashboard), *queries) for name in OURS.findall(text)}
    assert asked <= documented
    assert len(asked) > 5


def test_every_selector_is_held_to_the_chosen_daemons(dashboard: Dashboard) -> None:
    for expression in _expressions(dashboard):
        for name, matchers in SELECTOR.findall(expression):
            assert 'job=~"$job"' in matchers, name
            assert 'instance=~"$instance"' in matchers, name


def test_the_variables_are_those_that_every_dashboard_has(dashboard: Dashboard) -> None:
    source, *queries = dashboard["templating"]["list"]
    assert (source["name"], source["label"], source["type"]) == (
        "datasource",
        "Data source",
        "datasource",
    )
    assert [(query["name"], query["label"]) for query in queries] == [
        ("job", "Job"),
        ("instance", "Instance"),
    ]
    for query in queries:
        assert query["multi"]
        assert query["allValue"] == ".+"
        assert query["refresh"] == 2
        assert query["datasource"]["uid"] == "${datasource}"


def test_panels_are_explained_and_have_units(dashboard: Dashboard) -> None:
    assert dashboard["editable"] is False
    for panel in dashboard["panels"]:
        assert panel["type"] in EXPLAINED
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["targets"]
        assert panel["datasource"]["uid"] == "${datasource}"
        if panel["type"] != "table":
            assert panel["fieldConfig"]["defaults"]["unit"]
    assert {target["datasource"]["uid"] for target in _targets(dashboard)} == {"${datasource}"}


def test_panels_do_not_overlap(dashboard: Dashboard) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
