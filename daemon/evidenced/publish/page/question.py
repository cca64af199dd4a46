"""What of the claims a page shows: words, section, standing, and which page of a section."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from evidenced.ledger.model import Item, Section
from evidenced.watch.verdict import Standing

LONGEST = 200
"""Characters of the words that are searched for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for in the query string; all that is not understood there is as if not said."""

    words: str = ""
    section: Section | None = None
    standing: Standing | None = None
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """The question of a query string."""
        section, standing, page = None, None, 1
        with suppress(ValueError):
            section = Section(query.get("section", ""))
        with suppress(ValueError):
            standing = Standing(query.get("standing", ""))
        with suppress(ValueError):
            page = min(max(int(query.get("page", "1")[:6]), 1), 100_000)
        return cls(" ".join(query.get("q", "")[:LONGEST].split()), section, standing, page)

    @property
    def asks(self) -> bool:
        """Whether it asks for less than all."""
        return bool(self.words or self.section or self.standing)

    def matches(self, item: Item) -> bool:
        """Whether an item has all the words, in its id, its title or its text."""
        if not self.words:
            return True
        text = f"{item.id}\n{item.title}\n{item.text}".casefold()
        return all(word in text for word in self.words.casefold().split())

    def with_page(self, section: Section, page: int) -> "Question":
        """The same for one page of one section."""
        return replace(self, section=section, page=page)

    @property
    def href(self) -> str:
        """The address of the page that answers it."""
        parts = {
            "q": self.words,
            "section": self.section.value if self.section else "",
            "standing": self.standing.value if self.standing else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return f"/?{query}" if query else "/"
