"""The TLS of the HTTP interface, with the names that Go has for versions, ciphers and policies."""

import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Text
from evidenced.config.files import CaFile, ReadableFile, check_identity
from evidenced.config.suggest import suggestion
from evidenced.config.types import listed

VERSIONS: Mapping[str, ssl.TLSVersion] = MappingProxyType(
    {
        "TLS10": ssl.TLSVersion.TLSv1_2,
        "TLS11": ssl.TLSVersion.TLSv1_2,
        "TLS12": ssl.TLSVersion.TLSv1_2,
        "TLS13": ssl.TLSVersion.TLSv1_3,
    }
)
"""What each name of a version stands for at least: nothing older than TLS 1.2 is spoken."""

CIPHERS: Mapping[str, str] = MappingProxyType(
    {
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
        "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256",
        "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    }
)
"""The suites of TLS 1.2 by their names in the registry of IANA (RFC 5289, 7905), for OpenSSL."""

_ALWAYS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
"""Those of TLS 1.3, which neither Go nor Python lets anyone choose among."""

ClientAuth = Literal[
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]


def _known(name: str) -> str:
    if name not in CIPHERS and name not in _ALWAYS:
        raise ValueError(suggestion(name, [*CIPHERS, *_ALWAYS]))
    return name


Cipher = Annotated[str, AfterValidator(_known)]


class TlsServer(Section):
    """How the HTTP interface takes part in TLS."""

    cert_file: ReadableFile = Field(
        description="The certificate, with those it depends on (PEM). This file, the key and the "
        "authorities are read again when they change."
    )
    key_file: ReadableFile = Field(description="The key of that certificate (PEM).")
    client_auth_type: ClientAuth = Field(
        default="NoClientCert",
        description="Whether callers show a certificate: `RequireAndVerifyClientCert` lets nobody "
        "else in, `VerifyClientCertIfGiven` refuses only bad ones. `RequestClientCert` is "
        "`NoClientCert` here, and `RequireAnyClientCert` is refused: Python takes no certificate "
        "that it does not verify.",
    )
    client_ca_file: CaFile | None = Field(
        default=None, description="The authorities that sign the certificates of callers (PEM)."
    )
    client_allowed_sans: tuple[Text, ...] = Field(
        default=(),
        description="Names, addresses, e-mail addresses or URIs of which a caller's certificate "
        "must have one.",
    )
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] = Field(
        default="TLS12",
        description="The oldest version to speak; `TLS10` and `TLS11` are taken as `TLS12`.",
    )
    max_version: Literal["TLS12", "TLS13"] = Field(
        default="TLS13", description="The newest version to speak."
    )
    cipher_suites: Annotated[
        tuple[Cipher, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])
    ] = Field(
        default=(),
        description="The suites of TLS 1.2, by the names that Go and IANA have for them; those of "
        "TLS 1.3 cannot be chosen. Not set: what Python and OpenSSL hold to be safe.",
    )
    prefer_server_cipher_suites: bool = Field(
        default=True, description="Whether the order of these suites decides, or the caller's."
    )
    curve_preferences: tuple[Text, ...] = Field(
        default=(),
        description="Taken, so that a file of Prometheus' is; OpenSSL chooses the curves.",
    )

    @property
    def asks_for_certificate(self) -> bool:
        """Whether nobody gets in without a certificate."""
        return self.client_auth_type == "RequireAndVerifyClientCert"

    @property
    def verifies(self) -> bool:
        """Whether certificates of callers are asked for, and verified."""
        return self.client_auth_type.startswith(("Verify", "RequireAndVerify"))

    @model_validator(mode="after")
    def _fits_together(self, info: ValidationInfo) -> Self:
        if self.client_auth_type == "RequireAnyClientCert":
            raise ValueError(
                "found client_auth_type 'RequireAnyClientCert', which verifies nothing, expected "
                "'RequireAndVerifyClientCert'"
            )
        if self.verifies and self.client_ca_file is None:
            raise ValueError(
                f"found client_auth_type '{self.client_auth_type}' without client_ca_file, "
                "expected both"
            )
        if self.client_ca_file is not None and not self.verifies:
            raise ValueError(
                "found client_ca_file, with which client_auth_type is expected to be "
                "'RequireAndVerifyClientCert' or 'VerifyClientCertIfGiven'"
            )
        if self.client_allowed_sans and not self.asks_for_certificate:
            raise ValueError(
                "found client_allowed_sans, with which client_auth_type is expected to be "
                "'RequireAndVerifyClientCert'"
            )
        if VERSIONS[self.min_version] > VERSIONS[self.max_version]:
            raise ValueError(f"found min_version above max_version '{self.max_version}'")
        check_identity(self.cert_file, self.key_file, None, info)
        return self
