"""The keys of the probers `tcp`, `unix`, `dns`, `icmp`, `grpc` and `websocket`."""

from typing import Annotated, Self

import dns.exception
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
from pydantic import AfterValidator, Field, model_validator

from evidenced.config.blackbox.base import (
    Addressed,
    BlackboxSection,
    OneOf,
    Regexp,
    SecretText,
    Text,
    TlsConfig,
)
from evidenced.config.blackbox.http import HttpClient
from evidenced.config.http import HeaderName
from evidenced.config.shape import Shape
from evidenced.config.types import Whole

_LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"


class Label(BlackboxSection):
    """A label of `probe_expect_info`."""

    name: Annotated[Text, Shape(_LABEL, "a label name: letters, digits and _")] = Field(
        description="Its name."
    )
    value: Text = Field(default="", description="Its value, `${1}` for the first group.")


class QueryResponse(BlackboxSection):
    """One turn of a dialogue: what must come, what is then sent, whether TLS then begins."""

    expect: Regexp | None = Field(default=None, description="A pattern for one of the next lines.")
    expect_bytes: Text = Field(default="", description="The very next bytes.")
    labels: tuple[Label, ...] = Field(default=(), description="What of it becomes a metric.")
    send: SecretText = Field(
        default="", repr=False, description="A line to send, `${1}` for a group."
    )
    starttls: bool = Field(default=False, description="Whether TLS begins after that.")

    @model_validator(mode="after")
    def _one_expectation(self) -> Self:
        if self.expect is not None and self.expect_bytes:
            raise ValueError("found both expect and expect_bytes, expected one of them")
        return self


class TcpModule(Addressed):
    """`tcp`: a connection, and maybe a dialogue on it."""

    source_ip_address: Text = Field(default="", description="The address to connect from.")
    query_response: tuple[QueryResponse, ...] = Field(default=(), description="The dialogue.")
    tls: bool = Field(default=False, description="Whether it begins with TLS.")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="How TLS is spoken.")


class UnixModule(BlackboxSection):
    """`unix`: a connection to a Unix socket, and maybe a dialogue on it."""

    query_response: tuple[QueryResponse, ...] = Field(default=(), description="The dialogue.")
    tls: bool = Field(default=False, description="Whether it begins with TLS.")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="How TLS is spoken.")


class Records(BlackboxSection):
    """What the records of one section of a DNS answer must be, as lines of text."""

    fail_if_matches_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns that no record may match."
    )
    fail_if_all_match_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns that not all records may match."
    )
    fail_if_not_matches_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns that each record must match."
    )
    fail_if_none_matches_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns of which one record must match one."
    )


def _query_name(name: str) -> str:
    try:
        dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError):
        raise ValueError("expected a domain name") from None
    return name


def _query_type(name: str) -> str:
    try:
        dns.rdatatype.from_text(name)
    except (dns.exception.DNSException, ValueError):
        raise ValueError("expected a type of DNS records, such as A, MX or SOA") from None
    return name


def _query_class(name: str) -> str:
    try:
        dns.rdataclass.from_text(name)
    except (dns.exception.DNSException, ValueError):
        raise ValueError("expected a class of DNS records, such as IN or CH") from None
    return name


def _rcode(name: str) -> str:
    try:
        dns.rcode.from_text(name)
    except (dns.exception.DNSException, ValueError):
        raise ValueError("expected a code of DNS answers, such as NOERROR or NXDOMAIN") from None
    return name


class DnsModule(Addressed):
    """`dns`: one question to a name server."""

    source_ip_address: Text = Field(default="", description="The address to ask from.")
    transport_protocol: Annotated[str, OneOf(("udp", "tcp"))] = Field(
        default="udp", description="`udp` or `tcp`."
    )
    dns_over_tls: bool = Field(default=False, description="Whether to ask over TLS (RFC 7858).")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="How TLS is spoken.")
    query_name: Annotated[Text, AfterValidator(_query_name)] = Field(
        description="The name to ask for."
    )
    query_type: Annotated[Text, AfterValidator(_query_type)] = Field(
        default="ANY", description="The type of records to ask for."
    )
    query_class: Annotated[Text, AfterValidator(_query_class)] = Field(
        default="IN", description="Their class."
    )
    recursion_desired: bool = Field(default=True, description="Whether to ask for recursion.")
    valid_rcodes: tuple[Annotated[Text, AfterValidator(_rcode)], ...] = Field(
        default=("NOERROR",), description="The codes that are good."
    )
    validate_answer_rrs: Records = Field(default=Records(), description="The answers.")
    validate_authority_rrs: Records = Field(default=Records(), description="The authorities.")
    validate_additional_rrs: Records = Field(default=Records(), description="The rest.")

    @model_validator(mode="after")
    def _tls_over_tcp(self) -> Self:
        if self.dns_over_tls and self.transport_protocol != "tcp":
            raise ValueError("found dns_over_tls over udp, expected transport_protocol: tcp")
        return self


class IcmpModule(Addressed):
    """`icmp`: one echo request."""

    source_ip_address: Text = Field(default="", description="The address to send from.")
    payload_size: Annotated[Whole, Field(ge=0, le=65_000)] = Field(
        default=0, description="Bytes of payload; 0 for a few."
    )
    dont_fragment: bool = Field(default=False, description="Whether to forbid fragments (IPv4).")
    ttl: Annotated[Whole, Field(ge=0, le=255)] = Field(
        default=64, description="How many hops the request may take; 0 for the system's own."
    )


class GrpcModule(Addressed):
    """`grpc`: one question of gRPC's health protocol."""

    service: Text = Field(default="", description="The service; the server where there is none.")
    tls: bool = Field(default=False, description="Whether TLS is spoken.")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="How TLS is spoken.")
    metadata: dict[str, tuple[SecretText, ...]] = Field(default={}, description="More to send.")


class WebsocketModule(Addressed):
    """`websocket`: an upgrade, and maybe a dialogue of messages."""

    http_config: HttpClient = Field(default=HttpClient(), description="How the server is asked.")
    headers: dict[HeaderName, SecretText | tuple[SecretText, ...]] = Field(
        default={}, description="Headers to send."
    )
    query_response: tuple[QueryResponse, ...] = Field(default=(), description="The dialogue.")
