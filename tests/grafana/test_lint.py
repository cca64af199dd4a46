"""The rules of Grafana's dashboard-linter, a test for each, and some of our own."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.publish.metrics_drill import LABEL
from evidenced.publish.slo_series import SERIES
from grafana.promql import bare_words, selectors

Dashboard = dict[str, Any]
Panel = dict[str, Any]
Queries = list[tuple[Panel, str]]
Variables = dict[str, dict[str, Any]]

LINT = Path(__file__).parents[2] / "grafana/dashboards/.lint"
METRICS = LINT.parents[2] / "METRICS.md"
STATISTICS = {"stat", "graph", "table", "timeseries", "gauge", "bargauge", "state-timeline"}
UNITS = {"none", "short", "s", "percentunit", "bytes", "ops"}
"""Those of Grafana's units that there is use for."""

WORDS = {
    *("sum", "min", "max", "avg", "count", "topk", "rate", "time", "vector", "histogram_quantile"),
    *("avg_over_time", "max_over_time", "and", "or", "unless", "offset", "end", "__interval"),
}
"""The functions and operators of PromQL that are used."""

SUBSTITUTES = {
    "$__rate_interval": "5m",
    "$__interval": "1m",
    "$__range": "1h",
}
FROM_ELSEWHERE = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
"""What Prometheus itself makes of every target and of every alert."""


def substituted(expression: str) -> str:
    for variable, value in SUBSTITUTES.items():
        expression = expression.replace(variable, value)
    return re.sub(r"\$[a-z]+", ".+", expression)


def checked(promtool: Path, tmp_path: Path, expressions: list[str]) -> str:
    """What promtool has against these expressions."""
    rules = [
        {"record": f"test:{number}", "expr": substituted(expression)}
        for number, expression in enumerate(expressions)
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "test", "rules": rules}]}), "utf-8")
    found = subprocess.run(
        [promtool, "check", "rules", path], capture_output=True, text=True, check=False
    )
    return "" if found.returncode == 0 else found.stdout + found.stderr


def test_template_datasource_rule(dashboard: Dashboard) -> None:
    (source,) = (v for v in dashboard["templating"]["list"] if v["type"] == "datasource")
    assert source["name"] == "datasource"
    assert source["label"] == "Data source"
    assert source["query"] == "prometheus"


@pytest.mark.parametrize("name", ["job", "instance"])
def test_template_job_and_instance_rules(name: str, variables: Variables) -> None:
    variable = variables[name]
    assert variable["type"] == "query"
    assert variable["label"] == name.capitalize()
    assert variable["multi"] is True
    assert variable["allValue"] == ".+"
    assert variable["datasource"]["uid"] == "${datasource}"


def test_template_label_promql_rule(variables: Variables, promtool: Path, tmp_path: Path) -> None:
    found = [
        re.fullmatch(r"label_values\((.+), [a-z]+\)", variable["query"])
        for variable in variables.values()
        if variable["type"] == "query"
    ]
    assert checked(promtool, tmp_path, [match[1] if match else "(" for match in found]) == ""


def test_template_on_time_change_reload_rule(variables: Variables) -> None:
    assert {v["refresh"] for v in variables.values() if v["type"] == "query"} == {2}


def test_uneditable_dashboard(dashboard: Dashboard) -> None:
    assert dashboard["editable"] is False


def test_panel_datasource_rule(dashboard: Dashboard, panels: list[Panel]) -> None:
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    for annotation in dashboard["annotations"]["list"]:
        assert annotation["datasource"]["uid"] == "${datasource}"


def test_panel_title_description_rule(panels: list[Panel]) -> None:
    for panel in panels:
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
    assert len({panel["title"] for panel in panels}) == len(panels)


def test_panel_units_rule(panels: list[Panel]) -> None:
    for panel in panels:
        assert panel["type"] in STATISTICS
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        for override in panel["fieldConfig"]["overrides"]:
            units = [p["value"] for p in override["properties"] if p["id"] == "unit"]
            assert set(units) <= UNITS


def test_panel_no_targets_rule(panels: list[Panel]) -> None:
    assert all(panel["targets"] for panel in panels)


