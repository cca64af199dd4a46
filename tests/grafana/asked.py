"""What a dashboard asks of Prometheus, and what it needs of the answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Dashboard = dict[str, Any]
Labels = Mapping[str, str]

IN_LEGEND = re.compile(r"\{\{\s*([a-zA-Z_]+)\s*\}\}")
IN_LINK = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.([a-zA-Z_]+)\}")
VALUES = re.compile(r"label_values\((?P<selector>.+), (?P<label>[a-z_]+)\)")
INTERVALS = {"$__rate_interval": "6s", "$__interval": "1s", "$__range": "60s"}
"""What Grafana would put there at the pace of the test."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: where it stands, the labels that each of its series needs, and that one needs."""

    where: str
    expression: str
    instant: bool
    each: frozenset[str] = frozenset()
    some: frozenset[str] = frozenset()

    def lacks(self, answer: list[Labels]) -> str:
        """What is missing in the labels of the series that came; nothing where all is there."""
        if not answer:
            return "no data"
        names = [{name for name, value in series.items() if value} for series in answer]
        if lacking := self.each - set[str].intersection(*names):
            return f"a series without {sorted(lacking)}"
        if lacking := self.some - set[str]().union(*names):
            return f"no series with {sorted(lacking)}"
        return ""


def queries(dashboard: Dashboard, values: Mapping[str, str]) -> Iterator[Asked]:
    """The queries of its panels and annotations, with these values of its variables."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield from _of_panel(dashboard["title"], panel, values)
    for annotation in dashboard["annotations"]["list"]:
        where = f"{dashboard['title']}: {annotation['name']}"
        texts = f"{annotation['titleFormat']} {annotation['textFormat']}"
        needed = frozenset({*IN_LEGEND.findall(texts), annotation["tagKeys"]})
        yield Asked(where, substituted(annotation["expr"], values), False, needed)


def _of_panel(title: str, panel: dict[str, Any], values: Mapping[str, str]) -> Iterator[Asked]:
    linked = frozenset(IN_LINK.findall(str(panel["fieldConfig"])))
    table = panel["type"] == "table"
    for target in panel["targets"]:
        yield Asked(
            f"{title}: {panel['title']} {target['refId']}",
            substituted(target["expr"], values),
            target["instant"],
            each=frozenset(IN_LEGEND.findall(target.get("legendFormat", "")))
            | (frozenset() if table else linked),
        )


def columns(dashboard: Dashboard) -> Iterator[tuple[str, list[str], frozenset[str]]]:
    """Its tables: where each stands, the letters of its queries, the labels shown or linked."""
    for panel in dashboard["panels"]:
        if panel["type"] == "table":
            (order,) = (t["options"] for t in panel["transformations"] if t["id"] == "organize")
            shown = {name for name in order["indexByName"] if not name.startswith("Value")}
            linked = set(IN_LINK.findall(str(panel["fieldConfig"])))
            where = f"{dashboard['title']}: {panel['title']}"
            yield where, [t["refId"] for t in panel["targets"]], frozenset(shown | linked)


def substituted(expression: str, values: Mapping[str, str]) -> str:
    """The expression as Grafana sends it."""
    for variable, interval in INTERVALS.items():
        expression = expression.replace(variable, interval)
    return re.sub(r"\$([a-z]+)", lambda found: values[found[1]], expression)
