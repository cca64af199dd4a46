"""Links from what is seen to what explains it."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DynamicConfigValue

TAG = "evidenced"
"""The tag of all the dashboards, by which each links to the others."""

CHECK = "evidence-check"
"""The identifier of the dashboard that shows one check."""

_CHOICE = "${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}"


def others() -> DashboardLink:
    """The other dashboards, with the time range and what is chosen."""
    link = DashboardLink("evidenced").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).keep_time(True).include_vars(True)


def proof_of_row() -> DynamicConfigValue:
    """From a row of a table with the label `claim` to the claim's page, with its proof."""
    return _links(("Proof of this claim", "${evidence_url}/claims/${__data.fields.claim}", True))


def check_of_row() -> DynamicConfigValue:
    """From a row of a table with the label `check` to the dashboard of that check."""
    return _links(("This check in detail", check_url("__data.fields.check"), False))


def check_of_series() -> list[Builder[models.DashboardLink]]:
    """From a series with the label `check` to the dashboard of that check."""
    link = DashboardLink("This check in detail").type(DashboardLinkType.LINK)
    return [link.url(check_url("__field.labels.check"))]


def check_url(value: str) -> str:
    """The address of the dashboard for the check that this placeholder stands for."""
    return f"/d/{CHECK}?var-check=${{{value}}}&{_CHOICE}"


def _links(*links: tuple[str, str, bool]) -> DynamicConfigValue:
    wanted = [{"title": title, "url": url, "targetBlank": new} for title, url, new in links]
    return DynamicConfigValue("links", wanted)
