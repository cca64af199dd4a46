"""Which checks there are: those configured, and those derived from the ledger's sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from evidenced.config.kinds.base import KindSettings
from evidenced.config.model import CheckSettings, Config
from evidenced.config.timing import Timing, effective
from evidenced.ledger.model import Item, Ledger
from evidenced.watch.derive import Underived, derive


class Origin(StrEnum):
    """Where a check comes from."""

    CONFIGURED = "configured"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Check:
    """One look to be taken again and again; equal when nothing about it changed."""

    name: str
    kind: str
    target: str
    claims: tuple[str, ...]
    settings: KindSettings
    timing: Timing
    labels: Mapping[str, str]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Plan:
    """All checks, and what they leave open.

    `underived` are phrases of the ledger that no check could be made of; `strays` are claims that
    a check names but the ledger does not have, each with the nearest id that it has (or "").
    """

    ledger: Ledger
    checks: tuple[Check, ...]
    underived: tuple[Underived, ...]
    strays: tuple[tuple[str, str, str], ...]

    @property
    def silent(self) -> tuple[Item, ...]:
        """The claims that no check speaks for."""
        spoken_for = {claim for check in self.checks for claim in check.claims}
        return tuple(item for item in self.ledger.claims if item.id not in spoken_for)


def make_plan(config: Config, ledger: Ledger) -> Plan:
    """The checks that this configuration and this ledger ask for."""
    configured = {check.name for check in config.checks}
    checks = [_check(settings, config, Origin.CONFIGURED) for settings in config.checks]
    underived: tuple[Underived, ...] = ()
    if config.ledger.derive and config.ledger.base_url is not None:
        derived, underived = derive(ledger, config.ledger.base_url)
        checks += [
            _check(settings, config, Origin.DERIVED)
            for settings in derived
            if settings.name not in configured
        ]
    return Plan(ledger, tuple(checks), underived, tuple(_strays(config, ledger)))


def _check(settings: CheckSettings, config: Config, origin: Origin) -> Check:
    absolute = settings.settings.based_on(config.ledger.base_url)
    return Check(
        name=settings.name,
        kind=settings.kind,
        target=absolute.target,
        claims=settings.claims,
        settings=absolute,
        timing=effective(settings, config.defaults),
        labels=settings.labels,
        origin=origin,
    )


def _strays(config: Config, ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    known = {item.id for item in ledger.claims}
    for check in config.checks:
        for claim in check.claims:
            if claim not in known:
                yield check.name, claim, next(iter(get_close_matches(claim, known, 1)), "")
