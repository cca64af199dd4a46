"""The JSON Schema of the configuration, and the reference in Markdown that is made of it."""

from functools import lru_cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from evidenced.config.base import Section
from evidenced.config.check import KINDS, CheckSettings
from evidenced.config.model import Config
from evidenced.config.outline import Outline
from evidenced.config.reference import render
from evidenced.config.types import DURATION_PATTERN, shown_duration

_DURATION = f"^{DURATION_PATTERN}$"


class _Untitled(GenerateJsonSchema):
    """Without the titles that only repeat the names of keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401
        return False


def json_schema(of: type[Section] = Config) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a configuration file, its defaults as a person writes them.

    `of` is what the file is. A text with a variable such as `${INTERVAL}` in it is allowed by
    `load`, but not by the schema where the variable stands for a number, a truth value or a
    duration.
    """
    schema = _described(of)
    _allow_targets(schema["$defs"])
    return schema


def _described(of: type[Section]) -> dict[str, Any]:
    schema = of.model_json_schema(schema_generator=_Untitled)
    for section in (schema, *schema["$defs"].values()):
        for key in section.get("properties", {}).values():
            _tidy(key)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "evidenced"}


def _allow_targets(sections: dict[str, Any]) -> None:
    """Ask for the key that names a target only where no `targets` and no `discovery` fill it in."""
    check = sections["CheckSettings"]
    needed: dict[str, Any] = {}
    for kind in KINDS:
        settings = CheckSettings.settings_of(kind)
        section, key = sections[settings.__name__], settings.target_key
        asked = {name: section.pop(name) for name in ("anyOf", "oneOf") if name in section and key}
        if key in section.get("required", ()):
            asked["required"] = [key]
            section["required"] = [name for name in section["required"] if name != key]
        if asked:
            needed[kind] = asked
    check["if"] = {"anyOf": [{"required": ["targets"]}, {"required": ["discovery"]}]}
    check["else"] = {"properties": needed}


def _tidy(key: dict[str, Any]) -> None:
    """Write a default as it stands in a file, drop one that says nothing, allow no other names."""
    if "patternProperties" in key:
        key["additionalProperties"] = False
    default = key.get("default")
    if default is None or "$ref" in key:
        key.pop("default", None)
    elif key.get("pattern") == _DURATION:
        key["default"] = shown_duration(default)


@lru_cache(maxsize=8)
def outline_of(of: type[Section] = Config) -> Outline:
    """The schema of a section to be asked; it is always the same, and takes long to make."""
    return Outline(json_schema(of))


def reference() -> str:
    """CONFIGURATION.md: every key with its type, its default and its meaning."""
    return render(_described(Config))
