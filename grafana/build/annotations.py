"""Changes of standing, marked on everything that is seen over time."""

from grafana.build.looks import STANDINGS
from grafana.build.promql import CLAIM, of
from grafana.build.source import SOURCE
from grafana_foundation_sdk.builders.dashboard import AnnotationQuery as Builder
from grafana_foundation_sdk.models import dashboard

STEP = "15s"
"""The shortest time between two looks for changes: the scrape interval of the configuration."""


class Marked(dashboard.AnnotationQuery):
    """An annotation of Prometheus, with the keys that its data source adds to the SDK's own."""

    def __init__(self, annotation: dashboard.AnnotationQuery, title: str, text: str) -> None:
        super().__init__(
            name=annotation.name,
            datasource=annotation.datasource,
            enable=annotation.enable,
            hide=annotation.hide,
            icon_color=annotation.icon_color,
            expr=annotation.expr,
        )
        self._more = {"titleFormat": title, "textFormat": text, "tagKeys": "section", "step": STEP}

    def to_json(self) -> dict[str, object]:
        """The annotation as Grafana reads it."""
        return {**super().to_json(), **self._more}


class Change(Builder):
    """Marks the times at which a claim got this standing."""

    def __init__(self, standing: str, *matchers: str) -> None:
        super().__init__()
        self._standing = standing
        status = of(f"{CLAIM}status", f'status="{standing}"', *matchers)
        self.name(f"Now {standing}").datasource(SOURCE).enable(True)
        # It was 0 before: a claim that is new, or a daemon that was away, is no change.
        self.icon_color(STANDINGS[standing]).expr(
            f"max by (claim, section) ({status} == 1 and {status} offset $__interval == 0)"
        )

    def build(self) -> dashboard.AnnotationQuery:
        """The annotation."""
        return Marked(super().build(), "{{claim}}", f"is {self._standing} now")


def changes(*matchers: str) -> list[Change]:
    """A mark for each change to a standing that says something new about production."""
    return [Change(name, *matchers) for name in ("contradicted", "verified", "stale", "unknown")]
