"""CSS selectors as lexbor reads them."""

from pydantic.json_schema import JsonSchemaValue

from evidenced.config.types import Compiled


class Selector(Compiled):
    """A CSS selector (Selectors Level 4), such as `[data-testid=product-card]`.

    Raises ValueError where lexbor does not read it.
    """

    __slots__ = ()
    json_schema: JsonSchemaValue = {"minLength": 1, "examples": ["main h1"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        super().__init__(source)
        # Costly to import, and not every command meets a selector.
        from selectolax.lexbor import LexborHTMLParser, SelectolaxError

        try:
            LexborHTMLParser("").css(source)
        except (SelectolaxError, UnicodeEncodeError):
            raise ValueError("expected a CSS selector, such as main h1 or .card") from None
