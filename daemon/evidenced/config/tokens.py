"""The tokens that callers of the daemon must show."""

from pydantic import (
    Field,
    ValidationInfo,
    field_validator,
)

from evidenced.config.base import Section
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.types import Secret


class Tokens(Section):
    """Tokens that callers of the daemon must show; without one, what it guards is off."""

    admin_file: FilePath | None = Field(
        default=None,
        description="A file with the token for what changes the daemon (a reload, maintenance, "
        "a drill).",
    )
    admin: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )
    push_file: FilePath | None = Field(
        default=None,
        description="A file with the token for pushes to checks that have none of their own.",
    )
    push: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )

    @field_validator("admin", "push")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)
