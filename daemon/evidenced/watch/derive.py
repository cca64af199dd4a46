"""Checks made of the sentences in STABLE: "/cart returns 200" can be looked at."""

from dataclasses import dataclass

from evidenced.config.check import CheckSettings
from evidenced.config.http_expect import HttpBodyExpect, HttpExpect
from evidenced.config.kinds.http import HttpSettings
from evidenced.ledger.model import Http, Item, Ledger, Section

SAFE_METHODS = ("GET", "HEAD")
"""The methods that a daemon may send to production on its own (RFC 9110, 9.2.1)."""


@dataclass(frozen=True, slots=True)
class Underived:
    """A phrase of a claim that no check could be made of, and why."""

    claim: str
    line: int
    phrase: str
    why: str


def derive(
    ledger: Ledger, base_url: str
) -> tuple[tuple[CheckSettings, ...], tuple[Underived, ...]]:
    """A check for each answer that a STABLE sentence names, and the phrases that gave none.

    A claim with one path gives a check of the claim's name; with several, the path follows it.
    """
    checks: list[CheckSettings] = []
    underived: list[Underived] = []
    for item in ledger.sections.get(Section.STABLE, ()):
        said = dict.fromkeys(r for r in item.references if isinstance(r, Http))
        looks: dict[Http, HttpSettings] = {}
        for reference in said:
            try:
                looks[reference] = _look(reference, base_url)
            except ValueError as error:
                phrase = f"{reference.method} {reference.path}"
                underived.append(Underived(item.id, item.line, phrase, str(error)))
        checks += [
            CheckSettings(name=name, claims=(item.id,), http=look)
            for name, look in zip(_names(item, list(looks)), looks.values(), strict=True)
        ]
        underived += [
            Underived(item.id, item.line, phrase, "says nothing that can be checked by itself")
            for phrase in item.unread
        ]
    return tuple(checks), tuple(underived)


def _names(item: Item, references: list[Http]) -> list[str]:
    if len(references) == 1:
        return [item.id]
    names: list[str] = []
    for reference in references:
        path = "-".join(part for part in reference.path.strip("/").split("/") if part) or "root"
        name = f"{item.id}-{path}"
        taken = sum(1 for other in names if other == name or other.startswith(f"{name}:"))
        names.append(f"{name}:{taken + 1}" if taken else name)
    return names


def _look(reference: Http, base_url: str) -> HttpSettings:
    """The request that a reference is about, and its answer; ValueError says why there is none."""
    if reference.method not in SAFE_METHODS:
        raise ValueError("is not sent to production unasked; configure a check if it may be")
    if any(mark in reference.path for mark in "{}<>*[]"):
        raise ValueError("is a pattern, not one address")
    expect: dict[str, object] = {}
    if reference.status is not None:
        expect["status"] = (str(reference.status),)
    if reference.location is not None:
        expect["location"] = reference.location
    if reference.contains:
        expect["body"] = HttpBodyExpect(contains=reference.contains)
    if not expect:
        raise ValueError("names no answer")
    try:
        settings = HttpSettings(
            url=reference.path,
            method=reference.method,
            # The sentence is about this path: what another one answers would prove nothing.
            follow_redirects=False,
            expect=HttpExpect.model_validate(expect),
        )
    except ValueError:  # pydantic's message is about a configuration that nobody wrote
        raise ValueError("is no address that can be asked for") from None
    return settings.based_on(base_url)
