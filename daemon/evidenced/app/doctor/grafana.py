"""Whether Grafana has the dashboards."""

from urllib.parse import urlencode

from evidenced.app.doctor.asking import AskError, asked, document
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.http import without_secrets

DASHBOARDS = (
    "evidence-budgets",
    "evidence-check",
    "evidence-daemon",
    "evidence-endpoints",
    "evidence-ledger",
)
"""The `uid` of each dashboard under grafana/dashboards."""

MOST = 5000
"""Dashboards that Grafana lists at most (its HTTP API, "Folder/Dashboard Search")."""


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """Which dashboards it has."""
    url = subject.places.grafana
    if url is None:
        return (not_looked_at("no Grafana is named", "name it with --grafana URL"),)
    shown, token = without_secrets(url), subject.places.grafana_token
    query = [("type", "dash-db"), ("limit", str(MOST))]
    query += [("dashboardUIDs", uid) for uid in DASHBOARDS]
    headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
    try:
        text = await asked(
            f"{url.rstrip('/')}/api/search?{urlencode(query)}", subject.resources, headers=headers
        )
        there = {one["uid"] for one in document(text, shown)}
    except AskError as error:
        return (problem(str(error), _mend(error)),)
    except (LookupError, TypeError):
        return (problem(f"{shown} is no Grafana", "correct --grafana, path prefix included"),)
    missing = [uid for uid in DASHBOARDS if uid not in there]
    if missing:
        mend = "provision the files of grafana/dashboards, or import them in Grafana"
        return (warning(f"Grafana at {shown} lacks {', '.join(missing)}", mend),)
    return (ok(f"Grafana at {shown} has all {len(DASHBOARDS)} dashboards"),)


def _mend(error: AskError) -> str:
    if error.status in (401, 403):
        return "make a service account that may view, and give its token by --grafana-token-file"
    return "see that Grafana runs there, and that --grafana is its address"
