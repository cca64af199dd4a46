"""A blackbox.yml: its modules by name."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from evidenced.config.blackbox.base import BlackboxSection, OneOf
from evidenced.config.blackbox.http import HttpModule
from evidenced.config.blackbox.probers import (
    DnsModule,
    GrpcModule,
    IcmpModule,
    TcpModule,
    UnixModule,
    WebsocketModule,
)
from evidenced.config.types import Duration

PROBERS = ("http", "tcp", "icmp", "dns", "grpc", "unix", "websocket")


class Module(BlackboxSection):
    """One way to look at a target."""

    prober: Annotated[str, OneOf(PROBERS)] = Field(description=f"The prober: {', '.join(PROBERS)}.")
    timeout: Duration = Field(
        default=0.0, description="The deadline of one look; the caller's where it is 0."
    )
    http: HttpModule = Field(default=HttpModule(), description="The keys of that prober.")
    tcp: TcpModule = Field(default=TcpModule(), description="The keys of that prober.")
    icmp: IcmpModule = Field(default=IcmpModule(), description="The keys of that prober.")
    dns: DnsModule | None = Field(default=None, description="The keys of that prober.")
    grpc: GrpcModule = Field(default=GrpcModule(), description="The keys of that prober.")
    unix: UnixModule = Field(default=UnixModule(), description="The keys of that prober.")
    websocket: WebsocketModule = Field(
        default=WebsocketModule(), description="The keys of that prober."
    )

    @model_validator(mode="after")
    def _names_what_to_ask(self) -> Self:
        if self.prober == "dns" and self.dns is None:
            raise ValueError("found prober dns without a section dns, expected dns.query_name")
        return self


class Blackbox(BlackboxSection):
    """The file."""

    modules: dict[str, Module] = Field(default={}, description="The modules, by name.")
