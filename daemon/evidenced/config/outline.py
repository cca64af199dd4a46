"""The JSON Schema of the configuration, asked about the value at a path."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evidenced.config.problem import Key, Path

Schema = Mapping[str, Any]


class Outline:
    """Which keys may stand where, and what they mean."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def keys(self, path: Path) -> Sequence[str]:
        """The keys that the section at a path may have; none where no section stands there."""
        return [key for node in self._at(path) for key in node.get("properties", ())]

    def meaning(self, path: Path) -> str:
        """The first sentence of the description of the key at a path, to go on with."""
        described = [node["description"] for node in self._at(path) if "description" in node]
        sentence = described[0].split(". ")[0].rstrip(".") if described else "a value"
        return sentence[:1].lower() + sentence[1:]

    def is_secret(self, path: Path) -> bool:
        """Whether the value at a path is never to be shown.

        Nor is one that stands in such a value, but where the schema knows it to be something else.
        """
        nearest = next(
            nodes for length in range(len(path), -1, -1) if (nodes := self._at(path[:length]))
        )
        return any(node.get("writeOnly", False) for node in nearest)

    def sections_with(self, key: str, path: Path) -> Iterator[Path]:
        """The sections above and right below the one at a path that know this key."""
        above = [path[:length] for length in range(len(path) - 1, -1, -1)]
        below = [(*path, name) for name in self.keys(path)]
        yield from (section for section in (*below, *above) if key in self.keys(section))

    def _at(self, path: Path) -> list[Schema]:
        """All schemas that the value at a path may have to meet."""
        nodes = list(self._resolved(self._schema))
        for step in path:
            nodes = [
                found
                for node in nodes
                for inner in _below(node, step)
                for found in self._resolved(inner)
            ]
        return nodes

    def _resolved(self, node: Schema) -> Iterator[Schema]:
        """A schema, the one that it refers to, and the alternatives in it."""
        yield node
        if "$ref" in node:
            yield from self._resolved(self._schema["$defs"][node["$ref"].rpartition("/")[2]])
        for alternative in node.get("anyOf", ()):
            yield from self._resolved(alternative)


def _below(node: Schema, step: Key) -> Iterator[Schema]:
    if isinstance(step, int):
        if "items" in node:
            yield node["items"]
    elif step in node.get("properties", {}):
        yield node["properties"][step]
    elif isinstance(node.get("additionalProperties"), dict):
        yield node["additionalProperties"]
    else:
        yield from node.get("patternProperties", {}).values()
