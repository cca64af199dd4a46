"""What the kinds that speak over one connection share: TLS on or off, and what may be expected."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.certificate import CertificateExpect
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration


def _switch(value: object) -> object:
    """`true` stands for TLS as it is by default, `false` for none."""
    if value in ("true", "false"):  # A value out of the environment is a text.
        value = value == "true"
    if isinstance(value, str | int) and not isinstance(value, bool):
        expected = "expected true, false, or settings such as {ca_file: ca.pem}"
        raise ValueError(expected)  # noqa: TRY004  pydantic explains no other
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


Tls = Annotated[
    TlsSettings | None, BeforeValidator(_switch, json_schema_input_type=TlsSettings | bool | None)
]
"""TLS on or off, or on with settings."""


class StreamExpect(Section):
    """Assertions on a connection."""

    certificate: CertificateExpect | None = Field(
        default=None, description="Assertions on the certificate of the other end."
    )
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )
