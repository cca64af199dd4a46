"""The settings of kind `systemd`."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.expect import Texts
from evidenced.config.kinds.base import KindSettings
from evidenced.config.suggest import suggestion
from evidenced.config.types import PositiveDuration, Whole, listed

# systemd's own words: unit_active_state_table and unit_file_state_table of its source.
ACTIVE = (
    "active",
    "reloading",
    "inactive",
    "failed",
    "activating",
    "deactivating",
    "maintenance",
    "refreshing",
)
ENABLED = (
    "enabled",
    "enabled-runtime",
    "linked",
    "linked-runtime",
    "alias",
    "masked",
    "masked-runtime",
    "static",
    "disabled",
    "indirect",
    "generated",
    "transient",
    "bad",
)
TYPES = (
    "service",
    "socket",
    "target",
    "device",
    "mount",
    "automount",
    "swap",
    "timer",
    "path",
    "slice",
    "scope",
)
LONGEST = 255
"""The most characters of a unit's name (UNIT_NAME_MAX)."""
MOST_RESTARTS = 999

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@")


def _unit(name: str) -> str:
    if name.rpartition(".")[2] not in TYPES:
        name = f"{name}.service"
    stem = name.rpartition(".")[0]
    if not stem or len(name) > LONGEST or not _LETTERS.issuperset(name) or stem.endswith("@"):
        raise ValueError("expected the name of a unit, such as nginx.service or backup@daily.timer")
    return name


def _active(word: str) -> str:
    if word not in ACTIVE:
        raise ValueError(f"expected a state of a unit; {suggestion(word, ACTIVE)}")
    return word


def _enabled(word: str) -> str:
    if word not in ENABLED:
        raise ValueError(f"expected a state of a unit's file; {suggestion(word, ENABLED)}")
    return word


_Active = Annotated[str, AfterValidator(_active)]
_Enabled = Annotated[str, AfterValidator(_enabled)]


class RestartsExpect(Section):
    """How often systemd may restart a service by itself."""

    max: Whole = Field(ge=0, le=MOST_RESTARTS, description="The most restarts.")
    within: PositiveDuration = Field(
        description="The time in which they are counted, back from now. The daemon counts what it "
        "sees; of those before it started it knows the last one only."
    )


class SystemdExpect(Section):
    """Assertions on a unit, in systemd's own words as `systemctl show` has them."""

    active: Annotated[
        tuple[_Active, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])
    ] = Field(default=("active",), description="The active state, or a list of those allowed.")
    sub: Texts = Field(
        default=(),
        description="The sub-state, or a list of those allowed, such as `running` or `listening`. "
        "Not set: any but `exited` of a service and `elapsed` of a timer, for then nothing runs "
        "any more: a oneshot that remains after it has exited needs `sub: exited`.",
    )
    enabled: Annotated[
        tuple[_Enabled, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])
    ] = Field(
        default=(),
        description="The state of its file, or a list of those allowed: `enabled` is what starts "
        "with the machine.",
    )
    result: Texts = Field(
        default=(),
        description="How it last ended, or a list of what is allowed: `success`, `exit-code`, "
        "`timeout`, `oom-kill` and others.",
    )
    restarts: RestartsExpect | None = Field(
        default=None, description="How often systemd may restart it by itself; of a service."
    )


class SystemdSettings(KindSettings):
    """One unit of this host's systemd, asked for over the system's D-Bus."""

    target_key: ClassVar[str | None] = "unit"
    target_example: ClassVar[str] = "shop.service"

    unit: Annotated[str, AfterValidator(_unit)] = Field(
        description="The name of the unit; `.service` where no type is given."
    )
    expect: SystemdExpect = Field(
        default=SystemdExpect(),
        description="What the unit must be; active, and running if it is a service, by default.",
    )

    @property
    def target(self) -> str:
        """The name of the unit."""
        return self.unit
