"""The settings of the store: where records are kept, and for how long."""

from pydantic import Field, ValidationInfo, field_validator

from evidenced.config.base import Section
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.types import PositiveDuration, Secret, Size

DEFAULT_URL = "sqlite:///evidence.db"

_SCHEMES = ("sqlite:///", "sqlite+aiosqlite:///", "postgresql://", "postgresql+asyncpg://")


class StoreSettings(Section):
    """Where evidence is kept, and for how long."""

    url_file: FilePath | None = Field(
        default=None, description="A file with the address, which may have a password in it."
    )
    url: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That address itself, `sqlite:///FILE` relative to the state directory or "
        f"`postgresql+asyncpg://USER@HOST/DATABASE`; it is never written to a log. `{DEFAULT_URL}` "
        "where neither is set.",
    )
    keep: PositiveDuration = Field(default=400 * 86_400.0, description="How long records are kept.")
    max_size: Size | None = Field(
        default=None,
        description="How much may be kept: beyond it the oldest records are let go of early.",
    )

    @field_validator("url")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        url = secret_beside(value, info)
        if url is not None and not url.reveal().startswith(_SCHEMES):
            raise ValueError("expected sqlite:///FILE or postgresql+asyncpg://HOST/DATABASE")
        return url

    @property
    def address(self) -> str:
        """The address in full, with any password in it: for the store alone."""
        return self.url.reveal() if self.url is not None else DEFAULT_URL
