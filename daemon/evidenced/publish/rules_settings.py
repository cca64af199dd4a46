"""What the rules can be set to: where the series are, how long what may last, and the links."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from evidenced.config.model import Config
from evidenced.config.rulefile import RuleFile

_DEFAULT = RuleFile()


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """All thresholds, selectors and links of the rules; `file` is the section of the configuration.

    `external_url` is how people reach the daemon, without a slash at its end. `runbooks` are those
    of single claims, by the claim's id.
    """

    file: RuleFile = _DEFAULT
    external_url: str | None = None
    runbooks: Mapping[str, str] = field(default_factory=dict)
    margin: float = 120.0
    """What scrapes and evaluations may add to the time in which a claim comes to a standing."""

    @classmethod
    def of(cls, config: Config, runbooks: Mapping[str, str] | None = None) -> Self:
        """The settings that a configuration asks for, and the runbooks that claims cite.

        A runbook that is configured for a claim stands instead of the one that it cites.
        """
        url = config.external_url
        own = {name: one.runbook_url for name, one in config.claims.items() if one.runbook_url}
        return cls(config.rules, url.rstrip("/") if url else None, {**(runbooks or {}), **own})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it may take after a start until a claim has a standing, in seconds, margin included.

    `usual` is for checks of the default timing, `slowest` for the slowest of all checks.
    """

    usual: float
    slowest: float
