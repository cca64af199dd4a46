"""What both sides are given to do, by name: `10000/30s tls kept`."""

import re
from dataclasses import dataclass, replace
from typing import Self

_NAME = re.compile(r"(\d+)/(\d+)s (plain|tls) (new|kept)")


@dataclass(frozen=True, slots=True)
class Work:
    """So many targets, each looked at every so many seconds, with a look into the body."""

    targets: int
    interval: int
    tls: bool = False
    kept: bool = False
    """Whether connections may be kept between probes."""

    @classmethod
    def named(cls, name: str) -> Self:
        """The work of this name; ValueError says how names are built."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"found {name!r}, expected a name such as '1000/10s plain new'")
        targets, interval, cover, connections = found.groups()
        return cls(int(targets), int(interval), cover == "tls", connections == "kept")

    @property
    def name(self) -> str:
        """Number, interval, transport and connections."""
        cover = "tls" if self.tls else "plain"
        return f"{self.targets}/{self.interval}s {cover} {'kept' if self.kept else 'new'}"

    @property
    def rate(self) -> float:
        """Probes a second."""
        return self.targets / self.interval

    @property
    def of_peer(self) -> "Work":
        """The nearest that blackbox_exporter can do: it makes a new connection for every probe."""
        return replace(self, kept=False)


ALL = tuple(
    Work(targets, interval, tls, kept)
    for targets, interval in ((1_000, 10), (5_000, 30), (10_000, 30))
    for tls in (False, True)
    for kept in (False, True)
)
