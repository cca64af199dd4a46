"""The kinds of panels, each with the options that all of its kind have here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from grafana.build import looks, source
from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    FieldTextAlignment,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    ValueMapping,
)

LETTERS = ascii_uppercase
"""The names of a panel's queries, in their order."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, its width in pixels, and how its values look."""

    title: str
    width: int | None = None
    looks: tuple[DynamicConfigValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What a panel says of itself: its title, and what is seen in it."""

    title: str
    description: str
    size: tuple[int, int] = (12, 8)
    """Columns and rows of the grid, which has 24 columns."""


def number(
    text: Text,
    *queries: prometheus.Dataquery,
    unit: str = "none",
    mappings: Iterable[ValueMapping] = (),
) -> stat.Panel:
    """A number in large, or one for each series."""
    panel = stat.Panel().title(text.title).description(text.description).datasource(source.SOURCE)
    panel.span(text.size[0]).height(text.size[1]).targets(_lettered(queries)).unit(unit)
    panel.mappings([*mappings]).orientation(VizOrientation.AUTO)
    # Said outright: without steps Grafana has its own, and is red from 80 on.
    panel.thresholds(looks.steps(looks.PLAIN))
    panel.color_mode(BigValueColorMode.VALUE).graph_mode(BigValueGraphMode.NONE)
    panel.text_mode(BigValueTextMode.AUTO)
    return panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))


def lines(
    text: Text, *queries: prometheus.Dataquery, unit: str, places: int | None = None
) -> timeseries.Panel:
    """Series over time."""
    panel = timeseries.Panel().title(text.title).description(text.description)
    panel.datasource(source.SOURCE).span(text.size[0]).height(text.size[1]).targets(
        _lettered(queries)
    )
    panel.unit(unit).line_width(1).fill_opacity(10).show_points(VisibilityMode.NEVER)
    if places is not None:
        panel.decimals(places)
    panel.legend(_legend(["lastNotNull", "max"]))
    return panel.tooltip(_tooltip())


def stacked(
    text: Text, *queries: prometheus.Dataquery, unit: str, bars: bool = False
) -> timeseries.Panel:
    """Series over time on top of each other, for parts of a whole."""
    panel = lines(text, *queries, unit=unit)
    panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    if bars:
        panel.draw_style(GraphDrawStyle.BARS)
    return panel.fill_opacity(60)


def timeline(
    text: Text, *queries: prometheus.Dataquery, mappings: Iterable[ValueMapping]
) -> statetimeline.Panel:
    """States over time, a line for each series."""
    panel = statetimeline.Panel().title(text.title).description(text.description)
    panel.datasource(source.SOURCE).span(text.size[0]).height(text.size[1]).targets(
        _lettered(queries)
    )
    panel.unit("none").mappings([*mappings]).show_value(VisibilityMode.NEVER).merge_values(True)
    panel.row_height(0.8).line_width(0).fill_opacity(80)
    return panel.legend(_legend([])).tooltip(_tooltip())


def bars(text: Text, *queries: prometheus.Dataquery, unit: str) -> bargauge.Panel:
    """A bar for each series, as it is now."""
    panel = bargauge.Panel().title(text.title).description(text.description)
    panel.datasource(source.SOURCE).span(text.size[0]).height(text.size[1]).targets(
        _lettered(queries)
    )
    panel.unit(unit).min(0).display_mode(BarGaugeDisplayMode.BASIC).show_unfilled(True)
    panel.orientation(VizOrientation.HORIZONTAL).thresholds(looks.steps(looks.GREEN))
    return panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))


def grid(
    text: Text, *queries: prometheus.Dataquery, columns: Mapping[str, Column], empty: str = "-"
) -> table.Panel:
    """A table of instant queries, joined by the labels that they share.

    The columns are named by their label, or by `Value #A` for the value of the first query, and
    shown in this order; values that are not named are hidden, and so is the job. The rows are
    sorted by the first of them, the lowest first: by its name `contradicted` is the first standing.
    """
    panel = table.Panel().title(text.title).description(text.description)
    panel.datasource(source.SOURCE).span(text.size[0]).height(text.size[1])
    panel.targets(_lettered(queries))
    panel.unit("none").align(FieldTextAlignment.LEFT).filterable(True).no_value(empty)
    panel.thresholds(looks.steps(looks.PLAIN))
    hidden = {"Time", "Value", "job", *(f"Value #{letter}" for letter in LETTERS[: len(queries)])}
    if len(queries) > 1:
        panel.with_transformation(DataTransformerConfig("merge", options={}))
    panel.with_transformation(DataTransformerConfig("organize", options=_order(columns, hidden)))
    first = next(iter(columns.values())).title
    panel.sort_by([common.TableSortByFieldState().display_name(first).desc(False)])
    for column in columns.values():
        widths = [DynamicConfigValue("custom.width", column.width)] if column.width else []
        if properties := [*widths, *column.looks]:
            panel.override_by_name(column.title, properties)
    return panel


def _order(columns: Mapping[str, Column], hidden: set[str]) -> dict[str, object]:
    return {
        "excludeByName": dict.fromkeys(sorted(hidden - columns.keys()), True),
        "indexByName": {name: index for index, name in enumerate(columns)},
        "renameByName": {name: column.title for name, column in columns.items()},
    }


def _lettered(queries: Iterable[prometheus.Dataquery]) -> list[Builder[Dataquery]]:
    return [query.ref_id(letter) for letter, query in zip(LETTERS, queries, strict=False)]


def _legend(calculations: list[str]) -> common.VizLegendOptions:
    legend = common.VizLegendOptions().placement(LegendPlacement.BOTTOM).show_legend(True)
    mode = LegendDisplayMode.TABLE if calculations else LegendDisplayMode.LIST
    return legend.display_mode(mode).calcs(calculations)


def _tooltip() -> common.VizTooltipOptions:
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    return tooltip.sort(SortOrder.DESCENDING)
