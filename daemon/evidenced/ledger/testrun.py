"""Counts of tests that passed, as people and test runners write them."""

import re
from collections.abc import Iterator

from evidenced.ledger.model import TestRun

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,7})"
_COUNT = rf"(?<![\w.,#/:-])(?P<tests>{_NUMBER})\+?"
_PASSES = r"(?:pass(?:es|ed|ing)?|green|succeed(?:ed|s)?)\b"
_ADVERB = r"(?:(?:now|all|still|are|have|also) ){0,3}"
_NOUN = r"(?:[\w@()&-]{1,40} ){0,4}?(?:tests?|specs)"

_RUN = re.compile(
    # "12 authorization tests pass", "12 of 14 tests pass", "3/3 tests PASS"
    rf"{_COUNT}(?:/\d{{1,7}}| (?:out )?of \d{{1,7}})? {_NOUN} {_ADVERB}{_PASSES}"
    # "21 authorization + 49 CRUD tests PASS", the first of the two
    rf"|{_COUNT.replace('tests', 'first')} (?:[\w-]{{1,40}} ){{0,2}}(?:\+|and|&) "
    rf"(?=\d{{1,7}} {_NOUN} {_ADVERB}{_PASSES})"
    # "Tests: 4 PASS", "E2E tests (local): 3/3 passed", "Tests: 3 E2E PASS"
    r"|\b(?:tests?|specs|suite|e2e)(?: \([^()]{0,80}\))? ?[:=|] ?(?:all )?"
    rf"{_COUNT.replace('tests', 'listed')}(?:/\d{{1,7}}| (?:out )?of \d{{1,7}})? "
    rf"(?:[\w@-]{{1,40}} ){{0,3}}?{_ADVERB}{_PASSES}"
    # "140 tests, 838 assertions, all PASS"
    rf"|{_COUNT.replace('tests', 'summed')} (?:[\w@-]{{1,40}} ){{0,3}}?tests?,? (?:and |with )?"
    rf"(?P<held>{_NUMBER})\+? assertions?,? {_ADVERB}{_PASSES}"
    # The last line of PHPUnit, and of pytest, Jest and Playwright
    r"|\bOK \((?P<phpunit>\d{1,7}) tests?, (?P<phpunit_assertions>\d{1,7}) assertions?\)"
    rf"|{_COUNT.replace('tests', 'passed')} passed(?= ?(?:\(|in \d|, \d|[,.;)|]|$))"
    # "All tests now PASS (42 assertions)"
    rf"|\ball (?:(?!\d)[\w@-]{{1,40}} ){{0,3}}?(?P<all>tests) {_ADVERB}{_PASSES}(?= ?[(,])",
    re.IGNORECASE,
)
_ASSERTIONS = re.compile(
    r"(?: \((?:[^()]{0,60}[ ,])?|,? (?:with |and )?)"
    rf"(?<![\d,])(?P<count>{_NUMBER})\+? assertions?\b",
    re.IGNORECASE,
)


def find_test_runs(text: str) -> Iterator[tuple[int, TestRun]]:
    """Each run of tests that passed, with its offset.

    A count of tests alone, as in "(2 tests)", is none: it does not say that they passed; nor is
    "fixed 8 failing tests". Of "13/14 passed" the 13 count. Where all tests are said to pass and
    only the assertions are counted, the number of tests is None.
    """
    for match in _RUN.finditer(text):
        found = match.groupdict()
        counts = ("tests", "first", "listed", "summed", "phpunit", "passed")
        tests = next((_int(found[name]) for name in counts if found[name]), None)
        held = found["held"] or found["phpunit_assertions"]
        counted = None if held or found["first"] else _ASSERTIONS.match(text, match.end())
        if counted:
            held = counted["count"]
        if tests or (tests is None and held):
            yield match.start(), TestRun(tests, _int(held) if held else None)


def _int(number: str) -> int:
    return int(number.replace(",", ""))
