"""The settings of kind `dns`."""

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.condition import Comparison, Condition
from evidenced.config.kinds.base import KindSettings
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration, listed, some

PORTS = {"udp": 53, "tcp": 53, "tls": 853}
"""The port of a server by transport where none is written (RFC 1035, 4.2; RFC 7858, 3.1)."""

_NOT_ASKED = frozenset({"NONE", "OPT", "TSIG", "TKEY", "AXFR", "IXFR", "MAILA", "MAILB"})
"""Types of records that are no question of their own."""

_OF_RECORDS = ("eq", "ne", "contains", "not_contains", "matches", "not_matches")


class Server(NamedTuple):
    """A host, and a port where one is written."""

    host: str
    port: int | None


def parse_server(text: str) -> Server:
    """The parts of HOST or HOST:PORT; IPv6 with a port in brackets. Raises ValueError."""
    try:
        return Server(str(IPv6Address(text)), None)
    except ValueError:
        host, colon, port = text.rpartition(":")
    if not colon or (text.startswith("[") and text.endswith("]")):
        host, port = text, ""
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        well = _is_v6(host)
    else:
        well = bool(host) and not set(host) & set(":/@[] \t") and host.isprintable()
    numbered = port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 65535
    if not well or (colon and text != f"[{host}]" and not numbered):
        raise ValueError(
            "expected HOST or HOST:PORT, such as 192.0.2.53, ns.shop.example:5353 or "
            "[2001:db8::53]:53"
        )
    return Server(host, int(port) if port else None)


def _is_v6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _server(text: str) -> str:
    parse_server(text)
    return text


# dnspython is costly to import, and not every configuration asks for names: so the functions below
# import it, each what it needs.


def _name(text: str) -> str:
    import dns.exception
    import dns.name

    try:
        dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError, ValueError):
        raise ValueError("expected a domain name, such as shop.example") from None
    return text


def _known(read: Callable[[str], int], expected: str, number: str) -> Callable[[object], object]:
    """A validator for a mnemonic in any case; `number` and digits is no mnemonic."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError(expected)  # noqa: TRY004  pydantic turns a ValueError into a problem
        import dns.exception

        text = value.upper()
        try:
            read(text)
        except (dns.exception.DNSException, ValueError):
            raise ValueError(expected) from None
        if text in _NOT_ASKED or (text.startswith(number) and text[len(number) :].isdigit()):
            raise ValueError(expected)
        return text

    return check


def _type(text: str) -> int:
    import dns.rdatatype

    return dns.rdatatype.from_text(text)


def _class(text: str) -> int:
    import dns.rdataclass

    return dns.rdataclass.from_text(text)


def _code(text: str) -> int:
    import dns.rcode

    return dns.rcode.from_text(text)


RecordType = Annotated[
    str,
    BeforeValidator(
        _known(_type, "expected a type of records, such as A, MX, SOA or ANY", "TYPE"),
        json_schema_input_type=str,
    ),
]
RecordClass = Annotated[
    str,
    BeforeValidator(
        _known(_class, "expected a class: IN, CH, HS or ANY", "CLASS"),
        json_schema_input_type=str,
    ),
]
Rcode = Annotated[
    str,
    BeforeValidator(
        _known(_code, "expected a response code, such as NOERROR, NXDOMAIN or REFUSED", "RCODE"),
        json_schema_input_type=str,
    ),
]
Rcodes = Annotated[
    tuple[Rcode, ...],
    BeforeValidator(listed, json_schema_input_type=str | list[str]),
    AfterValidator(some),
]


def _of_records(comparison: Comparison) -> Comparison:
    ordering = sorted(comparison.model_fields_set & {"lt", "le", "gt", "ge"})
    if ordering:
        raise ValueError(
            f"found {ordering[0]}, expected what records can be held against: "
            f"{', '.join(_OF_RECORDS)}, exists, empty or length"
        )
    return comparison


Records = Annotated[Condition, AfterValidator(_of_records)]
"""Conditions on the records of one section of an answer."""


class DnsExpect(Section):
    """Assertions on an answer of DNS. The records of a section are judged as texts, such as
    `shop.example. 300 IN A 192.0.2.1`: of those one must contain a text as whole words, or match a
    pattern, and none may do what must not be; `eq` and `ne` are put to the list of all data, in any
    order; `exists`, `empty` and `length` to the list of records.
    """

    rcode: Rcodes = Field(
        default=("NOERROR",),
        description="The response code, or a list of those allowed.",
    )
    answers: Records | None = Field(
        default=None,
        description="Conditions on the answer section. Where nothing is said, an answer without "
        "records is good: `{exists: true}` asks for one.",
    )
    authority: Records | None = Field(
        default=None, description="Conditions on the authority section."
    )
    additional: Records | None = Field(
        default=None, description="Conditions on the additional section."
    )
    serial: Condition | None = Field(
        default=None, description="Conditions on the serial of the SOA record in the answer."
    )
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )


class DnsSettings(KindSettings):
    """One question to a name server, and what its answer must be."""

    target_key: ClassVar[str | None] = "name"
    target_example: ClassVar[str] = "shop.example"

    name: Annotated[str, AfterValidator(_name)] = Field(
        description="The name to ask for; it is taken as whole, with or without a dot at its end."
    )
    type: RecordType = Field(default="A", description="The type of records to ask for.")
    class_: RecordClass = Field(
        default="IN", alias="class", description="The class of records to ask for."
    )
    server: Annotated[str, AfterValidator(_server)] | None = Field(
        default=None,
        description="The server to ask, HOST or HOST:PORT. Not set: the first of those in "
        "/etc/resolv.conf.",
    )
    transport: Literal["udp", "tcp", "tls"] = Field(
        default="udp",
        description="How to ask: `udp` (again by TCP where the answer is truncated), `tcp`, or "
        "`tls` (DNS over TLS).",
    )
    recursion: bool = Field(
        default=True, description="Whether the server is asked to ask others on our behalf."
    )
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, with transport `tls`."
    )
    expect: DnsExpect = Field(
        default=DnsExpect(), description="What the answer must be; NOERROR where nothing is said."
    )

    @property
    def target(self) -> str:
        """The name, its type, and the server that is asked (or `system`)."""
        return f"{self.name} {self.type} @{self.server or 'system'}"
