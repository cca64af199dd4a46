"""Which item of the ledger a topic is about, and by what.

A match is scored from 0 to 1: the harmonic mean (F1) of how much of the topic the item has, and how
much of the item's title the topic has. Words weigh by how rare they are in the ledger (inverse
document frequency), so that what all items share proves little. Words of an item's text count for
half, and never for its title. A pull request that the item cites, and its id, stand by themselves.

A false match with a claim costs more than one that is missed: a single word of its title is none
where the topic says something else besides.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evidenced.ledger.model import CLAIMED, Item, PullRequest
from evidenced.ledger.slug import slug
from evidenced.workflow.matching_words import Topic, is_slip, is_work, stem, topic_of, words

MATCH = 0.5
"""The score from which on a topic is about an item; below it is only near."""

MARGIN = 0.1
"""Scores that are no further than this from the best are as good: which one is meant is open."""

NEAR = 0.2
"""The score from which on an item that is not meant is still shown as near."""

_IN_TEXT, _SLIP, _WORK, _TEXT_ONLY = 0.5, 0.8, 0.25, 0.8
_CITED, _EXACT, _ALONE = 0.9, 0.999, 0.45
_NUMBERED = 0.6


@dataclass(frozen=True, slots=True)
class Match:
    """An item that a topic may be about: the score, and what of the topic speaks for it."""

    item: Item
    score: float
    by: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the topic is its very title or id."""
        return self.score >= _EXACT


@dataclass(frozen=True, slots=True)
class Matching:
    """The items that are near to a topic, best first."""

    topic: Topic
    matches: tuple[Match, ...]

    @property
    def best(self) -> Match | None:
        """The item that the topic is about, or None."""
        return next((one for one in self.matches if one.score >= MATCH), None)

    @property
    def tied(self) -> tuple[Match, ...]:
        """The best and those that are as good as it; with an exact match only others such are."""
        best = self.best
        if best is None:
            return ()
        floor = _EXACT if best.exact else max(MATCH, best.score - MARGIN)
        return tuple(one for one in self.matches if one.score >= floor)

    @property
    def near(self) -> tuple[Match, ...]:
        """Those that are not meant."""
        return self.matches[len(self.tied) :]


@dataclass(frozen=True, slots=True)
class _Words:
    """An item's words by their stems; `joined` are neighbours in the title written as one."""

    item: Item
    title: Mapping[str, str]
    joined: Mapping[str, frozenset[str]]
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sought:
    """A word of a topic: `joined` are the stems of it written as one with its neighbours, `meant`
    the words of titles that it may be a slip for."""

    word: str
    root: str
    weight: float
    joined: tuple[str, ...]
    meant: frozenset[str]


@dataclass(slots=True)
class _Found:
    """What of a topic an item has, which stems of its title that covers, and what it lacks."""

    topic: float = 0.0
    covered: set[str] = field(default_factory=set)
    title: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    lacking: int = 0


def match(said: str, items: Iterable[Item]) -> Matching:
    """Hold a topic against items. Pure, and quick enough for thousands of items."""
    topic = topic_of(said)
    read = [_read(item) for item in items]
    weigh = _weights(read)
    sought = _seek(topic.words, read, weigh)
    found = [
        one for words_of in read if (one := _match(topic, sought, words_of, weigh)).score >= NEAR
    ]
    return Matching(topic, tuple(sorted(found, key=lambda one: -one.score)))


@dataclass(frozen=True, slots=True)
class _Weights:
    counts: Mapping[str, int]
    items: int

    def __call__(self, root: str, word: str) -> float:
        rarity = math.log(1 + self.items / (self.counts.get(root) or 0.5))
        return rarity * (_WORK if is_work(word) else 1.0)


def _read(item: Item) -> _Words:
    title = words(item.title)
    return _Words(
        item,
        {stem(word): word for word in title},
        {stem("".join(run)): frozenset(map(stem, run)) for run in _runs(title)},
        {stem(word): word for word in words(item.text)},
    )


