"""Equal sections made one: ten thousand checks mostly have the same settings."""

from collections.abc import Hashable
from typing import TypeVar

from evidenced.config.base import Section

S = TypeVar("S", bound=Section)


class Interner:
    """Gives for each section the first that was equal to it, in the strict way of `Section`.

    A section takes some kilobytes with all that is in it, and most of the dozen in a check say
    nothing but the defaults. Sections never change, so that nobody can tell.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Section] = {}

    def of(self, section: S) -> S:
        """The first section that is equal to this one, or this one, with those in it replaced."""
        self.within(section)
        if section.single:
            return section
        said: Hashable = type(section)
        if section.model_fields_set:
            said = (said, frozenset(section.model_fields_set), _strict(section.__dict__))
        try:
            first = self._known.setdefault(said, section)
        except TypeError:  # something in it has no hash
            return section
        return first if type(first) is type(section) else section

    def within(self, section: Section) -> None:
        """Replace the sections that are in this one."""
        for name, value in section.__dict__.items():
            if isinstance(value, Section):
                section.__dict__[name] = self.of(value)


def _strict(value: object) -> Hashable:
    """What is equal only to a value of the same type, as `1` and `1.0` are not here."""
    if isinstance(value, tuple):
        return (tuple, *map(_strict, value))
    if isinstance(value, Section):
        # What is in a section was replaced before, so that equal ones are one object.
        return id(value)
    if isinstance(value, dict):
        return (dict, *((key, _strict(one)) for key, one in value.items()))
    return (type(value), value)
