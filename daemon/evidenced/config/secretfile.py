"""A secret where a text may stand: the text itself, or `{file: PATH}` for the file that has it."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticKnownError

from evidenced.config.base import Section
from evidenced.config.files import FileWithSecret, secret_in
from evidenced.config.types import Secret

_ON_ONE_LINE = r"[^\x00-\x08\x0a-\x1f\x7f]*"


class SecretFile(Section):
    """A secret that stands in a file of its own."""

    file: FileWithSecret = Field(
        description="The file; a newline at its end is no part of the secret."
    )


def _secret(value: object, info: ValidationInfo) -> Secret:
    """The secret that is written or that stands in the file named; on one line (RFC 9110, 5.5)."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, dict):
        file = SecretFile.model_validate(value, context=info.context).file
        secret = secret_in(file, info)
    elif isinstance(value, str):
        secret = Secret(value)
    else:
        raise PydanticKnownError("string_type")
    if re.fullmatch(_ON_ONE_LINE, secret.reveal()) is None:
        raise ValueError("expected a text on one line, without control characters")
    return secret


_Written = (
    Annotated[str, Field(pattern=f"^{_ON_ONE_LINE}$", json_schema_extra={"writeOnly": True})]
    | SecretFile
)

SecretLine = Annotated[Secret, BeforeValidator(_secret, json_schema_input_type=_Written)]
"""A secret on one line, which may be empty: the value of a header or of a query's parameter."""
