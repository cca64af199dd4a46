"""What all the dashboards have, and the JSON that is made of one."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from grafana.build import annotations, links, variables
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

SCHEMA = 39
"""The version of the dashboard schema that Grafana 11.0 writes; later ones read it as well."""


class Section(NamedTuple):
    """A row of a dashboard: its title, and its panels from left to right."""

    title: str
    panels: Sequence[Builder[models.Panel]]


def board(
    uid: str,
    title: str,
    description: str,
    chosen: Iterable[Builder[models.VariableModel]] = (),
    since: str = "now-24h",
) -> Dashboard:
    """A dashboard without panels, that cannot be edited in Grafana."""
    made = Dashboard(title).uid(uid).description(description).tags([links.TAG]).readonly()
    made.tooltip(models.DashboardCursorSync.CROSSHAIR).time(since, "now").refresh("30s")
    made.timezone("browser").version(1).link(links.others())
    made.variables([variables.datasource(), variables.job(), variables.instance(), *chosen])
    return made.annotations([*annotations.changes()])


def fill(made: Dashboard, sections: Iterable[Section]) -> models.Dashboard:
    """The dashboard with its panels, row by row, each with a number of its own."""
    for section in sections:
        made.with_row(Row(section.title))
        for panel in section.panels:
            made.with_panel(panel)
    built = made.build()
    built.schema_version = SCHEMA
    for number, placed in enumerate(built.panels or (), start=1):
        placed.id_val = number
    return built


def text(made: models.Dashboard) -> str:
    """The JSON that Grafana loads."""
    return json.dumps(made, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"
