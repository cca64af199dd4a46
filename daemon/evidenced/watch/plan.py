"""Which checks there are: those configured, and those derived from the ledger's sentences."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum

from evidenced.config.check import CheckSettings
from evidenced.config.kinds.base import KindSettings
from evidenced.config.maintenance import MaintenanceWindow
from evidenced.config.model import Config
from evidenced.config.timing import Timing, Timings
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
    location: str | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All checks, and what they leave open.

    `underived` are phrases of the ledger that no check could be made of; `strays` are claims that
    a check names but the ledger does not have, each with the nearest id that it has (or "").
    `doubled` are names of targets that several lists have, and not with the same labels.
    `unmet` are names of checks (or claims, for maintenance and for what is set for claims) that are
    not there: who names one, the name, and the nearest there is. `sentinels` are the checks of the
    daemon's own view, of which `sentinels_needed` must hold.
    """

    ledger: Ledger
    checks: tuple[Check, ...]
    underived: tuple[Underived, ...]
    strays: tuple[tuple[str, str, str], ...]
    doubled: tuple[str, ...] = ()
    unmet: tuple[tuple[str, str, str], ...] = ()
    sentinels: tuple[str, ...] = ()
    sentinels_needed: int = 0
    windows: tuple[MaintenanceWindow, ...] = ()
    speakers: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    """For each claim the names of the checks that speak for it."""
    children: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    """For each check the names of those that depend on it."""

    def __post_init__(self) -> None:
        """Turn round who names whom: done here, it need not be where the plan is taken over."""
        object.__setattr__(self, "speakers", _named_by(self.checks, lambda check: check.claims))
        object.__setattr__(self, "children", _named_by(self.checks, lambda check: check.depends_on))

    def keeping(self, before: "Plan") -> "Plan":
        """The same plan, with each check that was in another one as the same object.

        Comparing thousands of checks takes long, and is then done wherever this is called.
        """
        known = {check.name: check for check in before.checks}
        checks = (
            old if (old := known.get(check.name)) is not None and old == check else check
            for check in self.checks
        )
        return replace(self, checks=tuple(checks))

    @property
    def silent(self) -> tuple[Item, ...]:
        """The claims that no check speaks for."""
        return tuple(item for item in self.ledger.claims if item.id not in self.speakers)


def make_plan(config: Config, ledger: Ledger, discovered: Iterable[CheckSettings] = ()) -> Plan:
    """The checks that this configuration and this ledger ask for, and those of targets found.

    Where two have one name the first holds: what is configured, then what was discovered.
    """
    configured: dict[str, CheckSettings] = {}
    doubled: dict[str, None] = {}
    for settings in (*config.checks, *discovered):
        first = configured.setdefault(settings.name, settings)
        if first is not settings and first != settings:
            doubled[settings.name] = None
    timings, base = Timings(config.defaults), config.ledger.base_url
    checks = [
        _check(settings, base, timings, Origin.CONFIGURED) for settings in configured.values()
    ]
    underived: tuple[Underived, ...] = ()
    if config.ledger.derive and config.ledger.base_url is not None:
        derived, underived = derive(ledger, config.ledger.base_url)
        checks += [
            _check(settings, base, timings, Origin.DERIVED)
            for settings in derived
            if settings.name not in configured
        ]
    strays = tuple(_strays(configured.values(), ledger))
    unmet = tuple(_unmet(config, checks, ledger))
    return Plan(
        ledger,
        tuple(checks),
        underived,
        strays,
        tuple(doubled),
        unmet=unmet,
        sentinels=config.vantage.checks if config.vantage else (),
        sentinels_needed=config.vantage.needed if config.vantage else 0,
        windows=config.maintenance,
    )


def _named_by(
    checks: Iterable[Check], named: Callable[[Check], tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for check in checks:
        for name in named(check):
            found.setdefault(name, []).append(check.name)
    return {name: tuple(names) for name, names in found.items()}


def _check(settings: CheckSettings, base: str | None, timings: Timings, origin: Origin) -> Check:
    absolute = settings.settings.based_on(base).named(settings.name)
    return Check(
        name=settings.name,
        kind=settings.kind,
        target=absolute.target,
        claims=settings.claims,
        settings=absolute,
        timing=timings.of(settings),
        labels=settings.labels,
        origin=origin,
        depends_on=settings.depends_on,
        location=settings.location,
    )


def _strays(checks: Iterable[CheckSettings], ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    known = {item.id for item in ledger.claims}
    # Once for all targets of a check: there may be thousands.
    named = dict.fromkeys((check.written_as, claim) for check in checks for claim in check.claims)
    nearest: dict[str, str] = {}
    for name, claim in named:
        if claim not in known:
            if claim not in nearest:
                nearest[claim] = next(iter(get_close_matches(claim, known, 1)), "")
            yield name, claim, nearest[claim]


def _unmet(
    config: Config, checks: Iterable[Check], ledger: Ledger
) -> Iterator[tuple[str, str, str]]:
    names = {check.name for check in checks}
    claims = {item.id for item in ledger.claims}
    either = names | claims
    named = [(f"check {c.name}", parent, names) for c in checks for parent in c.depends_on]
    if config.vantage:
        named += [("vantage", name, names) for name in config.vantage.checks]
    for window in config.maintenance:
        named += [("maintenance", name, either) for name in (*window.claims, *window.checks)]
    named += [("claims", name, claims) for name in config.claims]
    for who, name, known in named:
        if name not in known:
            yield who, name, next(iter(get_close_matches(name, known, 1)), "")
