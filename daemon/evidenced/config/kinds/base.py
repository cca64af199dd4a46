"""What the settings of every kind of check have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from evidenced.config.base import Section


class KindSettings(Section, ABC):
    """What all kinds have: a target to name, and maybe an address relative to a base."""

    single: ClassVar[bool] = True

    target_key: ClassVar[str | None] = None
    """The key that each of several `targets` fills in; None where there can be only one."""

    target_example: ClassVar[str] = ""
    """A target of this kind, to see with that all else of the settings is sound."""

    retried: ClassVar[bool] = True
    """Whether a failed attempt may be made again: not where it would only see the same again."""

    @property
    @abstractmethod
    def target(self) -> str:
        """The target as it stands in the label `target`, without secrets."""

    @classmethod
    def discovered(cls, address: str, labels: Mapping[str, str]) -> str:
        """The target as `target_key` wants it, of one in a list in Prometheus' own format.

        `labels` are all that the list gives it, also those that begin with `__`.
        """
        return address

    @property
    def address_key(self) -> str:
        """The key under which an address stands that may be relative."""
        return "url"

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an address relative to base_url made absolute.

        Raises ValueError where the address is relative and there is no base.
        """
        return self

    def named(self, name: str) -> Self:
        """The same settings, for a kind that has to know the name of its check."""
        return self
