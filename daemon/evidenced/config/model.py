"""The whole configuration, section by section, with defaults and what each key means."""

import re
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evidenced.config.base import Section
from evidenced.config.defaults import Confirm, Defaults, Retry
from evidenced.config.discovery import Discovery, Targets
from evidenced.config.expect import Text, Texts
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.flapping import Flapping
from evidenced.config.heartbeat import Heartbeat
from evidenced.config.http import Origin
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.command import CommandSettings
from evidenced.config.kinds.dns import DnsSettings
from evidenced.config.kinds.file import FileSettings
from evidenced.config.kinds.forge import ForgeSettings
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.config.kinds.port import PortSettings
from evidenced.config.kinds.process import ProcessSettings
from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.config.kinds.push import PushSettings
from evidenced.config.kinds.sql import SqlSettings
from evidenced.config.kinds.systemd import SystemdSettings
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.kinds.tls import TlsCheckSettings
from evidenced.config.kinds.unix import UnixSettings
from evidenced.config.kinds.websocket import WebSocketSettings
from evidenced.config.labels import LabelName
from evidenced.config.maintenance import MaintenanceWindow
from evidenced.config.probe import ProbeSettings
from evidenced.config.shape import Shape
from evidenced.config.store import StoreSettings
from evidenced.config.types import PositiveDuration, Secret, Whole, listed
from evidenced.config.vantage import Vantage

KINDS: tuple[str, ...] = (
    "http",
    "push",
    "tcp",
    "tls",
    "unix",
    "websocket",
    "grpc",
    "file",
    "port",
    "process",
    "command",
    "systemd",
    "dns",
    "icmp",
    "prometheus",
    "sql",
    "forge",
)
"""The kinds of check, by the key under which their settings stand."""

Name = Annotated[
    str,
    Shape(r"[^\s\x00-\x1f\x7f]{1,200}", "a name of 1 to 200 characters without spaces"),
]


class LedgerSettings(Section):
    """Where the ledger is and how checks are made of its sentences."""

    path: FilePath = Field(description="The Markdown file in which the claims stand.")
    repository: FilePath = Field(
        default=Path(),
        validate_default=True,
        description="The folder in which the documents that the ledger cites are looked up.",
    )
    base_url: Origin | None = Field(
        default=None,
        repr=False,
        description="The site that paths in the ledger and in checks belong to.",
    )
    derive: bool = Field(
        default=False,
        description='Whether STABLE sentences such as "/cart returns 200" become checks; needs '
        "`base_url`.",
    )


def _with_one_kind(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [kind]} for kind in KINDS]


