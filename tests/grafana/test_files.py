"""The files: made of the code, as Grafana's own types have them, and provisioned as documented."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana.build.annotations import changes
from grafana.build.files import DASHBOARDS, FILES, FOLDER
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard as Model

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "grafana"
TITLES = ["Evidence ledger", "Endpoints", "Check detail", "Error budgets", "Daemon"]

Dashboard = dict[str, Any]


@pytest.mark.parametrize(("name", "make"), FILES, ids=[name for name, _ in FILES])
def test_the_code_makes_what_is_checked_in(name: str, make: Callable[[], str]) -> None:
    assert make() == (ROOT / name).read_text("utf-8"), "run `make generate`"


def test_nothing_else_is_checked_in() -> None:
    found = {f"{FOLDER}/{path.name}" for path in (ROOT / FOLDER).glob("*.json")}
    assert found == {name for name, _ in FILES}
    assert [make().title for _, make in DASHBOARDS] == TITLES


def test_the_sdk_reads_what_it_wrote(dashboard: Dashboard) -> None:
    register_default_plugins()
    again = json.loads(json.dumps(Model.from_json(dashboard), cls=JSONEncoder))
    extra = {"titleFormat", "textFormat", "tagKeys", "step"}
    for annotation in dashboard["annotations"]["list"]:
        assert annotation.keys() >= extra
        for key in extra:
            del annotation[key]
    assert again == dashboard


def test_annotations_have_the_keys_of_their_data_source() -> None:
    marks = [change.build() for change in changes()]
    assert [mark.name for mark in marks] == [
        "Now contradicted",
        "Now verified",
        "Now stale",
        "Now unknown",
    ]
    for mark in marks:
        assert mark.to_json()["titleFormat"] == "{{claim}}"
        assert mark.to_json()["textFormat"] == mark.name.replace("Now", "is") + " now"


def test_each_has_an_identifier_of_its_own(dashboards: list[Dashboard]) -> None:
    identifiers = [dashboard["uid"] for dashboard in dashboards]
    assert len(set(identifiers)) == len(identifiers) == len(TITLES)
    assert all(len(identifier) <= 40 for identifier in identifiers)


def test_links_between_dashboards_lead_to_one(dashboards: list[Dashboard]) -> None:
    known = {dashboard["uid"] for dashboard in dashboards}
    for dashboard in dashboards:
        text = json.dumps(dashboard)
        assert {part.split("?")[0] for part in text.split('"/d/')[1:]} <= known
        assert dashboard["tags"] == dashboard["links"][0]["tags"] == ["evidenced"]


def test_variables_in_links_are_there(
    dashboard: Dashboard, variables: dict[str, dict[str, Any]]
) -> None:
    text = json.dumps(dashboard)
    for name in ("evidence_url", "datasource:queryparam", "job:queryparam"):
        assert f"${{{name}}}" not in text or name.split(":")[0] in variables


def test_panels_fill_their_rows_and_do_not_overlap(dashboard: Dashboard) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    height = 1 + max(y for _, y in taken)
    assert len(taken) == 24 * height
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert ids == list(range(1, len(ids) + 1))


def test_the_worst_rows_of_tables_come_first(panels: list[dict[str, Any]]) -> None:
    for panel in panels:
        if panel["type"] == "table":
            names = panel["transformations"][-1]["options"]
            first = min(names["indexByName"], key=names["indexByName"].__getitem__)
            assert panel["options"]["sortBy"] == [
                {"displayName": names["renameByName"][first], "desc": False}
            ]


def test_queries_of_a_panel_have_letters(panels: list[dict[str, Any]]) -> None:
    for panel in panels:
        letters = "".join(target["refId"] for target in panel["targets"])
        assert letters == "ABCDEFG"[: len(letters)]


def test_the_data_source_is_the_prometheus_of_the_configuration() -> None:
    path = GRAFANA / "provisioning/datasources/prometheus.yaml"
    (source,) = yaml.safe_load(path.read_text("utf-8"))["datasources"]
    prometheus = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text("utf-8"))
    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]


def test_the_provider_loads_the_folder_that_the_readme_names() -> None:
    path = GRAFANA / "provisioning/dashboards/evidenced.yaml"
    (provider,) = yaml.safe_load(path.read_text("utf-8"))["providers"]
    assert provider["type"] == "file"
    assert provider["allowUiUpdates"] is False
    assert provider["options"]["path"] in (GRAFANA / "README.md").read_text("utf-8")


def test_the_readme_lists_every_dashboard(dashboard: Dashboard) -> None:
    readme = (GRAFANA / "README.md").read_text("utf-8")
    assert f"| {dashboard['title']} |" in readme
    for variable in dashboard["templating"]["list"]:
        assert f"| {variable['label']} |" in readme
