"""Whether each Alertmanager that the daemon tells is there and ready."""

import asyncio

from evidenced.app.doctor.asking import AskError, asked, document
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.alertmanager import AlertmanagerSettings
from evidenced.config.http import without_secrets

STATUS = "/api/v2/status"


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """What each of them says of itself."""
    settings = subject.config.alertmanager
    if settings is None:
        return (not_looked_at("`alertmanager` is not set: alerts go by way of Prometheus"),)
    looks = [_look(subject, url, settings) for url in settings.urls]
    return tuple(await asyncio.gather(*looks))


async def _look(subject: Subject, url: str, settings: AlertmanagerSettings) -> Finding:
    shown = without_secrets(url)
    try:
        text = await asked(
            url.rstrip("/") + STATUS, subject.resources, auth=settings.auth, tls=settings.tls
        )
        status = document(text, shown)
        version, cluster = status["versionInfo"]["version"], status["cluster"]["status"]
    except AskError as error:
        return problem(str(error), "see that Alertmanager runs there; else correct `alertmanager`")
    except (LookupError, TypeError):
        return problem(
            f"{shown} is no Alertmanager", "correct `alertmanager`, path prefix included"
        )
    if cluster == "settling":
        mend = "wait for it; if it lasts, see `--cluster.peer` of that Alertmanager"
        return warning(f"Alertmanager at {shown} still looks for its peers", mend)
    return ok(f"Alertmanager {version} at {shown} is ready")
