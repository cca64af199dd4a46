"""How values look: the standings and other states, their words and their colours."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GREEN, RED, ORANGE, YELLOW, PURPLE, GREY = "green", "red", "orange", "yellow", "purple", "#8e8e8e"
PLAIN = "text"
"""The colour of text, for values that are neither good nor bad."""

STANDINGS: Mapping[str, str] = {
    "verified": GREEN,
    "contradicted": RED,
    "stale": ORANGE,
    "unverified": GREY,
    "unknown": PURPLE,
}
"""The standings and the colour of each."""

WEIGHTS: Mapping[str, int] = {
    "verified": 1,
    "unverified": 2,
    "unknown": 3,
    "stale": 4,
    "contradicted": 5,
}
"""The standings as numbers, the worst the highest: the maximum of several daemons is the worst."""


def words(results: Mapping[str, tuple[str, str]]) -> list[ValueMapping]:
    """A mapping from each value to its word and its colour."""
    options = {
        value: ValueMappingResult(text=text, color=colour, index=index)
        for index, (value, (text, colour)) in enumerate(results.items())
    }
    return [ValueMap(options=options)]


def standing_words() -> list[ValueMapping]:
    """The standings where they are labels."""
    return words({name: (name, colour) for name, colour in STANDINGS.items()})


def standing_numbers() -> list[ValueMapping]:
    """The standings where they are numbers, as in WEIGHTS."""
    return words({str(weight): (name, STANDINGS[name]) for name, weight in WEIGHTS.items()})


def yes_no(one: str, zero: str, one_is: str = GREEN, zero_is: str = RED) -> list[ValueMapping]:
    """The words for 1 and for 0."""
    return words({"1": (one, one_is), "0": (zero, zero_is)})


def steps(first: str, *then: tuple[float, str]) -> ThresholdsConfig:
    """The colour of the lowest values, and from which value on which other one."""
    marks = [Threshold(None, first), *(Threshold(value, colour) for value, colour in then)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(marks)


def step_property(first: str, *then: tuple[float, str]) -> DynamicConfigValue:
    """The same steps for one column of a table."""
    return DynamicConfigValue("thresholds", steps(first, *then).build())


def coloured_background() -> DynamicConfigValue:
    """A cell that is filled with the colour of its value."""
    return DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"})


def fixed(colour: str) -> list[DynamicConfigValue]:
    """One colour for a series, whatever its value."""
    return [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})]


def by_name(colours: Mapping[str, str]) -> Sequence[tuple[str, list[DynamicConfigValue]]]:
    """The series of these names, each in its colour."""
    return [(name, fixed(colour)) for name, colour in colours.items()]
