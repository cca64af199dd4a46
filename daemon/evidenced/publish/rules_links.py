"""The links of alerts: the runbook, the dashboard, and the proof of a claim."""

import json
from collections.abc import Mapping
from dataclasses import replace

from evidenced.ledger.model import Ledger, Url
from evidenced.publish.rules_model import Alert
from evidenced.publish.rules_settings import RuleSettings


def runbooks_of(ledger: Ledger) -> Mapping[str, str]:
    """The runbook of each claim that cites one, by its id: an address with "runbook" in it.

    Not one with `{{` in it, which would be an action of the template that the link stands in.
    """
    found: dict[str, str] = {}
    for claim in ledger.claims:
        for reference in claim.references:
            if isinstance(reference, Url) and _is_runbook(reference.ref):
                found.setdefault(claim.id, reference.ref)
    return found


def _is_runbook(address: str) -> bool:
    return "runbook" in address.casefold() and "{{" not in address


def linked(alert: Alert, settings: RuleSettings, *, claim: bool) -> Alert:
    """The alert with all links that are configured; those that it has of its own stay.

    `claim` says whether it has the label of that name: then it leads to the claim's proof, and to
    the claim's own runbook before that of the alert.
    """
    links = {
        "runbook_url": _runbook(alert.name, settings, claim=claim),
        "dashboard_url": settings.file.dashboard_url,
        "proof_url": _proof(settings) if claim else None,
    }
    given = {name: link for name, link in links.items() if link}
    return replace(alert, links={**given, **alert.links})


def _runbook(alert: str, settings: RuleSettings, *, claim: bool) -> str | None:
    usual = _completed(settings.file.runbook_url, alert)
    if not claim or not settings.runbooks:
        return usual
    own = sorted(settings.runbooks.items())
    cases = " else ".join(f"if eq $labels.claim {_quoted(name)} }}}}{url}{{{{" for name, url in own)
    otherwise = f" else }}}}{usual}{{{{" if usual else ""
    return f"{{{{ {cases}{otherwise} end }}}}"


def _completed(base: str | None, alert: str) -> str | None:
    """The runbook of an alert; a heading's anchor is written in small letters, as in Markdown."""
    if base is None:
        return None
    return base + alert if base.endswith(("/", "=", "#")) else f"{base}#{alert.lower()}"


def _proof(settings: RuleSettings) -> str | None:
    url = settings.external_url
    return f"{url}/claims/{{{{ $labels.claim | urlquery }}}}" if url else None


def _quoted(text: str) -> str:
    """As a constant of a template; what JSON escapes, Go reads the same."""
    return json.dumps(text, ensure_ascii=False)
