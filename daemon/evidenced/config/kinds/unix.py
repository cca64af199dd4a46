"""The settings of kind `unix`."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from evidenced.config.dialogue import Dialogue
from evidenced.config.files import FilePath
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.stream import StreamExpect, Tls


class UnixSettings(KindSettings):
    """One connection to a Unix socket, with a dialogue where it is asked for."""

    target_key: ClassVar[str | None] = "path"
    target_example: ClassVar[str] = "/run/shop.sock"

    path: FilePath = Field(description="The socket in the file system.")
    tls: Tls = Field(
        default=None,
        description="Whether TLS begins with the connection: `true`, `false`, or which "
        "certificates are trusted; it needs `tls.server_name` where the certificate is verified. "
        "With `starttls` in the dialogue, it begins there.",
    )
    dialogue: Dialogue = Field(default=(), description="What is heard and said, in turn.")
    expect: StreamExpect = Field(
        default=StreamExpect(), description="What the connection must be like, beside open."
    )

    @property
    def target(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def late_tls(self) -> bool:
        """Whether TLS begins in the middle of the connection."""
        return any(step.starttls for step in self.dialogue)

    @property
    def secure(self) -> bool:
        """Whether TLS begins at any time."""
        return self.tls is not None or self.late_tls

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if self.expect.certificate is not None and not self.secure:
            raise ValueError("found expect.certificate without TLS, expected tls: true or starttls")
        named = self.tls is not None and (not self.tls.verify or self.tls.server_name)
        if self.secure and not named:
            raise ValueError("found TLS without tls.server_name, expected the name to verify")
        return self
