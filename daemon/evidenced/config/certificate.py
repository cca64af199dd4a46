"""What may be expected of the certificate that a peer shows."""

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Condition
from evidenced.config.types import Duration


class CertificateExpect(Section):
    """Assertions on the certificate of the other end, judged also where it is not trusted."""

    valid_for: Duration | None = Field(
        default=None,
        description="How long it must still be valid, together with all that its trust depends "
        "on; `0` for now.",
    )
    issuer: Condition | None = Field(
        default=None,
        description="Conditions on the name of who issued it, written as in RFC 4514, such as "
        "`CN=R11,O=Let's Encrypt,C=US`.",
    )
    subject: Condition | None = Field(
        default=None, description="Conditions on the name of whose it is; written the same way."
    )
    names: Condition | None = Field(
        default=None,
        description="Conditions on the list of host names and addresses that it is for.",
    )
    self_signed: bool | None = Field(
        default=None, description="Whether it must be, or must not be, signed by itself."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "CertificateExpect":
        if all(getattr(self, key) is None for key in type(self).model_fields):
            raise ValueError("expected at least one assertion, such as {valid_for: 14d}")
        return self
