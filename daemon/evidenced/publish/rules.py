"""The Prometheus rule file: alerts on what the daemon says of claims, and on the daemon itself."""

import re
from dataclasses import replace
from pathlib import Path

import yaml

from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.config.types import format_duration
from evidenced.ledger.model import Ledger
from evidenced.publish.rules_checks import check_group
from evidenced.publish.rules_claims import claim_group
from evidenced.publish.rules_daemon import WATCHDOG, daemon_group
from evidenced.publish.rules_ledger import ledger_group
from evidenced.publish.rules_links import linked, runbooks_of
from evidenced.publish.rules_model import Alert, Group, Record
from evidenced.publish.rules_patience import patience_of
from evidenced.publish.rules_settings import Patience, RuleSettings
from evidenced.publish.slo import slo_groups

HEADER = """\
# Alerting rules on the metrics of evidenced, made by
#
#     evidenced rules -c evidenced.yaml > evidenced.rules.yml
#
# Do not edit them: make them again when the configuration changes, or a runbook that the ledger
# cites. Thresholds, links and the selector are under `rules` in the configuration.
# They need Prometheus 2.42 or later, for `keep_firing_for`.
# EvidencedClaimNotVerified waits {wait}, so that no start and no reload fires it: until then each
# check has come to a standing.
"""


BLOCK_WIDTH = 96
"""Characters of a line before a folded text is broken."""

_FOLDED = 70
"""Characters of a text that is folded rather than written on the line of its key."""

_UNBROKEN = "\ue000"
"""Stands for a space inside a template's action while the text around it is folded."""

_ACTION = re.compile(r"\{\{[^{}]*\}\}")

_ALWAYS = (
    f"- alert: {WATCHDOG}\n",
    f"""- alert: {WATCHDOG}
        # It always fires, so it compares nothing.
        # pint disable alerts/comparison
""",
)
"""What is put beside the watchdog for whoever checks the rules with pint."""


def rules(config: Config, ledger: Ledger | None = None) -> str:
    """The rule file for this configuration, as YAML.

    A ledger that is given adds the runbooks that its claims cite to those of the configuration.
    """
    runbooks = runbooks_of(ledger) if ledger else {}
    settings = RuleSettings.of(config, runbooks)
    patience = patience_of(config, settings.margin)
    document = {"groups": [_group(group) for group in groups(config, settings, patience)]}
    text = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=BLOCK_WIDTH
    )
    return _header(patience) + text.replace(_UNBROKEN, " ").replace(*_ALWAYS)


def groups(config: Config, settings: RuleSettings, patience: Patience) -> tuple[Group, ...]:
    """All rules for this configuration, in groups, each alert with its links."""
    return (*general_groups(settings, patience), *slo_groups(config, settings))


def general_groups(settings: RuleSettings, patience: Patience) -> tuple[Group, ...]:
    """The rules that are there for every configuration: all but those of SLOs."""
    return (
        _linked(claim_group(settings, patience), settings, claim=True),
        _linked(check_group(settings), settings),
        _linked(ledger_group(settings), settings),
        _linked(daemon_group(settings), settings),
    )


def _linked(group: Group, settings: RuleSettings, *, claim: bool = False) -> Group:
    alerts = (
        linked(rule, settings, claim=claim) if isinstance(rule, Alert) else rule
        for rule in group.rules
    )
    return replace(group, rules=tuple(alerts))


def default_rules() -> str:
    """The rule file for a configuration in which nothing but the ledger is set."""
    return rules(Config(ledger=LedgerSettings(path=Path("STATE.md"))))


def _header(patience: Patience) -> str:
    wait = format_duration(patience.usual)
    if patience.slowest > patience.usual:
        wait += f" ({format_duration(patience.slowest)} where a slow check has not looked yet)"
    return HEADER.format(wait=wait)


def _group(group: Group) -> dict[str, object]:
    written: dict[str, object] = {"name": group.name}
    if group.interval is not None:
        written["interval"] = format_duration(group.interval)
    written["rules"] = [
        _alert(rule) if isinstance(rule, Alert) else _record(rule) for rule in group.rules
    ]
    return written


def _record(rule: Record) -> dict[str, object]:
    written: dict[str, object] = {"record": rule.name, "expr": _Block(rule.expr)}
    if rule.labels:
        written["labels"] = dict(rule.labels)
    return written


def _alert(alert: Alert) -> dict[str, object]:
    rule: dict[str, object] = {"alert": alert.name, "expr": _Block(alert.expr)}
    if alert.hold:
        rule["for"] = format_duration(alert.hold)
    if alert.keep:
        rule["keep_firing_for"] = format_duration(alert.keep)
    rule["labels"] = {"severity": alert.severity.value, **alert.labels}
    rule["annotations"] = {
        "summary": alert.summary,
        "description": _Block(alert.description),
        **{name: _Block(link) for name, link in alert.links.items()},
    }
    return rule


class _Block(str):
    """A text that YAML writes as a block: lines kept where there are several, one line folded."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes blocks, and lists indented as in Prometheus' own documentation."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists within mappings, too."""
        super().increase_indent(flow, False)


def _represent_block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    style = "|" if "\n" in text else ">" if len(text) > _FOLDED else None
    written = _ACTION.sub(_unbroken, text) if style == ">" else text
    return dumper.represent_scalar("tag:yaml.org,2002:str", written, style)


def _unbroken(action: re.Match[str]) -> str:
    return action[0].replace(" ", _UNBROKEN)


_Dumper.add_representer(_Block, _represent_block)
