"""The settings of the daemon's own heartbeat, sent to a dead man's switch outside."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.http import Method, is_absolute
from evidenced.config.types import PositiveDuration, Secret


def _absolute(url: Secret | None) -> Secret | None:
    if url is not None and not is_absolute(url.reveal()):
        raise ValueError("expected an address such as https://switch.example/token")
    return url


class HeartbeatSettings(Section):
    """A sign of life, sent as long as the daemon keeps the beat of its checks.

    The address alone may stand for the section.
    """

    url_file: FilePath | None = Field(
        default=None, description="A file with the address to ask; it often has a token in it."
    )
    url: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That address itself; it is never written to a log.",
    )
    every: PositiveDuration = Field(
        default=60.0, description="The time from one sign of life to the next."
    )
    timeout: PositiveDuration = Field(
        default=10.0, description="The deadline of one; at most `every`."
    )
    method: Method = Field(default="GET", description="The request method.")

    @field_validator("url")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return _absolute(secret_beside(value, info))

    @model_validator(mode="after")
    def _somewhere_in_time(self) -> "HeartbeatSettings":
        if self.url is None:
            raise ValueError("expected url or url_file")
        if self.timeout > self.every and "timeout" in self.model_fields_set:
            raise ValueError("found a timeout longer than every, expected at most every")
        return self


def _section(value: object) -> object:
    """The address alone stands for the section."""
    return {"url": value} if isinstance(value, str) else value


Heartbeat = Annotated[
    HeartbeatSettings,
    BeforeValidator(
        _section,
        json_schema_input_type=HeartbeatSettings
        | Annotated[str, Field(json_schema_extra={"writeOnly": True})],
    ),
]
"""The heartbeat, or its address alone."""
