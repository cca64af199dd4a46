"""What the settings of every kind of check have in common."""

from abc import ABC, abstractmethod
from typing import Self

from evidenced.config.base import Section


class KindSettings(Section, ABC):
    """What all kinds have: a target to name, and maybe an address relative to a base."""

    @property
    @abstractmethod
    def target(self) -> str:
        """The target as it stands in the label `target`, without secrets."""

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an address relative to base_url made absolute.

        Raises ValueError where the address is relative and there is no base.
        """
        return self
