"""The settings of kind `websocket`."""

from typing import Annotated, ClassVar, Self
from urllib.parse import urljoin, urlsplit

from pydantic import AfterValidator, Field, model_validator

from evidenced.config.dialogue import Messages
from evidenced.config.http import HeaderName, without_secrets
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.stream import StreamExpect
from evidenced.config.secretfile import SecretLine
from evidenced.config.tls import TlsSettings

_SECURE = {"ws": "http", "wss": "https"}


def _url(text: str) -> str:
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    try:
        parts = urlsplit(f"ws://host{text}" if is_path else text)
        port = parts.port
    except ValueError:
        port, parts = 0, urlsplit("")
    sound = parts.scheme in _SECURE and parts.hostname and port != 0 and not parts.fragment
    if not sound or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("expected an address such as wss://shop.example/ws, or a path such as /ws")
    return text


class WebSocketSettings(KindSettings):
    """One WebSocket: the handshake, with a dialogue of messages where it is asked for."""

    target_key: ClassVar[str | None] = "url"
    target_example: ClassVar[str] = "wss://shop.example/"

    url: Annotated[
        str,
        AfterValidator(_url),
        Field(json_schema_extra={"pattern": r"^(wss?://|/)[^\s]*$"}),
    ] = Field(
        repr=False,
        description="The address, `ws://` or `wss://`, or a path relative to `ledger.base_url`.",
    )
    headers: dict[HeaderName, SecretLine] = Field(
        default={},
        repr=False,
        description="Headers of the handshake's request; their values are never shown.",
    )
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )
    dialogue: Messages = Field(
        default=(), description="What is heard and said, in turn, once the handshake is done."
    )
    expect: StreamExpect = Field(
        default=StreamExpect(), description="What must hold beside the handshake."
    )

    @property
    def target(self) -> str:
        """The address without user information, and without the values in its query."""
        return without_secrets(self.url)

    @property
    def http_url(self) -> str:
        """The same address in http's schemes, in which the handshake is asked for."""
        scheme, rest = self.url.split(":", 1)
        return f"{_SECURE[scheme.lower()]}:{rest}"

    @model_validator(mode="after")
    def _certificate_needs_tls(self) -> Self:
        if self.expect.certificate is not None and self.url.lower().startswith("ws:"):
            raise ValueError("found expect.certificate without TLS, expected a wss:// address")
        return self

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an absolute address; ValueError where there is no base for it."""
        if not self.url.startswith("/"):
            return self
        if base_url is None:
            raise ValueError("expected an absolute address, or ledger.base_url to be set")
        url = urljoin(base_url, self.url)
        return self.model_copy(update={"url": f"ws{url.removeprefix('http')}"})
