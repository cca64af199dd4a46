"""What a query string asks for."""

import pytest

from evidenced.ledger.model import Item, Section
from evidenced.publish.page.question import LONGEST, Question
from evidenced.watch.verdict import Standing

ITEM = Item(id="tea-list", section=Section.STABLE, title="Tea list", text="Shows ÄPFEL", line=1)


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ({}, Question()),
        ({"q": "  tea   list "}, Question("tea list")),
        ({"section": "closed", "page": "3"}, Question(section=Section.CLOSED, page=3)),
        ({"standing": "stale"}, Question(standing=Standing.STALE)),
        ({"section": "shut", "standing": "<b>", "page": "-4"}, Question()),
        ({"page": "99999999999999999999"}, Question(page=100_000)),
        ({"page": "two"}, Question()),
        ({"q": "x" * 5000}, Question("x" * LONGEST)),
    ],
)
def test_reading_it(query: dict[str, str], question: Question) -> None:
    assert Question.of(query) == question


@pytest.mark.parametrize(
    ("words", "found"),
    [("", True), ("TEA", True), ("list äpfel", True), ("tea-l", True), ("tea coffee", False)],
)
def test_all_words_must_be_there(words: str, found: bool) -> None:
    assert Question(words).matches(ITEM) is found


def test_its_address_asks_the_same() -> None:
    question = Question("a&b=c", Section.STABLE, Standing.CONTRADICTED, 2)
    assert question.href == "/?q=a%26b%3Dc&section=stable&standing=contradicted&page=2"
    assert Question().href == "/"
    assert question.with_page(Section.CLOSED, 1).href.startswith("/?q=a%26b%3Dc&section=closed&")