def test_target_promql_rule(
    dashboard: Dashboard, queries: Queries, promtool: Path, tmp_path: Path
) -> None:
    annotations = [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    expressions = [expression for _, expression in queries]
    assert checked(promtool, tmp_path, [*expressions, *annotations]) == ""


def test_target_rate_interval_rule(queries: Queries) -> None:
    for _, expression in queries:
        for selector in selectors(expression):
            if selector.function in {"rate", "irate"}:
                assert selector.range == "[$__rate_interval]", expression
            if selector.range == "[$__rate_interval]":
                assert selector.function, expression
        ranges = [selector.range for selector in selectors(expression)]
        assert expression.count("$__rate_interval") == ranges.count("[$__rate_interval]")


def test_target_job_rule(dashboard: Dashboard, queries: Queries) -> None:
    annotations = [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    for expression in (*(expression for _, expression in queries), *annotations):
        assert list(selectors(expression))
        for selector in selectors(expression):
            assert 'job=~"$job"' in selector.matchers, expression


def test_target_instance_rule(dashboard: Dashboard, queries: Queries) -> None:
    excluded = yaml.safe_load(LINT.read_text("utf-8"))["exclusions"]["target-instance-rule"]
    assert excluded["reason"]
    without = {
        panel["title"]
        for panel, expression in queries
        for selector in selectors(expression)
        if 'instance=~"$instance"' not in selector.matchers
    }
    allowed = [e["panel"] for e in excluded["entries"] if e["dashboard"] == dashboard["title"]]
    assert sorted(without) == sorted(allowed)


def test_only_what_has_no_instance_is_excluded_from_that_rule(queries: Queries) -> None:
    for _, expression in queries:
        for selector in selectors(expression):
            if 'instance=~"$instance"' not in selector.matchers:
                assert selector.name == "ALERTS" or selector.name in {s.name for s in SERIES}


def test_nothing_else_is_excluded() -> None:
    assert yaml.safe_load(LINT.read_text("utf-8")).keys() == {"exclusions"}
    assert yaml.safe_load(LINT.read_text("utf-8"))["exclusions"].keys() == {"target-instance-rule"}


def test_target_counter_agg_rule(queries: Queries) -> None:
    for _, expression in queries:
        for selector in selectors(expression):
            if selector.name.endswith(("_total", "_bucket", "_count", "_sum")):
                assert selector.function in {"rate", "irate", "increase"}, expression
                assert selector.range, expression


def test_no_metric_stands_without_matchers(dashboard: Dashboard, queries: Queries) -> None:
    annotations = [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    for expression in (*(expression for _, expression in queries), *annotations):
        assert bare_words(expression) <= WORDS, expression


def test_only_metrics_that_exist_are_asked_for(
    dashboard: Dashboard, queries: Queries, variables: Variables
) -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)`", METRICS.read_text("utf-8"), re.MULTILINE))
    documented |= {"evidenced_schedule_lateness_seconds_bucket"}
    recorded = {series.name for series in SERIES}
    texts = [
        *(expression for _, expression in queries),
        *(annotation["expr"] for annotation in dashboard["annotations"]["list"]),
        *(variable["query"] for variable in variables.values()),
    ]
    asked = {selector.name for text in texts for selector in selectors(text)} - {""}
    assert asked <= documented | recorded | FROM_ELSEWHERE


def test_no_panel_has_the_steps_that_grafana_sets_where_none_are(panels: list[Panel]) -> None:
    for panel in panels:
        if panel["type"] in {"stat", "bargauge", "table"}:
            steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            assert steps[0]["value"] is None, panel["title"]


def test_drills_are_left_out(dashboard: Dashboard, queries: Queries) -> None:
    """All but the panel that counts the drills themselves."""
    annotations = [({"title": "-"}, a["expr"]) for a in dashboard["annotations"]["list"]]
    for panel, expression in (*queries, *annotations):
        wanted = f'{LABEL}="true"' if panel["title"] == "Drills" else f'{LABEL}=""'
        for selector in selectors(expression):
            if selector.name.startswith("evidenced_claim_"):
                assert wanted in selector.matchers, expression
