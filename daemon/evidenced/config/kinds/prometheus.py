"""The settings of kind `prometheus`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from evidenced.config.base import Section
from evidenced.config.condition import Comparison, Condition
from evidenced.config.http import BaseAddress, HeaderName, without_secrets
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.http import HttpAuth
from evidenced.config.secretfile import SecretLine
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration

_CLOSING: Mapping[str, str] = MappingProxyType({"(": ")", "[": "]", "{": "}"})


def _promql(text: str) -> str:
    """A query of which quotes and brackets are closed: as much as can be seen without a parser.

    The lexis of PromQL: "Querying basics" in Prometheus' documentation. Raises ValueError.
    """
    if not text.strip():
        raise ValueError("expected a PromQL query")
    open_: list[str] = []
    at, something = 0, False
    while at < len(text):
        character = text[at]
        if character in "\"'`":
            at = _end_of_string(text, at)
        elif character == "#":
            at = text.find("\n", at) if "\n" in text[at:] else len(text)
            continue
        elif character in _CLOSING:
            open_.append(character)
        elif character in _CLOSING.values() and (not open_ or _CLOSING[open_.pop()] != character):
            raise ValueError(f"expected a PromQL query: found {character} where none is to close")
        something = something or not character.isspace()
        at += 1
    if open_:
        raise ValueError(f"expected a PromQL query: found {open_[-1]} that is not closed")
    if not something:
        raise ValueError("expected a PromQL query, found only a comment")
    return text


def _end_of_string(text: str, start: int) -> int:
    quote, at = text[start], start + 1
    while at < len(text):
        if text[at] == "\\" and quote != "`":
            at += 1
        elif text[at] == quote:
            return at
        at += 1
    raise ValueError(f"expected a PromQL query: found {quote} that is not closed")


class PrometheusExpect(Section):
    """Assertions on what a query gives."""

    value: Condition = Field(
        default=Comparison(exists=True),
        description="Conditions on the value, a number. Of several samples each must meet it; "
        "`exists` and `length` are put to all of them: `{length: 3}` asks for three. Where there "
        "is no sample there is no value, which only `exists: false` allows.",
    )
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )


class PrometheusSettings(KindSettings):
    """A PromQL query to a Prometheus, and what its value must be.

    The query is asked as it is now (an instant query); it must give a number or a vector. When the
    configuration is read only quotes and brackets of it are checked: what else is wrong with it
    Prometheus says at the first run.
    """

    target_key: ClassVar[str | None] = "server"
    target_example: ClassVar[str] = "https://prometheus.example"

    server: BaseAddress = Field(
        repr=False,
        description="The address of Prometheus, or of what answers as it does; with its path where "
        "it has one.",
    )
    query: Annotated[str, AfterValidator(_promql)] = Field(description="The query, in PromQL.")
    headers: dict[HeaderName, SecretLine] = Field(
        default={}, repr=False, description="Request headers; their values are never shown."
    )
    auth: HttpAuth | None = Field(default=None, description="Credentials to send.")
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )
    expect: PrometheusExpect = Field(
        default=PrometheusExpect(),
        description="What the query must give; where nothing is said, at least one sample.",
    )

    @property
    def target(self) -> str:
        """The server's address without user information."""
        return without_secrets(self.server)
