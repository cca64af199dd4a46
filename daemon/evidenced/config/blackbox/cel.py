"""Expressions in CEL over a JSON document: parsed with the configuration, held against bodies."""

from pydantic.json_schema import JsonSchemaValue

from evidenced.config.types import Compiled


class Cel(Compiled):
    """An expression in CEL (github.com/google/cel-spec) over the variable `body`.

    Raises ValueError where it cannot be parsed.
    """

    __slots__ = ("_program",)
    json_schema: JsonSchemaValue = {"examples": ["body.status == 'ok'"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        # Few configurations have one, and its parser takes 7 MB and a tenth of a second.
        from evidenced.config.blackbox.cel_program import Program

        super().__init__(source)
        self._program = Program(source)

    def holds(self, body: object) -> bool:
        """Whether the expression is true of a JSON document; this may take long.

        Raises ValueError where it cannot be evaluated, or is neither true nor false.
        """
        return self._program.holds(body)
