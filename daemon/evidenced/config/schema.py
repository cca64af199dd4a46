"""The JSON Schema of the configuration, and the reference in Markdown that is made of it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from evidenced.config.model import Config
from evidenced.config.reference import render
from evidenced.config.types import DURATION_PATTERN, shown_duration

_DURATION = f"^{DURATION_PATTERN}$"


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat the names of keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401
        return False


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a configuration file, its defaults as a person writes them.

    A text with a variable such as `${INTERVAL}` in it is allowed by `load`, but not by the schema
    where the variable stands for a number, a truth value or a duration.
    """
    schema = Config.model_json_schema(schema_generator=_Untitled)
    for section in (schema, *schema["$defs"].values()):
        for key in section.get("properties", {}).values():
            _tidy(key)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "evidenced"}


def _tidy(key: dict[str, Any]) -> None:
    """Write a default as it stands in a file, drop one that says nothing, allow no other names."""
    if "patternProperties" in key:
        key["additionalProperties"] = False
    default = key.get("default")
    if default is None or "$ref" in key:
        key.pop("default", None)
    elif key.get("pattern") == _DURATION:
        key["default"] = shown_duration(default)


def reference() -> str:
    """CONFIGURATION.md: every key with its type, its default and its meaning."""
    return render(json_schema())
