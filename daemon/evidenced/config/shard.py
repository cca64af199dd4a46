"""Which part of the work one daemon takes, where several share it."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.shape import Shape
from evidenced.config.types import Whole

MOST = 1000
"""The most shards: each hears of every other one."""

_NUMBERED = re.compile(r"(?:.*[^0-9])?([0-9]{1,6})", re.DOTALL)


def _ordinal(value: object) -> object:
    """The number that a text ends in: of `evidenced-3`, a pod of a StatefulSet, it is 3."""
    if not isinstance(value, str):
        return value
    found = _NUMBERED.fullmatch(value)
    if found is None:
        raise ValueError("expected a number, or a text that ends in one, such as evidenced-3")
    return int(found[1])


Ordinal = Annotated[
    Whole,
    Field(ge=0, le=MOST - 1),
    BeforeValidator(
        _ordinal,
        json_schema_input_type=Annotated[int, Field(ge=0, le=MOST - 1)]
        | Annotated[str, Field(pattern="[0-9}]$", examples=["${SHARD:-0}", "${HOSTNAME}"])],
    ),
]
"""A number, or a text that ends in one."""

Reached = Annotated[
    str,
    Shape(r"(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}", "HOST:PORT, such as 10.0.0.3:9321"),
]
"""Where something listens, for others."""


class ShardSettings(Section):
    """This daemon's part of the checks, where several daemons share one configuration."""

    index: Ordinal = Field(
        description="Which of the shards this is, from 0 on: a number, or a text that ends in one, "
        "such as `${SHARD:-0}` with systemd's instances, `${HOSTNAME}` in a StatefulSet."
    )
    count: Whole = Field(
        ge=1,
        le=MOST,
        description="How many shards there are. One whose `index` is not below it is being added "
        "or taken away: until the count says otherwise, it looks at what it would have if it were "
        "the last.",
    )
    address: Reached | None = Field(
        default=None,
        description="HOST:PORT under which Prometheus reaches this shard, such as "
        "`${POD_IP}:9321`; the address listened on where it is not set, with the host's name for "
        "all addresses.",
    )

    @property
    def shares(self) -> int:
        """By how many the work is divided, as this one sees it."""
        return max(self.count, self.index + 1)
