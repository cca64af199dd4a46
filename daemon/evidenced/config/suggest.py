"""What somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(found: str, allowed: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest of those allowed, or else all of them in a list."""
    choices = sorted(allowed)
    nearest = get_close_matches(found, choices, n=1)
    if nearest:
        return f"did you mean {nearest[0]!r}?"
    return f"expected one of {', '.join(choices)}" if len(choices) > 1 else f"expected {choices[0]}"
