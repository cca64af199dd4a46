"""One configured check: what is common to all kinds, and the one kind that it has."""

from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import (
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evidenced.config.base import Section
from evidenced.config.defaults import Confirm, Retry
from evidenced.config.discovery import Discovery, Targets
from evidenced.config.expect import Text, Texts
from evidenced.config.files import Files
from evidenced.config.flapping import Flapping
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
from evidenced.config.shape import Shape
from evidenced.config.slo import Slo
from evidenced.config.types import PositiveDuration

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


def _with_one_kind(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [kind]} for kind in KINDS]


class CheckSettings(Section):
    """One configured check: exactly one kind, and what differs from the defaults."""

    model_config = ConfigDict(json_schema_extra=_with_one_kind)
    single: ClassVar[bool] = True

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
    slo: Slo | None = Field(
        default=None,
        description="A service level objective: a sample is good where the run was. Each of "
        "several `targets` has its own; those of a `discovery` cannot have one.",
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

    @model_validator(mode="after")
    def _known_targets(self) -> Self:
        if self.slo is not None and self.discovery is not None:
            raise ValueError("found slo and discovery, expected slo only where targets are known")
        return self

    @model_validator(mode="after")
    def _shared(self, info: ValidationInfo) -> Self:
        """Share equal sections with the other checks of a load, before the next one is made."""
        if isinstance(info.context, Files):
            info.context.sections.within(self)
        return self

    @classmethod
    def settings_of(cls, kind: str) -> type[KindSettings]:
        """The settings that a kind has."""
        found: type[KindSettings] = get_args(cls.model_fields[kind].annotation)[0]
        return found

    def says(self, other: "CheckSettings") -> bool:
        """Whether it is in all what the other is, where it is written included."""
        return self == other and self.written_as == other.written_as

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
