"""Places in the texts of a step that an earlier step's answer fills: `{{token}}`."""

import re
from collections.abc import Callable, Iterator, Mapping

NAME = "[A-Za-z_][A-Za-z0-9_]*"
_PLACE = re.compile(r"\{\{(" + NAME + r")\}\}")


def placeholders(text: str) -> Iterator[str]:
    """The names in a text, each as often as it stands there.

    Braces around anything but a name are no placeholder and stay what they are.
    """
    return (found[1] for found in _PLACE.finditer(text))


def filled(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """The text with the value of each name in its place, escaped for where it stands.

    A value is put in once: what looks like a placeholder inside of it is none.
    """
    return _PLACE.sub(lambda found: escape(values[found[1]]), text)


def whole(text: str) -> str | None:
    """The name where the text is one placeholder and nothing else."""
    found = _PLACE.fullmatch(text)
    return found[1] if found else None
