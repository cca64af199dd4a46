"""What is worked out of settings once, and kept for as long as these are in use."""

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Remembered(Generic[S, T]):
    """The results of a function of settings, by which settings they are and not by what they say.

    The settings of a check never change, and live until a reload leaves them out.
    """

    def __init__(self, make: Callable[[S], T]) -> None:
        self._make = make
        self._made: dict[int, T] = {}

    def of(self, settings: S) -> T:
        """The result for these settings; raises what the function raises."""
        key = id(settings)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(settings)
            # Before another object can have the same identity.
            weakref.finalize(settings, self._made.pop, key, None).atexit = False
        return made
