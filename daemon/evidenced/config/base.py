"""What every section of the configuration has in common."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):  # noqa: PLW1641  pydantic gives a frozen model its hash
    """A mapping of the configuration: its keys are fixed, its values do not change.

    Two sections are equal when the same keys were written with the same values. This is stricter
    than Python's own equality in two ways that matter when a reload asks what changed: `1`, `1.0`
    and `true` differ, and a key left out differs from one that repeats the default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    single: ClassVar[bool] = False
    """Whether it says of what it is said, as a check does, so that hardly two are equal."""

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Section):
            return NotImplemented
        return self.model_fields_set == other.model_fields_set and _same(
            self.__dict__, other.__dict__
        )


def _same(left: object, right: object) -> bool:
    """Equality that tells numbers and truth values of different types apart."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right