class CheckSettings(Section):
    """One configured check: exactly one kind, and what differs from the defaults."""

    model_config = ConfigDict(json_schema_extra=_with_one_kind)

    name: Name = Field(
        description="A name of its own; a check derived from the ledger under the same name is "
        "replaced by this one."
    )
    claims: Texts = Field(
        default=(), description="The ids of the claims that it speaks for, as in the ledger."
    )
    interval: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.interval`."
    )
    timeout: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.timeout`."
    )
    retry: Retry | None = Field(
        default=None, description="Instead of `defaults.retry`, key by key."
    )
    confirm: Confirm | None = Field(
        default=None, description="Instead of `defaults.confirm`, key by key."
    )
    max_age: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.max_age`."
    )
    interval_failing: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.interval_failing`."
    )
    flapping: Flapping | None = Field(
        default=None, description="Instead of `defaults.flapping`, key by key."
    )
    depends_on: Texts = Field(
        default=(),
        description="The names of checks without which this one cannot hold: while one of them "
        "fails, the claims of this one are unknown, not contradicted.",
    )
    labels: dict[LabelName, str] = Field(
        default={}, description="Labels of your own, exported on `probe_info`."
    )
    location: Text | None = Field(
        default=None,
        description="Instead of the `location` of the file: where this check looks from, a label "
        "on all that is exported of it.",
    )
    targets: Targets = Field(
        default=(),
        description="Several targets, for each of which there is a check named NAME:TARGET, that "
        "has all else as it stands here.",
    )
    discovery: Discovery | None = Field(
        default=None,
        description="Where targets are found that come and go; each has a check as under "
        "`targets`.",
    )
    http: HttpSettings | None = Field(default=None, description="The kind: an HTTP request.")
    tcp: TcpSettings | None = Field(
        default=None, description="The kind: a TCP connection, with a dialogue where asked for."
    )
    tls: TlsCheckSettings | None = Field(
        default=None, description="The kind: a TLS handshake and the certificate shown in it."
    )
    unix: UnixSettings | None = Field(
        default=None, description="The kind: a Unix socket, with a dialogue where asked for."
    )
    websocket: WebSocketSettings | None = Field(
        default=None, description="The kind: a WebSocket, with a dialogue where asked for."
    )
    grpc: GrpcSettings | None = Field(
        default=None, description="The kind: gRPC's health protocol (needs `evidenced[grpc]`)."
    )
    file: FileSettings | None = Field(
        default=None, description="The kind: a file of this host, or those that a pattern names."
    )
    port: PortSettings | None = Field(
        default=None, description="The kind: who listens at a port of this host."
    )
    process: ProcessSettings | None = Field(
        default=None, description="The kind: processes of this host."
    )
    command: CommandSettings | None = Field(
        default=None, description="The kind: a command, its exit status and its output."
    )
    systemd: SystemdSettings | None = Field(
        default=None, description="The kind: a unit of this host's systemd."
    )
    dns: DnsSettings | None = Field(
        default=None, description="The kind: a question to a name server."
    )
    icmp: IcmpSettings | None = Field(
        default=None, description="The kind: echo requests to a host (ping)."
    )
    prometheus: PrometheusSettings | None = Field(
        default=None, description="The kind: a PromQL query to a Prometheus."
    )
    sql: SqlSettings | None = Field(default=None, description="The kind: a query to a database.")
    forge: ForgeSettings | None = Field(
        default=None,
        description="The kind: a pull request or a workflow on GitHub, GitLab, Gitea or Forgejo.",
    )
    push: PushSettings | None = Field(
        default=None, description="The kind: what cron, CI or a script pushes, and how often."
    )

    _written_as: str | None = PrivateAttr(default=None)

    @field_validator("claims")
    @classmethod
    def _each_claim_once(cls, claims: tuple[str, ...]) -> tuple[str, ...]:
        for index, claim in enumerate(claims):
            if claim in claims[:index]:
                raise ValueError(f"found {claim!r} twice, expected each claim once")
        return claims

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            kinds = ", ".join(KINDS)
            raise ValueError(
                f"found {' and '.join(found) or 'no kind of check'}, "
                + (f"expected one of {kinds}" if len(KINDS) > 1 else f"expected {kinds}")
            )
        return self

    @classmethod
    def settings_of(cls, kind: str) -> type[KindSettings]:
        """The settings that a kind has."""
        found: type[KindSettings] = get_args(cls.model_fields[kind].annotation)[0]
        return found

    def renamed(self, name: str, written_as: str) -> Self:
        """The same check under another name, for one of several that are written as one."""
        named = self.model_copy(update={"name": name})
        named._written_as = written_as  # noqa: SLF001  one of its own kind
        return named

    @property
    def written_as(self) -> str:
        """The name under which it is written: of one of several targets, that of all of them."""
        return self._written_as or self.name

    @property
    def kind(self) -> str:
        """The kind's name."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def settings(self) -> KindSettings:
        """The settings of that kind."""
        settings: KindSettings = getattr(self, self.kind)
        return settings


class Included(Section):
    """A file that another one includes."""

    checks: tuple[CheckSettings, ...] = Field(default=(), description="More checks.")


class Tokens(Section):
    """Tokens that callers of the daemon must show; without one, what it guards is off."""

    admin_file: FilePath | None = Field(
        default=None, description="A file with the token for what changes the daemon (reload)."
    )
    admin: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )
    push_file: FilePath | None = Field(
        default=None,
        description="A file with the token for pushes to checks that have none of their own.",
    )
    push: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )

    @field_validator("admin", "push")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)


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
    tokens: Tokens = Field(default=Tokens(), description="Who may change the daemon.")
    heartbeat: Heartbeat | None = Field(
        default=None, description="Who outside is told, again and again, that the daemon lives."
    )
    store: StoreSettings = Field(default=StoreSettings(), description="The store of evidence.")
