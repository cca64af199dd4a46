"""The reference of the configuration as Markdown, made of its JSON Schema.

The words around the tables stand in reference.md beside this module, the examples of the sections
in examples.py.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from evidenced.config.check import KINDS, CheckSettings
from evidenced.config.defaults import RETRY_PATTERN
from evidenced.config.examples import EXAMPLES
from evidenced.config.expect import STATUS_PATTERN
from evidenced.config.http import ADDRESS_PATTERN, BASE_PATTERN, ORIGIN_PATTERN
from evidenced.config.types import DURATION_PATTERN, SIZE_PATTERN

Schema = Mapping[str, Any]

_MARK = "<!-- sections -->\n"
_KEYS_MARK = "<!-- target keys -->\n"
_HEADINGS = {
    "Config": "The top of the file",
    "Comparison": "Conditions on a value",
    "SecretFile": "A secret in a file of its own",
    "CountRange": "How many",
    "SizeRange": "How large",
}
_LINKED = {
    "SecretFile": "its file",
    "Comparison": "conditions",
    "CountRange": "count",
    "SizeRange": "size, at least or at most",
}

# Texts that have a name of their own, by their pattern.
_NAMED = {
    f"^{DURATION_PATTERN}$": "[duration](#durations-and-sizes)",
    f"^{SIZE_PATTERN}$": "[size](#durations-and-sizes)",
    f"^(?:{STATUS_PATTERN})$": "status",
    ADDRESS_PATTERN: "address or path",
    ORIGIN_PATTERN: "address",
    BASE_PATTERN: "address",
    f"^(?:{RETRY_PATTERN})$": "reason or status",
    r"^\$": "[JSONPath](#patterns-and-jsonpaths)",
}
_FORMATS = {"regex": "[pattern](#patterns-and-jsonpaths)", "path": "path"}
_ASIDE = ("null", "array")
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


def render(schema: Schema) -> str:
    """The whole page."""
    template = (files("evidenced.config") / "reference.md").read_text("utf-8")
    before, after = template.replace(_KEYS_MARK, _target_keys()).split(_MARK)
    return before + _Page(schema).sections() + after


def _target_keys() -> str:
    """A table of the keys that targets fill in, by kind."""
    keys = {kind: CheckSettings.settings_of(kind).target_key for kind in KINDS}
    lines = [f"| `{kind}` | `{key}` |\n" for kind, key in keys.items() if key]
    return "".join(("| kind | key |\n", "| --- | --- |\n", *lines))


class _Page:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._headings: dict[str, str] = {}
        self._find("Config", schema, "")

    def sections(self) -> str:
        """Each section once, in the order in which its first key stands."""
        return "\n".join(self._section(name) for name in self._headings)

    def _find(self, name: str, section: Schema, place: str) -> None:
        """Note the heading of a section and of those below it."""
        if name in self._headings:
            return
        self._headings[name] = _HEADINGS.get(name, f"`{place}`")
        for key, node in section["properties"].items():
            for below, mark in _references(node):
                inner = f"{place}.{key}{mark}" if place else f"{key}{mark}"
                self._find(below, self._schema["$defs"][below], inner)

    def _section(self, name: str) -> str:
        section = self._schema if name == "Config" else self._schema["$defs"][name]
        needed = section.get("required", ())
        lines = [f"### {self._headings[name]}", "", section["description"], ""]
        lines += ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        for key, node in section["properties"].items():
            default = "**needed**" if key in needed else _default(node.get("default"))
            cells = (f"`{key}`", self._type(node), default, node["description"])
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        if name in EXAMPLES:
            lines += ["", "```yaml", EXAMPLES[name].strip("\n"), "```"]
        return "\n".join(lines) + "\n"

    def _type(self, node: Schema) -> str:
        if "$ref" in node:
            return self._link(node["$ref"].rpartition("/")[2])
        if "anyOf" in node:
            return self._one_of(node["anyOf"])
        if node.get("pattern") in _NAMED:
            return _NAMED[node["pattern"]]
        if node.get("writeOnly") and "pattern" not in node:
            return "secret"
        if node.get("format") in _FORMATS:
            return _FORMATS[node["format"]]
        if node.get("type") == "array":
            return f"list of {self._type(node['items'])}"
        if node.get("type") == "object":
            return self._mapping(node)
        return _TYPES.get(node.get("type", ""), "any value")

    def _one_of(self, nodes: list[Schema]) -> str:
        linked = [node for node in nodes if "$ref" in node]
        if linked and any(node.get("writeOnly") for node in nodes):
            return f"secret or {self._type(linked[0])}"
        if linked:
            return self._type(linked[0])
        lists = [node for node in nodes if node.get("type") == "array"]
        names = {self._type(node): None for node in nodes if node.get("type") not in _ASIDE}
        # A number among named texts is one of them written without its unit or class.
        if any(name in names for name in _NAMED.values()):
            names.pop("whole number", None)
        return " or ".join(names) + (", or a list of them" if lists else "")

    def _mapping(self, node: Schema) -> str:
        pattern, values = next(
            iter(node.get("patternProperties", {}).items()), ("", node["additionalProperties"])
        )
        return f"mapping of {_NAMED.get(pattern, 'name')} to {self._type(values)}"

    def _link(self, name: str) -> str:
        heading = self._headings[name]
        return f"[{_LINKED.get(name, 'section')}](#{slug(heading)})"


def slug(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _references(node: Schema) -> Iterator[tuple[str, str]]:
    """The sections that a key leads to, with what is written after the key."""
    if "$ref" in node:
        yield node["$ref"].rpartition("/")[2], ""
    for inner in node.get("anyOf", ()):
        yield from _references(inner)
    entries = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    for inner in (node.get("items"), *entries):
        if isinstance(inner, dict):
            yield from ((name, "[]" + mark) for name, mark in _references(inner))


def _default(value: object) -> str:
    if value in (None, [], {}):
        return "—"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"
