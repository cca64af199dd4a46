"""All words that `evidenced explain` knows, each with what the reference documents say of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from evidenced.cli.keys import Key, Keys, plain
from evidenced.cli.pages import ALERTS, LINT, STANDINGS, page, parts, rows
from evidenced.config.schema import reference as configuration
from evidenced.ledger.lint.table import RULES
from evidenced.probes.attempt import Reason
from evidenced.publish.reference import reference as metrics
from evidenced.watch.verdict import Standing

MOST = 12
"""Keys that are told of where a word is the end of the paths of several."""

_SAMPLES = ("_bucket", "_sum", "_count", "_created")


class Kind(StrEnum):
    """What a word can be."""

    KEY = "key of the configuration"
    METRIC = "metric"
    ALERT = "alert"
    REASON = "reason of a failure"
    STANDING = "standing"
    RULE = "rule of lint"


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, what it is, the document in which it stands, and what that says."""

    name: str
    kind: Kind
    document: str
    text: str


class Dictionary:
    """All words, read once; `keys` are those of the configuration, by each path to them."""

    def __init__(self) -> None:
        self._reference = Keys(configuration())
        self.keys = tuple(self._reference.all())
        self._words = tuple(_words())

    def explained(self, word: str) -> tuple[Entry, ...]:
        """What a word means, in each of its meanings; nothing where it is unknown.

        A key may be written by the end of its path, with or without indexes; a metric with the
        endings of its samples; an alert without Evidenced.
        """
        wanted = plain(word)
        words = [one for one in self._words if _is_named(one, wanted)]
        keys = self._at(wanted) or self._below_a_name(wanted)
        keys = keys or ([] if words else self._ending(wanted))
        return (*words, *map(self._of_key, keys))

    def nearest(self, word: str) -> list[str]:
        """The names that an unknown word may have been meant for, the nearest first."""
        wanted = plain(word)
        names = {plain(one.name): one.name for one in self._words}
        for key in self.keys:
            names.setdefault(plain(key.path), key.path)
            names.setdefault(plain(key.path).rpartition(".")[2], key.path)
        found = get_close_matches(wanted, names, n=5)
        return list(dict.fromkeys(names[name] for name in found))

    def _at(self, wanted: str) -> list[Key]:
        return [key for key in self.keys if plain(key.path) == wanted]

    def _below_a_name(self, wanted: str) -> list[Key]:
        """The keys of a path in which one step is a name of the operator's own: `claims.cart`."""
        steps = wanted.split(".")
        for at in range(1, len(steps) - 1):
            found = self._at(".".join((*steps[:at], *steps[at + 1 :])))
            if found and ".".join(found[0].path.split(".")[:at]).endswith("[]"):
                return found
        return []

    def _ending(self, wanted: str) -> list[Key]:
        """The keys whose paths end so, each once however many paths lead to it."""
        found: dict[tuple[str, str], Key] = {}
        for key in self.keys:
            if plain(key.path).endswith(f".{wanted}"):
                found.setdefault((key.within, key.row["key"]), key)
        return list(found.values())[:MOST]

    def _of_key(self, key: Key) -> Entry:
        lines = [*key.lines]
        section = self._reference.section(key.section)
        if section is not None:
            lines += ["", section.text]
        return Entry(key.path, Kind.KEY, "CONFIGURATION.md", "\n".join(lines))


def _is_named(entry: Entry, wanted: str) -> bool:
    name = plain(entry.name)
    if entry.kind is Kind.ALERT:
        return wanted in (name, name.removeprefix("evidenced"))
    if entry.kind is Kind.METRIC:
        return name in {wanted, *(wanted.removesuffix(ending) for ending in _SAMPLES)}
    return name == wanted


def _words() -> Iterator[Entry]:
    yield from _headed(STANDINGS, Kind.STANDING, Standing)
    yield from _headed(STANDINGS, Kind.REASON, Reason)
    yield from _headed(ALERTS, Kind.ALERT, None)
    yield from _headed(LINT, Kind.RULE, [rule.id for rule in RULES])
    yield from _metrics()


def _headed(name: str, kind: Kind, words: Iterable[str] | None) -> Iterator[Entry]:
    """The sections of a page whose headings are such words, or names of alerts."""
    known = None if words is None else set(words)
    for part in parts(page(name)):
        heading = part.heading.strip("`")
        if heading in known if known is not None else heading.startswith("Evidenced"):
            yield Entry(heading, kind, f"docs/{name}", part.text)


def _metrics() -> Iterator[Entry]:
    for row in rows(metrics()):
        if "metric" not in row:
            continue
        named = (f"{name}: {row[name]}" for name in ("type", "labels", "unit", "present"))
        lines = [line for line in named if not line.endswith(": ")]
        text = "\n".join([*lines, "", row["meaning"]])
        yield Entry(row["metric"].strip("`"), Kind.METRIC, "METRICS.md", text)
