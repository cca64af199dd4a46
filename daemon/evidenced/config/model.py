"""The whole configuration, section by section, with defaults and what each key means."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from evidenced.config.alertmanager import Alertmanager
from evidenced.config.base import Section
from evidenced.config.check import CheckSettings
from evidenced.config.claims import ClaimId, ClaimSettings
from evidenced.config.defaults import Defaults
from evidenced.config.expect import Text
from evidenced.config.files import FilePath
from evidenced.config.heartbeat import Heartbeat
from evidenced.config.http import BaseAddress
from evidenced.config.ledger import LedgerSettings
from evidenced.config.maintenance import MaintenanceWindow
from evidenced.config.probe import ProbeSettings
from evidenced.config.report import ReportSettings
from evidenced.config.rulefile import RuleFile, untemplated
from evidenced.config.shard import ShardSettings
from evidenced.config.store import StoreSettings
from evidenced.config.tokens import Tokens
from evidenced.config.tracker import TrackerSettings
from evidenced.config.types import Whole, listed
from evidenced.config.vantage import Vantage
from evidenced.config.web import WebSettings

_LISTEN = r"(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]*):[0-9]{1,5}"


def _listen(address: str) -> str:
    if re.fullmatch(_LISTEN, address) is None or int(address.rpartition(":")[2]) > 65535:
        raise ValueError("expected HOST:PORT with a port of at most 65535, such as 127.0.0.1:9321")
    return address


class Config(Section):
    """The configuration file."""

    location: Text | None = Field(
        default=None, description="Where this daemon runs, such as `fra1`: a label on everything."
    )
    listen: Annotated[
        str, AfterValidator(_listen), Field(json_schema_extra={"pattern": f"^{_LISTEN}$"})
    ] = Field(
        default="127.0.0.1:9321",
        description="The address of the HTTP interface, HOST:PORT; `[::1]:9321` for IPv6, "
        "`:9321` for all addresses, port 0 for any free port.",
    )
    external_url: Annotated[BaseAddress, AfterValidator(untemplated)] | None = Field(
        default=None,
        description="The address under which people reach the daemon, for the links in alerts; "
        "`listen` is only where it is.",
    )
    shard: ShardSettings | None = Field(
        default=None,
        description="This daemon's part of the checks, where several share them; without it, it "
        "looks at all.",
    )
    concurrency: Whole = Field(
        default=200, ge=1, le=100_000, description="The most runs under way at the same time."
    )
    ledger: LedgerSettings = Field(description="The ledger to hold against production.")
    defaults: Defaults = Field(
        default=Defaults(), description="What holds for checks that do not say otherwise."
    )
    checks: tuple[CheckSettings, ...] = Field(
        default=(), description="The checks, beside those derived from the ledger."
    )
    claims: dict[ClaimId, ClaimSettings] = Field(
        default={}, description="What holds for single claims of the ledger, by their ids."
    )
    include: Annotated[
        tuple[FilePath, ...], BeforeValidator(listed, json_schema_input_type=Path | list[Path])
    ] = Field(
        default=(),
        description="Files with more `checks` in them: folders, of which each `.yaml` and `.yml` "
        "is read, patterns such as `checks/*.yaml`, or single files.",
    )
    vantage: Vantage | None = Field(
        default=None,
        description="How the daemon knows that it can see; without it, it believes that it can.",
    )
    maintenance: tuple[MaintenanceWindow, ...] = Field(
        default=(), description="Windows in which work is done on purpose."
    )
    blackbox: FilePath | None = Field(
        default=None,
        description="A `blackbox.yml` of blackbox_exporter: the modules that `/probe` looks with.",
    )
    probe: ProbeSettings = Field(
        default=ProbeSettings(), description="What `/probe` may look at, and for how long."
    )
    rules: RuleFile = Field(
        default=RuleFile(), description="What `evidenced rules` writes for Prometheus."
    )
    web: WebSettings = Field(
        default=WebSettings(),
        description="How the HTTP interface is reached, and by whom: TLS, users, tokens.",
    )
    tokens: Tokens = Field(default=Tokens(), description="Who may change the daemon.")
    heartbeat: Heartbeat | None = Field(
        default=None, description="Who outside is told, again and again, that the daemon lives."
    )
    alertmanager: Alertmanager | None = Field(
        default=None,
        description="Where the daemon itself sends alerts; for hosts that no Prometheus watches.",
    )
    tracker: TrackerSettings | None = Field(
        default=None, description="The issue tracker in which each outage is one issue."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="The store of evidence.")
    report: ReportSettings | None = Field(
        default=None, description="The report of the facts, a file beside the ledger."
    )

    @model_validator(mode="after")
    def _report_is_a_file_of_its_own(self) -> Self:
        ledgers = {self.ledger.path, self.ledger.next_path}
        for path in self.report.paths.values() if self.report else ():
            if path in ledgers:
                raise ValueError(f"found {path} as the ledger and as the report")
        return self

    def keeping(self, before: "Config") -> "Config":
        """The same, with each check that another one has as well as the very object it is there."""
        known = {check.name: check for check in before.checks}
        checks = (
            old if (old := known.get(check.name)) is not None and check.says(old) else check
            for check in self.checks
        )
        return self.model_copy(update={"checks": tuple(checks)})

    @model_validator(mode="after")
    def _quorum_is_counted(self) -> Self:
        if self.alertmanager is not None and self.rules.quorum > 1:
            raise ValueError(
                f"found alertmanager and a rules.quorum of {self.rules.quorum}, but a daemon that "
                "sends alerts itself knows of its own location alone"
            )
        return self
