"""How a probe takes part in TLS: whom it trusts, which name it asks for, what it shows."""

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Text
from evidenced.config.files import CaFile, FilePath, ReadableFile, check_identity, secret_beside
from evidenced.config.shape import Shape
from evidenced.config.types import Secret

TlsVersion = Annotated[str, Shape(r"1\.[0-3]", "a version of TLS: '1.0', '1.1', '1.2' or '1.3'")]
"""A version of TLS, as a text."""


class TlsSettings(Section):
    """How the probe takes part in TLS."""

    verify: bool = Field(
        default=True,
        description="Whether a certificate that is not trusted, has expired or names another host "
        "is a failure.",
    )
    ca_file: CaFile | None = Field(
        default=None, description="Authorities to trust instead of the system's (PEM)."
    )
    server_name: Text | None = Field(
        default=None,
        description="The name to ask for (SNI) and to verify instead of the address's host. A "
        "`Host` among the headers changes neither, as with curl.",
    )
    min_version: TlsVersion | None = Field(
        default=None,
        description="The oldest version of TLS to speak: `'1.0'`, `'1.1'`, `'1.2'` or `'1.3'`. Not "
        "set: what Python and OpenSSL hold to be safe.",
    )
    cert_file: ReadableFile | None = Field(
        default=None,
        description="A certificate to show to the server, with those it depends on (PEM); its key "
        "may stand in the same file.",
    )
    key_file: ReadableFile | None = Field(
        default=None, description="The key of that certificate (PEM)."
    )
    key_password_file: FilePath | None = Field(
        default=None, description="A file with the password of that key in it."
    )
    key_password: Secret | None = Field(
        default=None, validate_default=True, description="The password of that key."
    )

    @field_validator("min_version", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        # YAML reads 1.2 as a number.
        return str(value) if isinstance(value, float) else value

    @field_validator("key_password")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _certificate_and_key(self, info: ValidationInfo) -> Self:
        if self.cert_file is None:
            for key in ("key_file", "key_password", "key_password_file"):
                if getattr(self, key) is not None:
                    raise ValueError(f"found {key} without cert_file, expected both")
        else:
            check_identity(self.cert_file, self.key_file, self.key_password, info)
        return self