def _weights(read: Sequence[_Words]) -> _Weights:
    counts = Counter(root for one in read for root in {*one.title, *one.text})
    return _Weights(counts, len(read))


def _match(topic: Topic, sought: Sequence[_Sought], one: _Words, weigh: _Weights) -> Match:
    cited = {ref.ref for ref in one.item.references if isinstance(ref, PullRequest)}
    if pulls := [f"PR #{number}" for number in topic.pulls if number in cited]:
        return Match(one.item, _CITED if topic.words else 1.0, tuple(pulls))
    if slug(topic.said) == one.item.id:
        return Match(one.item, 1.0, (f"its id {one.item.id}",))
    found = _hold(sought, one)
    whole = sum(word.weight for word in sought)
    title = sum(weigh(root, word) for root, word in one.title.items())
    if not whole or not title:
        return Match(one.item, 0.0, ())
    said = found.topic / whole
    text = f"{', '.join(found.text)} in its text"
    if not found.covered:
        # What stands in the text alone brings an item near, and is never enough.
        return Match(one.item, _TEXT_ONLY * said, (text,))
    covered = sum(weigh(root, one.title[root]) for root in found.covered) / title
    by = [f"{', '.join(found.title)} in its title", *([text] if found.text else [])]
    score = 2 * said * covered / (said + covered)
    if one.item.section in CLAIMED and found.lacking and len(found.covered) == 1:
        score = min(score, _ALONE)
    if not found.lacking and _serial(one) <= found.covered:
        score = max(score, _NUMBERED)
    return Match(one.item, score, tuple(by))


def _serial(one: _Words) -> set[str]:
    """The stems of a title such as `Stage 2 …` that number it, or all of them."""
    begin = list(one.title.items())[:2]
    numbered = len(begin) == 2 and is_work(begin[0][1]) and any(map(str.isdigit, begin[1][1]))
    return {root for root, _ in begin} if numbered else set(one.title)


def _hold(topic: Sequence[_Sought], one: _Words) -> _Found:
    """Look for each word of the topic in the title, else in the text, of an item."""
    found = _Found()
    for sought in topic:
        if in_title := _in_title(sought, one):
            found.covered.update(in_title)
            found.topic += sought.weight
            found.title.append(sought.word)
        elif sought.root in one.text:
            found.topic += sought.weight * _IN_TEXT
            found.text.append(sought.word)
        elif meant := next((w for w in one.title.values() if w in sought.meant), None):
            found.covered.add(stem(meant))
            found.topic += sought.weight * _SLIP
            found.title.append(f"{sought.word} (for {meant})")
        elif not is_work(sought.word):
            found.lacking += 1
    return found


def _in_title(sought: _Sought, one: _Words) -> Iterable[str]:
    """The stems of the title that a word covers, by itself or written as one with neighbours."""
    if sought.root in one.title:
        return (sought.root,)
    if sought.root in one.joined:
        return one.joined[sought.root]
    return [root for root in sought.joined if root in one.title]


def _runs(found: Sequence[str]) -> Iterator[Sequence[str]]:
    """Two and three words in a row, which somebody may write as one."""
    for size in (2, 3):
        yield from (found[at : at + size] for at in range(len(found) - size + 1))


def _seek(topic: Sequence[str], read: Sequence[_Words], weigh: _Weights) -> tuple[_Sought, ...]:
    """The words of a topic, made ready once for all items.

    A word that the ledger has is no slip for another.
    """
    titles = {word: root for one in read for root, word in one.title.items()}
    found = []
    for at, word in enumerate(topic):
        root = stem(word)
        around = (run for run in _runs(topic[max(at - 2, 0) : at + 3]) if word in run)
        meant = (
            ()
            if root in weigh.counts
            else (
                other
                for other, its_root in titles.items()
                if is_slip(word, other) or is_slip(root, its_root)
            )
        )
        joined = tuple(stem("".join(run)) for run in around)
        found.append(_Sought(word, root, weigh(root, word), joined, frozenset(meant)))
    return tuple(found)
