"""A scenario: what the site and the monitor go through, and whom it must wake."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evidenced.config.types import Duration, PositiveDuration
from replay.site import Answer, Name

HERE = Path(__file__).parent
SCENARIOS = HERE / "scenarios"
SHOP = HERE / "shop"


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


Answers = dict[str, Annotated[list[Answer], BeforeValidator(_listed)]]


class Model(BaseModel):
    """Strict: a key that nobody reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PushEvent(Model):
    """A push by HTTP: to which check, and the JSON that is sent."""

    check: str
    says: dict[str, Any] = {}


class MaintenanceEvent(Model):
    """Maintenance that is begun by HTTP."""

    subject: str
    lasts: PositiveDuration


class Event(Model):
    """What happens at a time of the scenario: any of these."""

    at: Duration
    site: Answers = {}
    everywhere: Answer | None = Field(default=None, description="What all paths answer.")
    mended: bool = Field(default=False, description="The whole site is again as it was.")
    names: dict[str, Name] = {}
    certificate: PositiveDuration | None = Field(
        default=None, description="The site gets a certificate that lasts so long."
    )
    expired: PositiveDuration | None = Field(
        default=None, description="The site's certificate is one that expired so long ago."
    )
    ledger: str | None = Field(default=None, description="The ledger's new text.")
    replaced: tuple[str, str] | None = Field(
        default=None, description="A text in the ledger, and the text in its place."
    )
    refused: bool = Field(default=False, description="The new ledger cannot be read.")
    stopped: PositiveDuration | None = Field(
        default=None, description="The daemon stops, and starts again after this time."
    )
    set_forth: PositiveDuration | None = None
    set_back: PositiveDuration | None = None
    push: PushEvent | None = None
    maintenance: MaintenanceEvent | None = None


class Expected(Model):
    """An alert that must fire once, without a break.

    `since` is when the world broke: it must not fire before, and at the latest `within` after.
    Where `within` is not given it follows from the checks of the claim: `confirm.failures`
    intervals, and one evaluation. With `until` (the world is mended) it must fire until then and
    be resolved soon after; without, to the end.
    """

    alert: str
    about: str = ""
    since: Duration
    within: PositiveDuration | None = None
    until: Duration | None = None
    resolved_within: PositiveDuration | None = None
    starts: int = Field(default=1, description="How often it may begin, where it comes and goes.")


class Scenario(Model):
    """One scenario, as its file has it."""

    title: str
    why: str
    lasts: PositiveDuration
    scrape: PositiveDuration = Field(
        default=15.0, description="Seconds between two scrapes, each followed by an evaluation."
    )
    tls: bool = False
    config: dict[str, Any] = {}
    ledger: str | None = None
    events: list[Event] = []
    pages: list[Expected] = Field(default=[], description="What must wake someone, and all.")
    tickets: list[Expected] = Field(default=[], description="What else must fire.")
    never: list[str] = Field(default=[], description="Alerts that must not fire, of any severity.")

    def settings(self) -> dict[str, Any]:
        """The configuration: the shop's, with this scenario's keys over it.

        Of checks it names those that differ or are new.
        """
        shop: dict[str, Any] = yaml.safe_load((SHOP / "evidenced.yaml").read_text("utf-8"))
        ours = dict(self.config)
        checks = {check["name"]: check for check in (*shop["checks"], *ours.pop("checks", ()))}
        defaults = shop["defaults"] | ours.pop("defaults", {})
        return {**shop, **ours, "checks": list(checks.values()), "defaults": defaults}

    def ledger_text(self) -> str:
        """The ledger that the scenario begins with."""
        return self.ledger or (SHOP / "STATE.md").read_text("utf-8")


def load(path: Path) -> Scenario:
    """Read a scenario; raises ValidationError where it is none."""
    return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))


def shop_answers() -> dict[str, list[Answer]]:
    """What the shop answers while all is well."""
    found = yaml.safe_load((SHOP / "site.yaml").read_text("utf-8"))
    return {path: [Answer.model_validate(answer)] for path, answer in found.items()}
