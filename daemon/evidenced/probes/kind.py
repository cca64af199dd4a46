"""The signature that every probe has, and the resources that probes share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from evidenced.config.kinds.base import KindSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.resources import Resources

S = TypeVar("S", bound=KindSettings)

Probe = Callable[[S, float, Resources], Awaitable[Attempt]]
"""Take one look: `(settings, timeout, resources) -> Attempt`.

The timeout in seconds covers everything from name resolution to the last byte; a probe returns
within it. What goes wrong with the target is an attempt with a failure, never an exception.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check."""

    name: str
    probe: Probe[Any]
