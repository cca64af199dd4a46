"""Which matters have lasted long enough to fire, and which fire on for a while when they are over.

That is `for` and `keep_firing_for` of the rules, without a Prometheus.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from evidenced.publish.alerts_model import Firing, Labels, Matter
from evidenced.publish.rules_model import Alert


@dataclass(frozen=True, slots=True)
class Now:
    """This moment: in seconds since the epoch, and by a clock that nobody sets (monotonic)."""

    wall: float
    ticks: float


@dataclass(frozen=True, slots=True)
class Lasting:
    """A matter that lasts, as it is now, or is kept firing, as it was last.

    `seen` is since when it was seen without a break (monotonic), `starts` since when it is so, be
    it before it was first seen (seconds since the epoch). `over` is since when it is over and only
    kept (monotonic).
    """

    matter: Matter
    rule: Alert
    seen: float
    starts: float
    over: float | None = None

    @property
    def hold(self) -> float:
        """For how many seconds it must last to fire."""
        return self.rule.hold + self.matter.patience

    @property
    def firing(self) -> Firing:
        """The alert that it is once it fires."""
        annotations = {
            "summary": self.rule.summary,
            "description": self.matter.description,
            **self.rule.links,
        }
        return Firing(labels_of(self.matter, self.rule), annotations, self.starts)


def labels_of(matter: Matter, rule: Alert) -> Labels:
    """All labels of the alert; a label without a value is no label, as Prometheus has it."""
    labels = {
        **matter.labels,
        **rule.labels,
        "alertname": rule.name,
        "severity": rule.severity.value,
    }
    return frozenset((name, value) for name, value in labels.items() if value)


def lasting(
    before: Mapping[Labels, Lasting],
    matters: Iterable[tuple[Matter, Alert]],
    now: Now,
) -> dict[Labels, Lasting]:
    """What lasts now or is kept firing, by its labels, given what lasted before.

    As with Prometheus, what was no longer the matter begins anew when it comes back, unless it was
    still kept.
    """
    found: dict[Labels, Lasting] = {}
    for matter, rule in matters:
        labels = labels_of(matter, rule)
        known = before.get(labels)
        if known is None:
            starts = now.wall if matter.since is None else min(matter.since, now.wall)
            found[labels] = Lasting(matter, rule, now.ticks, starts)
        else:
            found[labels] = replace(known, matter=matter, rule=rule, over=None)
    gone = ((labels, one) for labels, one in before.items() if labels not in found)
    return found | {labels: kept for labels, one in gone if (kept := _kept(one, now))}


def _kept(one: Lasting, now: Now) -> Lasting | None:
    """What fired and is over, for as long as its rule keeps it."""
    over = now.ticks if one.over is None else one.over
    if over - one.seen < one.hold or now.ticks - over >= one.rule.keep:
        return None
    return replace(one, over=over)


def resumed(
    found: Mapping[Labels, Lasting], alive: float | None, now: Now, expire: float
) -> dict[Labels, Lasting]:
    """What was found at once after a restart, with the time counted that it lasted before.

    `alive` is when the daemon was last known to live, in seconds since the epoch (None: never).
    What fired then, and what Alertmanager still holds (for `expire` seconds), fires on without a
    break; so does what is in files, which were the same before, as a rule. All else begins anew,
    since nobody knows what was in between.
    """
    if alive is None or not 0 <= now.wall - alive < expire:
        return dict(found)
    return {
        labels: replace(one, seen=now.ticks - one.hold) if _fired(one, alive) else one
        for labels, one in found.items()
    }


def _fired(one: Lasting, alive: float) -> bool:
    """Whether it fired when the daemon was last alive."""
    if one.matter.since is None:
        return one.matter.of_files
    return alive - one.starts >= one.hold


def firing(known: Mapping[Labels, Lasting], now: Now) -> dict[Labels, Firing]:
    """The alerts that fire now, by their labels."""
    return {labels: one.firing for labels, one in known.items() if now.ticks - one.seen >= one.hold}
