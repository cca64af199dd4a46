"""The rules for Prometheus, as the daemon itself goes by them: names, severities, links, times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

from evidenced.config.alertmanager import JOB
from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.rules import general_groups
from evidenced.publish.rules_links import linked, runbooks_of
from evidenced.publish.rules_model import Alert, Severity
from evidenced.publish.rules_patience import patience_of
from evidenced.publish.rules_settings import Patience, RuleSettings
from evidenced.publish.slo import Objective, objectives
from evidenced.publish.slo_alerts import plain_alert
from evidenced.publish.slo_tiers import TIERS


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of one configuration, and how its daemon is called in them.

    `rules` are by name and severity, with the links of an alert that is not about a claim;
    `objectives` are the SLOs of the configuration.
    """

    rules: Mapping[tuple[str, Severity], Alert]
    settings: RuleSettings
    patience: Patience
    sender: Sender
    objectives: tuple[Objective, ...] = ()

    @classmethod
    def of(cls, config: Config, ledger: Ledger, listen: str) -> "RuleBook":
        """The book of a configuration and a ledger; `listen` is the address listened on."""
        settings = RuleSettings.of(config, runbooks_of(ledger))
        patience = patience_of(config, settings.margin)
        alerts = [
            rule
            for group in general_groups(settings, patience)
            for rule in group.rules
            if isinstance(rule, Alert)
        ]
        # Those of error budgets differ in labels, which come with what is the matter.
        alerts += [plain_alert(severity) for severity in {tier.severity for tier in TIERS}]
        return cls(
            {(rule.name, rule.severity): _linked(rule, settings) for rule in alerts},
            settings,
            patience,
            _sender(config, listen),
            tuple(objectives(config, settings)),
        )

    def rule(self, matter: Matter) -> Alert:
        """The rule of what is the matter, with the links of its one alert instead of templates.

        Raises LookupError where there is none: then name and severity are not those of a rule.
        """
        for severity in (matter.severity,) if matter.severity else Severity:
            rule = self.rules.get((matter.name, severity))
            if rule is not None:
                claim = matter.labels.get("claim")
                return replace(rule, links=self._links(rule, claim)) if claim else rule
        raise LookupError(f"there is no rule {matter.name} {matter.severity or ''}")

    def _links(self, rule: Alert, claim: str) -> dict[str, str]:
        own = self.settings.runbooks.get(claim)
        links = {**rule.links, "runbook_url": own} if own else rule.links
        proof = proof_url(self.settings.external_url, claim)
        return {**links, "proof_url": proof} if proof else links


def _linked(rule: Alert, settings: RuleSettings) -> Alert:
    """The rule with links instead of templates, none of them to a claim."""
    return linked(replace(rule, links={}), replace(settings, runbooks={}), claim=False)


def proof_url(external_url: str | None, claim: str) -> str | None:
    """Where the proof of a claim is to be seen; None where nobody knows the daemon's address."""
    return f"{external_url}/claims/{quote_plus(claim)}" if external_url else None


def _sender(config: Config, listen: str) -> Sender:
    labels = dict(config.alertmanager.labels) if config.alertmanager else {}
    job, instance = labels.pop("job", JOB), labels.pop("instance", listen)
    return Sender(job, instance, config.location, labels)
