"""The names of the labels that an operator may put on what is exported."""

from typing import Annotated

from pydantic import AfterValidator

from evidenced.config.shape import Shape

RESERVED_LABELS = ("check", "kind", "target", "location")
"""Labels that the daemon itself puts on what it exports of a check."""


def _label_name(name: str) -> str:
    if name in RESERVED_LABELS or name.startswith("__"):
        raise ValueError(
            f"expected a label that is not in use: {', '.join(RESERVED_LABELS)} and those that "
            "begin with __ are"
        )
    return name


LabelName = Annotated[
    str,
    Shape(r"[a-zA-Z_][a-zA-Z0-9_]*", "a label name: letters, digits and _"),
    AfterValidator(_label_name),
]
