"""The templates, and what they are made of: everything is escaped unless it is our own."""

from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from evidenced.ledger.model import Section
from evidenced.publish.page import text
from evidenced.publish.page.answer import Answer
from evidenced.publish.page.claim import ClaimView
from evidenced.publish.page.headers import Static
from evidenced.publish.page.listing import TITLES, Shown
from evidenced.publish.page.paths import PATHS
from evidenced.publish.page.question import Question
from evidenced.publish.page.rows import Row
from evidenced.watch.verdict import Standing


@dataclass(frozen=True, slots=True)
class Moment:
    """When a page is made (seconds since the epoch), and the mark of how everything looks then."""

    now: float
    mark: str


class Pages:
    """Writes pages and parts of them; safe to be called in any thread."""

    def __init__(self, static: Static) -> None:
        self._environment = Environment(
            loader=PackageLoader("evidenced.publish.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "line": text.line,
            "lines": text.lines,
            "iso": text.iso,
            "utc": text.utc,
            "age": text.age,
            "told": text.told,
            "unmarked": text.unmarked,
        }
        self._environment.globals |= {
            "static": static.href,
            "paths": PATHS,
            "titles": {section: title for section, (title, _) in TITLES.items()},
            "sections": tuple(Section),
            "standings": tuple(Standing),
        }
        for name in self._environment.list_templates(["html"]):
            self._environment.get_template(name)

    def listing(
        self,
        answer: Answer,
        shown: Iterable[Shown],
        question: Question,
        moment: Moment,
        *,
        partial: bool,
    ) -> str:
        """The page of all claims; `partial` where not all of their history is there yet."""
        return self._environment.get_template("listing.html").render(
            answer=answer, shown=tuple(shown), question=question, moment=moment, partial=partial
        )

    def answer(self, answer: Answer, now: float) -> str:
        """The answer alone."""
        return self._environment.get_template("answer.html").render(answer=answer, now=now)

    def row(self, row: Row, now: float) -> str:
        """One row alone."""
        return self._environment.get_template("row.html").render(row=row, now=now)

    def claim(self, view: ClaimView, moment: Moment) -> str:
        """The page of one claim."""
        return self._environment.get_template("claim.html").render(view=view, moment=moment)

    def message(self, title: str, said: str) -> str:
        """A page that says why there is no other one."""
        return self._environment.get_template("message.html").render(title=title, said=said)
