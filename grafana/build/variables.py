"""What is chosen at the top of a dashboard."""

from grafana.build.promql import of
from grafana.build.source import SOURCE
from grafana_foundation_sdk.builders.dashboard import (
    DatasourceVariable,
    QueryVariable,
    TextBoxVariable,
)
from grafana_foundation_sdk.models.dashboard import (
    VariableOption,
    VariableRefresh,
    VariableSort,
)

ADDRESS = "evidence_url"
"""The variable with the address at which people reach the daemon's pages."""


def datasource() -> DatasourceVariable:
    """The Prometheus to ask."""
    return DatasourceVariable("datasource").label("Data source").type("prometheus")


def _values(name: str, label: str, query: str) -> QueryVariable:
    variable = QueryVariable(name).label(label).datasource(SOURCE).query(query)
    variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    return variable.sort(VariableSort.ALPHABETICAL_ASC)


def several(name: str, label: str, query: str, everything: str = ".+") -> QueryVariable:
    """Any number of the values; `everything` is what All matches."""
    variable = _values(name, label, query).multi(True).include_all(True).all_value(everything)
    return variable.current(VariableOption(selected=True, text=["All"], value=["$__all"]))


def one(name: str, label: str, query: str) -> QueryVariable:
    """Exactly one of the values."""
    return _values(name, label, query).multi(False).include_all(False)


def job() -> QueryVariable:
    """The scrape job."""
    return several("job", "Job", "label_values(evidenced_build_info, job)")


def instance() -> QueryVariable:
    """The daemons."""
    query = 'label_values(evidenced_build_info{job=~"$job"}, instance)'
    return several("instance", "Instance", query)


def location() -> QueryVariable:
    """Where daemons look from. All matches those without a location, too."""
    query = f"label_values({of('probe_info')}, location)"
    return several("location", "Location", query, everything=".*")


def address() -> TextBoxVariable:
    """The address of the daemon's pages, for links to the proof of a claim.

    No metric says it: `external_url` is how people reach the daemon, not how Prometheus does.
    """
    variable = TextBoxVariable(ADDRESS).label("Address of evidenced")
    variable.description("The external_url of the configuration, without a slash at its end.")
    return variable.default_value("http://127.0.0.1:9321")
