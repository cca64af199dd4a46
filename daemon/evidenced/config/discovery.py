"""Where the targets of a check come from: written beside it, or found in lists outside."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Text
from evidenced.config.files import FilePath
from evidenced.config.http import ADDRESS_PATTERN, HeaderName, HeaderValue, is_absolute
from evidenced.config.kinds.http_request import HttpAuth
from evidenced.config.labels import LabelName
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration, listed

LIST_SUFFIXES = (".json", ".yml", ".yaml")
"""How the names of lists end; what is in them is JSON or YAML accordingly."""


class TargetSettings(Section):
    """One target of a check; a plain text stands for its address."""

    target: Text = Field(
        repr=False, description="What fills in the key of the kind that names its target."
    )
    labels: dict[LabelName, str] = Field(
        default={}, description="Labels of this target, beside and before those of the check."
    )


def _target(value: object) -> object:
    return value if isinstance(value, dict | Section) else {"target": value}


def _some(targets: tuple[TargetSettings, ...]) -> tuple[TargetSettings, ...]:
    if not targets:
        raise ValueError("expected at least one target")
    return targets


Targets = Annotated[
    tuple[
        Annotated[
            TargetSettings,
            BeforeValidator(_target, json_schema_input_type=TargetSettings | Text),
        ],
        ...,
    ],
    BeforeValidator(listed, json_schema_input_type=list[TargetSettings | Text] | Text),
    AfterValidator(_some),
]
"""Targets; a single one stands for a list of one."""


def _list_file(path: FilePath) -> FilePath:
    if path.suffix not in LIST_SUFFIXES:
        raise ValueError(
            "expected a file, or a pattern of files, that ends in .json, .yml or .yaml"
        )
    return path


def _address(value: str) -> str:
    if not is_absolute(value):
        raise ValueError("expected an address such as https://inventory.example/targets")
    return value


ListFile = Annotated[FilePath, AfterValidator(_list_file)]


class HttpDiscovery(Section):
    """A list of targets that is asked for by HTTP, in the format of Prometheus' http_sd."""

    url: Annotated[
        str,
        AfterValidator(_address),
        Field(json_schema_extra={"pattern": ADDRESS_PATTERN.replace("|/", "")}),
    ] = Field(repr=False, description="The absolute address that answers with the list, as JSON.")
    refresh: PositiveDuration = Field(
        default=60.0, description="The time from one request to the next."
    )
    timeout: PositiveDuration = Field(default=10.0, description="The deadline of one request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default={}, repr=False, description="Request headers; their values are never shown."
    )
    auth: HttpAuth | None = Field(default=None, description="Credentials to send.")
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )


class Discovery(Section):
    """Lists in which targets are found, in Prometheus' own format."""

    file: Annotated[
        tuple[ListFile, ...],
        BeforeValidator(listed, json_schema_input_type=ListFile | list[ListFile]),
    ] = Field(
        default=(),
        description="Files, or patterns of files, that end in `.json`, `.yml` or `.yaml`; read "
        "again when they change. None has to be there.",
    )
    http: Annotated[
        tuple[HttpDiscovery, ...],
        BeforeValidator(listed, json_schema_input_type=list[HttpDiscovery]),
    ] = Field(default=(), description="Lists that are asked for by HTTP, again and again.")

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.file and not self.http:
            raise ValueError("expected file, http or both")
        return self
