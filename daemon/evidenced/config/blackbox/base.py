"""What the sections of a blackbox.yml are made of: texts, patterns, TLS, addresses."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from evidenced.config.base import Section
from evidenced.config.files import CaFile, FilePath, check_identity
from evidenced.config.suggest import suggestion
from evidenced.config.tls import TlsSettings
from evidenced.config.types import Pattern


class BlackboxSection(Section):
    """A mapping in a blackbox.yml; a key without a value is one that is not there."""

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, data: object) -> object:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


def _text(value: object) -> object:
    # Where a text stands, blackbox_exporter takes a number or a truth value as it is written.
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int | float | bool)]
"""A text, or a number that stands for one."""

SecretText = Annotated[Text, Field(json_schema_extra={"writeOnly": True})]
"""A text that may hold a secret, so that no error shows it."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words; the error names the nearest. Used as an annotation of a text."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self,
        source: Any,  # noqa: ANN401  pydantic's own signature
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        def check(word: str) -> str:
            if word not in self.words:
                raise ValueError(suggestion(word, self.words))
            return word

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "enum": [*self.words]}


IpProtocol = Annotated[str, OneOf(("ip4", "ip6"))]

_GO_TEMPLATE = re.compile(r"\$(?:(\$)|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})")


class Regexp(Pattern):
    """A pattern of which the groups can be written into another text."""

    __slots__ = ()

    def expanded(self, text: str, *templates: str) -> list[str] | None:
        """The templates with `$1`, `${1}`, `${name}` written out; None where there is no match.

        As Go's regexp.Expand has it: a group that is not there is empty, `$$` stands for `$`.
        """
        match = self._compiled.search(text)
        if match is None:
            return None
        named = {name: match.group(name) or "" for name in self._compiled.groupindex}
        groups = {str(i): g or "" for i, g in enumerate((match[0], *match.groups()))}

        def part(mark: re.Match[str]) -> str:
            return "$" if mark[1] else {**named, **groups}.get(mark[2] or mark[3], "")

        return [_GO_TEMPLATE.sub(part, template) for template in templates]


_VERSIONS = {"TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"}
TlsVersion = Annotated[str, OneOf(tuple(_VERSIONS))]


class TlsConfig(BlackboxSection):
    """`tls_config`: whom to trust, what to show, which name to ask for."""

    ca_file: CaFile | None = Field(default=None, description="Authorities to trust (PEM).")
    cert_file: FilePath | None = Field(default=None, description="A certificate to show (PEM).")
    key_file: FilePath | None = Field(default=None, description="Its key (PEM).")
    server_name: Text = Field(default="", description="The name to ask for and to verify.")
    insecure_skip_verify: bool = Field(
        default=False, description="Whether any certificate is taken."
    )
    min_version: TlsVersion | None = Field(default=None, description="The oldest version.")
    max_version: TlsVersion | None = Field(default=None, description="The newest version.")

    @model_validator(mode="after")
    def _certificate_and_key(self, info: ValidationInfo) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("found only one of cert_file and key_file, expected both")
        if self.cert_file is not None:
            check_identity(self.cert_file, self.key_file, None, info)
        return self

    @property
    def settings(self) -> TlsSettings:
        """The same in the words of a check."""
        return TlsSettings.model_construct(
            verify=not self.insecure_skip_verify,
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
            server_name=self.server_name or None,
            min_version=_VERSIONS[self.min_version] if self.min_version else None,
        )

    @property
    def newest(self) -> str | None:
        """The newest version to speak, such as `1.2`."""
        return _VERSIONS[self.max_version] if self.max_version else None


class Addressed(BlackboxSection):
    """The keys of probers that resolve a name."""

    preferred_ip_protocol: IpProtocol = Field(
        default="ip6", description="Which addresses are looked for first: `ip4` or `ip6`."
    )
    ip_protocol_fallback: bool = Field(
        default=True, description="Whether addresses of the other protocol will do."
    )
