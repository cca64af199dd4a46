"""The data source and the queries that are sent to it."""

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat, QueryEditorMode

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
"""The Prometheus that is chosen at the top, never a fixed one."""


def _query(expression: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().expr(expression).datasource(SOURCE)
    return query.editor_mode(QueryEditorMode.CODE)


def over_time(expression: str, legend: str = "__auto") -> prometheus.Dataquery:
    """The expression at every step of the time range; the legend names series by their labels."""
    return _query(expression).range().legend_format(legend)


def now(expression: str, legend: str = "__auto") -> prometheus.Dataquery:
    """The expression at the end of the time range."""
    return _query(expression).instant().legend_format(legend)


def rows(expression: str) -> prometheus.Dataquery:
    """The same as the rows of a table: a column for each label, and one for the value."""
    return _query(expression).instant().format(PromQueryFormat.TABLE)
