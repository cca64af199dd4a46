"""As much of PromQL as dashboard-linter's rules need: the selectors, and what is around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STRING = r'"(?:[^"\\]|\\.)*"'
SELECTOR = re.compile(
    rf"(?P<before>[a-z_]+\()?(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)?"
    rf'\{{(?P<matchers>(?:[^{{}}"]|{STRING})*)\}}(?P<range>\[[^\]]*\])?'
)
MATCHER = re.compile(rf"([a-zA-Z_][a-zA-Z0-9_]*)(=~|!~|!=|=)({STRING})")
LABELS = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^()]*\)")
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector: the metric, the matchers, the range, and the function that it stands in."""

    name: str
    matchers: frozenset[str]
    range: str
    function: str


def selectors(expression: str) -> Iterator[Selector]:
    for found in SELECTOR.finditer(expression):
        matchers = MATCHER.findall(found["matchers"])
        yield Selector(
            found["name"] or "",
            frozenset("".join(matcher) for matcher in matchers),
            found["range"] or "",
            (found["before"] or "").rstrip("("),
        )


def bare_words(expression: str) -> set[str]:
    """The names outside of selectors and lists of labels: functions, operators, bare metrics."""
    rest = LABELS.sub(" ", SELECTOR.sub(lambda found: found["before"] or " ", expression))
    return set(WORD.findall(rest))
