"""The Prometheus rule file: alerts on what the daemon says of claims, and on the daemon itself."""

import math
from collections.abc import Iterable
from pathlib import Path

import yaml

from evidenced.config.defaults import Confirm
from evidenced.config.model import Config, LedgerSettings
from evidenced.config.timing import effective
from evidenced.config.types import format_duration
from evidenced.publish.rules_alerts import Alert, claim_alerts, daemon_alerts, ledger_alerts
from evidenced.publish.rules_settings import Patience, RuleSettings

HEADER = """\
# Alerting rules on the metrics of evidenced, made by
#
#     evidenced rules -c evidenced.yaml > evidenced.rules.yml
#
# Do not edit them: make them again when the configuration changes. EvidencedClaimNotVerified waits
# {wait}, so that no start and no reload fires it: until then each check has come to a standing.
"""


BLOCK_WIDTH = 96
"""Characters of a line before a folded text is broken."""


def rules(config: Config, settings: RuleSettings | None = None) -> str:
    """The rule file for this configuration, as YAML."""
    settings = settings or RuleSettings()
    patience = patience_of(config, settings.margin)
    groups = (
        ("evidenced-claims", claim_alerts(settings, patience)),
        ("evidenced-ledger", ledger_alerts(settings)),
        ("evidenced-daemon", daemon_alerts(settings)),
    )
    document = {"groups": [_group(name, alerts) for name, alerts in groups]}
    return _header(patience) + yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=BLOCK_WIDTH
    )


def default_rules() -> str:
    """The rule file for a configuration in which nothing but the ledger is set."""
    return rules(Config(ledger=LedgerSettings(path=Path("STATE.md"))))


def patience_of(config: Config, margin: float) -> Patience:
    """How long the checks of this configuration may take to come to a standing; margin in seconds.

    The n-th run of a check ends within n + 1 intervals of its start, and n is the greater of its
    confirmations. The usual check has the default timing, as derived ones do.
    """
    timings = [effective(check, config.defaults) for check in config.checks]
    usual = _first_standing(config.defaults.interval, config.defaults.confirm)
    slowest = max([usual, *(_first_standing(t.interval, t.confirm) for t in timings)])
    return Patience(_minutes(usual + margin), _minutes(slowest + margin))


def _first_standing(interval: float, confirm: Confirm) -> float:
    return (max(confirm.failures, confirm.successes) + 1) * interval


def _minutes(seconds: float) -> float:
    return math.ceil(seconds / 60) * 60.0


def _header(patience: Patience) -> str:
    wait = format_duration(patience.usual)
    if patience.slowest > patience.usual:
        wait += f" ({format_duration(patience.slowest)} where a slow check has not looked yet)"
    return HEADER.format(wait=wait)


def _group(name: str, alerts: Iterable[Alert]) -> dict[str, object]:
    return {"name": name, "rules": [_rule(alert) for alert in alerts]}


def _rule(alert: Alert) -> dict[str, object]:
    rule: dict[str, object] = {"alert": alert.name, "expr": _Block(alert.expr)}
    if alert.hold:
        rule["for"] = format_duration(alert.hold)
    rule["labels"] = {"severity": alert.severity.value}
    rule["annotations"] = {
        "summary": alert.summary,
        "description": _Block(alert.description),
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
    long = len(text) > BLOCK_WIDTH
    style = "|" if "\n" in text else ">" if long else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(_Block, _represent_block)
