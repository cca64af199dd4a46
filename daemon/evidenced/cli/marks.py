"""The marks that say how something ended."""

from collections.abc import Mapping
from types import MappingProxyType

from rich.text import Text

from evidenced.probes.attempt import Outcome

MARKS: Mapping[Outcome, Text] = MappingProxyType(
    {
        Outcome.SUCCESS: Text("✔", "green"),
        Outcome.FAILURE: Text("✘", "bold red"),
        Outcome.UNKNOWN: Text("?", "yellow"),
    }
)
