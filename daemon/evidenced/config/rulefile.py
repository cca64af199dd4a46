"""The settings of the rule file: which series it looks at, when it warns, and what it links to."""

from typing import Annotated, Self, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.shape import Shape
from evidenced.config.types import Duration, Number, PositiveDuration, Whole

_MATCHER = r'[a-zA-Z_][a-zA-Z0-9_]*(?:=~|!~|!=|=)"[^"\\\n`]*"'
SELECTOR_PATTERN = rf"{_MATCHER}(?:, ?{_MATCHER})*"
"""Label matchers of PromQL, without the braces; no backslash, and no backtick: they stand in
templates, too."""

Selector = Annotated[str, Shape(SELECTOR_PATTERN, 'label matchers such as job="evidenced"')]

LINK_PATTERN = r"(?!.*\{\{)https?://[^\s/?#]+(?:[/?#][^\s]*)?"

T = TypeVar("T")


def untemplated(address: T) -> T:
    """The address; raises ValueError where a template would expand a part of it."""
    if isinstance(address, str) and "{{" in address:
        raise ValueError("expected an address without {{, which begins an action of a template")
    return address


Link = Annotated[
    str,
    BeforeValidator(untemplated),
    Shape(LINK_PATTERN, "an address such as https://wiki.example/runbooks/"),
]
"""An absolute http or https address, maybe with a query and a fragment.

Links stand in annotations, which Prometheus expands as templates.
"""


class CertificateRules(Section):
    """How long before a certificate expires somebody is told."""

    warning: PositiveDuration = Field(
        default=21 * 86_400.0, description="When it is a warning: a ticket."
    )
    critical: PositiveDuration = Field(
        default=3 * 86_400.0, description="When it is critical: a page."
    )

    @model_validator(mode="after")
    def _warning_first(self) -> Self:
        if self.critical > self.warning:
            raise ValueError("found critical longer than warning, expected at most warning")
        return self


class RuleFile(Section):
    """What `evidenced rules` writes: the series, the thresholds and the links of the alerts."""

    selector: Selector = Field(
        default='job="evidenced"',
        description="Label matchers for the series of all daemons, as in PromQL without braces.",
    )
    quorum: Whole = Field(
        default=1,
        ge=1,
        le=1000,
        description="How many locations must contradict a claim before somebody is woken. Daemons "
        "at one `location` count once, as do all that have none.",
    )
    runbook_url: Link | None = Field(
        default=None,
        description="Where the runbooks are. An address that ends in `/`, `=` or `#` is completed "
        "by the alert's name, another one by the anchor of a heading of that name.",
    )
    dashboard_url: Link | None = Field(
        default=None, description="The dashboard that every alert links to."
    )
    certificate: CertificateRules = Field(
        default=CertificateRules(), description="When certificates that expire are told of."
    )
    slow_share: Number = Field(
        default=0.8,
        gt=0,
        le=1,
        description="The share of its timeout that a good answer may take on average.",
    )
    slow: PositiveDuration = Field(
        default=900.0, description="The time over which that average is taken."
    )
    late: PositiveDuration = Field(
        default=5.0, description="How late one run in twenty may begin before it is told of."
    )
    held_up: PositiveDuration = Field(
        default=600.0, description="How long runs may begin late or be skipped."
    )
    store: PositiveDuration = Field(
        default=300.0, description="How long writes to the store may fail."
    )
    disagree: PositiveDuration = Field(
        default=1800.0, description="How long locations may disagree about a claim."
    )
    failing: PositiveDuration = Field(
        default=300.0,
        description="How long a check that speaks for no claim may be contradicted.",
    )
    keep: Duration = Field(
        default=120.0,
        description="How long the page on a contradicted claim goes on when nothing contradicts it "
        "any more, so that what comes back by then is no second page; 0s for not at all.",
    )
    ledger: PositiveDuration = Field(
        default=900.0,
        description="How long the ledger may break a rule, or have claims without a check.",
    )
    bad_file: PositiveDuration = Field(
        default=120.0,
        description="How long the configuration or the ledger may be unreadable: an editor at "
        "work.",
    )
    down: PositiveDuration = Field(
        default=120.0,
        description="How long the daemon or its view may be gone: a restart, or missed scrapes.",
    )
    bridge: PositiveDuration = Field(
        default=300.0,
        description="How long the last sample counts where scrapes are missed, so that a restart "
        "resolves nothing; longer than `down`.",
    )

    @model_validator(mode="after")
    def _bridge_is_long(self) -> Self:
        if self.bridge <= self.down:
            raise ValueError("expected bridge to be longer than down")
        return self
