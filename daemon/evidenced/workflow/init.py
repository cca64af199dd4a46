"""A first configuration for a ledger: what its sentences give, and what is left to be written."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidenced.ledger.model import Http, Item, Ledger
from evidenced.watch.derive import SAFE_METHODS, derive
from evidenced.workflow.markdown import one_line

_UNIT = re.compile(r"(?<![\w@.-])[A-Za-z0-9][\w@.-]{0,80}\.service\b")
_PATTERN = frozenset("{}<>*[]$")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a first configuration is made of; the paths as they are to be written in it."""

    ledger: Ledger
    path: str
    repository: str
    base_url: str


def first_config(made_of: Beginning) -> str:
    """The text of a configuration (YAML): the ledger, and the claims that nothing speaks for.

    These stand in comments, each with the check that a sentence of it allows, where one does:
    without its first two characters on each line, that block is a part of the configuration.
    """
    checks, underived = derive(made_of.ledger, made_of.base_url)
    spoken_for = {claim for check in checks for claim in check.claims}
    silent = [item for item in made_of.ledger.claims if item.id not in spoken_for]
    lines = [
        *_head(made_of),
        *(f"#   line {u.line}: {one_line(u.phrase)} ({one_line(u.why)})" for u in underived),
    ]
    if underived:
        lines.insert(len(lines) - len(underived), "# What is said there and gives no check:")
    return "\n".join([*lines, "", *_silent(silent, len(checks))]) + "\n"


def _head(made_of: Beginning) -> Iterator[str]:
    yield "# What evidenced looks at; every key: CONFIGURATION.md. `evidenced validate` says"
    yield "# whether it is sound, `evidenced plan` what is looked at, `evidenced check` looks once."
    yield ""
    yield "# Relative paths begin at the folder of this file."
    yield "ledger:"
    yield f"  path: {_quoted(made_of.path)}"
    yield f"  repository: {_quoted(made_of.repository)}"
    yield f"  base_url: {_quoted(made_of.base_url)}"
    yield '  derive: true  # sentences of STABLE such as "/cart returns 200" become checks'
    yield ""
    yield "defaults:"
    yield "  interval: 60s"
    yield "  timeout: 10s"
    yield ""


def _silent(items: Iterable[Item], derived: int) -> Iterator[str]:
    made = "1 check is" if derived == 1 else f"{derived} checks are"
    yield f"# {made} made of the ledger's sentences."
    items = list(items)
    if not items:
        yield "# Something speaks for every claim."
        return
    yield f"# Nothing speaks for {len(items)} claims yet. Write checks for those that matter:"
    yield "# without the first two characters of its lines, what follows is a part of this file."
    yield "#"
    yield "# checks:"
    named: set[str] = set()
    empty = True
    for item in items:
        where = f"({item.section.upper()}, line {item.line})"
        yield f"#   # {one_line(item.id)} {where}: {one_line(item.title)}"
        for look in dict.fromkeys(_looks(item)):
            name, number = item.id, 1
            while name in named:
                number += 1
                name = f"{item.id}-{number}"
            named.add(name)
            empty = False
            yield f"#   - name: {_quoted(name)}"
            yield f"#     claims: [{_quoted(item.id)}]"
            yield f"#     {look}"
    if empty:
        yield "#   []"


def _looks(item: Item) -> Iterator[str]:
    """The part of a check that is of its kind, for each thing that can be looked at."""
    for reference in item.references:
        if isinstance(reference, Http) and (look := _http(reference)):
            yield look
    for unit in _UNIT.findall(item.text):
        yield f"systemd: {{unit: {_quoted(unit)}, expect: {{active: active}}}}"


def _http(reference: Http) -> str | None:
    if reference.method not in SAFE_METHODS or _PATTERN.intersection(reference.path):
        return None
    expect = []
    if reference.status is not None:
        expect.append(f"status: {reference.status}")
    if reference.location is not None:
        expect.append(f"location: {_quoted(reference.location)}")
    if reference.contains:
        expect.append(f"body: {{contains: [{', '.join(map(_quoted, reference.contains))}]}}")
    if not expect:
        return None
    method = f", method: {reference.method}" if reference.method != "GET" else ""
    return f"http: {{url: {_quoted(reference.path)}{method}, expect: {{{', '.join(expect)}}}}}"


def _quoted(text: str) -> str:
    """A text as YAML on one line: plain where it cannot be taken for anything else."""
    if re.fullmatch(r"[A-Za-z/][\w./-]*", text, re.ASCII) and text.lower() not in _WORDS:
        return text
    return json.dumps(one_line(text), ensure_ascii=False)


_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
