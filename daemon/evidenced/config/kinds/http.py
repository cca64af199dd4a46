"""The settings of kind `http`."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urljoin

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from evidenced.config.http import Address, Proxy, without_secrets
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.http_request import HttpAuth, HttpRequest
from evidenced.config.kinds.http_steps import MOST_STEPS, HttpStep, check_steps
from evidenced.config.tls import TlsSettings

__all__ = ["HttpAuth", "HttpSettings", "HttpStep", "TlsSettings"]

_OF_STEPS = ("ip", "proxy", "reuse_connection", "steps", "tls")
"""The keys that may stand beside steps: they are about all of them."""


def _protocol(value: object) -> object:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if text not in ("any", "4", "6"):
        raise ValueError("expected any, 4 or 6")
    return text


def _with_an_address(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"required": ["url"]}, {"required": ["steps"]}]
    schema["properties"]["url"].pop("default")


class HttpSettings(HttpRequest, KindSettings):
    """One HTTP request and what its answer must be, or several as `steps`."""

    model_config = ConfigDict(json_schema_extra=_with_an_address)
    target_key: ClassVar[str | None] = "url"
    target_example: ClassVar[str] = "https://shop.example/"

    steps: Annotated[tuple[HttpStep, ...], AfterValidator(check_steps)] = Field(
        default=(),
        max_length=MOST_STEPS,
        description="Several requests instead of one, in order and within the one deadline: what "
        "one keeps of its answer the next ones may use, and cookies go along. Beside them stand "
        "only `ip`, `proxy`, `tls`, `reuse_connection` and `expect: {latency}`, for all of them.",
    )
    url: Address = Field(
        default="",
        repr=False,
        description="The address, or a path relative to `ledger.base_url`. Needed unless there "
        "are `steps`.",
    )
    tls: TlsSettings = Field(
        default=TlsSettings(),
        description="Which certificates are trusted, and for which name; which one is shown.",
    )
    ip: Annotated[
        Literal["any", "4", "6"],
        BeforeValidator(_protocol, json_schema_input_type=Literal["any", 4, 6]),
    ] = Field(
        default="any",
        description="The version of IP to go by: `4`, `6`, or `any`, which takes what connects "
        "first.",
    )
    every_address: bool = Field(
        default=False,
        description="Whether all addresses that the name resolves to are looked at, at the same "
        "time and within the one deadline. A failure names the address.",
    )
    proxy: Proxy | None = Field(
        default=None,
        repr=False,
        description="The proxy to go through, such as `http://user:password@proxy.example:3128`; "
        "for https by CONNECT. Not set: none, whatever the environment says.",
    )
    reuse_connection: bool = Field(
        default=False,
        description="Whether a connection may be kept between runs; when not, a probe pays for "
        "what a new visitor pays.",
    )

    @model_validator(mode="before")
    @classmethod
    def _url_or_steps(cls, data: object) -> object:
        if isinstance(data, dict) and not data.get("steps") and "url" not in data:
            return {**data, "url": None}
        return data

    @field_validator("url", mode="before")
    @classmethod
    def _needed(cls, value: object) -> object:
        if value is None:
            raise PydanticKnownError("missing")
        return value

    @model_validator(mode="after")
    def _steps_have_their_own(self) -> Self:
        written = self.model_fields_set - {*_OF_STEPS, "expect"}
        if self.steps and written:
            key = min(written, key=list(type(self).model_fields).index)
            raise ValueError(f"found {key} beside steps, expected it in each step")
        beyond = sorted(self.expect.model_fields_set - {"latency"})
        if self.steps and beyond:
            raise ValueError(f"found expect.{beyond[0]} beside steps, expected it in a step")
        return self

    @model_validator(mode="after")
    def _addresses_of_its_own(self) -> Self:
        if self.every_address and self.proxy is not None:
            raise ValueError("found every_address and proxy, but a proxy picks the address itself")
        for key, wanted in (("every_address", self.every_address), ("ip", self.ip != "any")):
            if wanted and self.reuse_connection:
                raise ValueError(
                    f"found {key} and reuse_connection, but a connection that is kept may be "
                    "one to another address"
                )
        return self

    @property
    def target(self) -> str:
        """The address without user information, and without the values in its query.

        Of steps it is the first one's.
        """
        return without_secrets(self.steps[0].address if self.steps else self.address)

    @classmethod
    def discovered(cls, address: str, labels: Mapping[str, str]) -> str:
        """The address; of HOST:PORT one with the scheme and path of the labels for these.

        Lists for Prometheus mostly have HOST:PORT, and may have the rest in `__scheme__` and
        `__metrics_path__`.
        """
        if "://" in address or address.startswith("/"):
            return address
        path = labels.get("__metrics_path__", "/")
        return f"{labels.get('__scheme__', 'http')}://{address}{path}"

    @property
    def address_key(self) -> str:
        """The key under which addresses stand."""
        return "steps" if self.steps else "url"

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with absolute addresses; ValueError where there is no base for one."""
        if not self.steps:
            url = _absolute(self.url, base_url)
            return self if url == self.url else self.model_copy(update={"url": url})
        steps = tuple(
            step.model_copy(update={"url": _absolute(step.url, base_url)}) for step in self.steps
        )
        return self.model_copy(update={"steps": steps})


def _absolute(url: str, base_url: str | None) -> str:
    if not url.startswith("/"):
        return url
    if base_url is None:
        raise ValueError("expected an absolute address, or ledger.base_url to be set")
    return urljoin(base_url, url)
