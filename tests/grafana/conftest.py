"""The dashboards that are checked in, as Grafana would load them."""

import json
from pathlib import Path
from typing import Any

import pytest

GRAFANA = Path(__file__).parents[2] / "grafana"
PATHS = sorted((GRAFANA / "dashboards").glob("*.json"))

Dashboard = dict[str, Any]
Panel = dict[str, Any]


def read(path: Path) -> Dashboard:
    loaded: Dashboard = json.loads(path.read_text("utf-8"))
    return loaded


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def dashboard(request: pytest.FixtureRequest) -> Dashboard:
    """Each of the dashboards."""
    return read(request.param)


@pytest.fixture
def panels(dashboard: Dashboard) -> list[Panel]:
    """Its panels, without the rows between them."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


@pytest.fixture
def variables(dashboard: Dashboard) -> dict[str, dict[str, Any]]:
    """Its variables, by their name."""
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


@pytest.fixture
def queries(panels: list[Panel]) -> list[tuple[Panel, str]]:
    """The panels' queries, each with its panel."""
    return [(panel, target["expr"]) for panel in panels for target in panel["targets"]]


@pytest.fixture
def dashboards() -> list[Dashboard]:
    """All of them."""
    return [read(path) for path in PATHS]
