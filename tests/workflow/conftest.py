from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from evidenced.config.check import CheckSettings
from evidenced.config.defaults import Defaults
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.timing import effective
from evidenced.evidence.chain import seal
from evidenced.evidence.records import JSON, Evidence, Head
from evidenced.ledger.model import Document, Item, PullRequest, Section
from evidenced.watch.plan import Check, Origin


@pytest.fixture(scope="session")
def make_check() -> Callable[..., Check]:
    """A check of kind http with these settings."""

    def make(name: str = "ovens", **http: object) -> Check:
        written = HttpSettings.model_validate({"url": "https://bakery.example/ovens", **http})
        check = CheckSettings(name=name, http=written)
        return Check(
            name=name,
            kind="http",
            target=written.target,
            claims=("ovens",),
            settings=written,
            timing=effective(check, Defaults()),
            labels={},
            origin=Origin.CONFIGURED,
        )

    return make


@pytest.fixture(scope="session")
def make_item() -> Callable[..., Item]:
    """The claim about the ovens; closed where a day is given."""

    def make(closed: str | None = None, section: Section | None = None) -> Item:
        return Item(
            id="ovens",
            section=section or (Section.CLOSED if closed else Section.STABLE),
            title="Ovens <b>report</b>",
            text="/ovens returns 200, *always*",
            line=7,
            closed=date.fromisoformat(closed) if closed else None,
            references=(Document("docs/ovens.md"), Document("docs/gone.md"), PullRequest("31")),
        )

    return make


@pytest.fixture(scope="session")
def at() -> Callable[[str], float]:
    """Seconds since the epoch of a time in UTC."""

    def seconds(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    return seconds


@pytest.fixture(scope="session")
def chained(at: Callable[[str], float]) -> Callable[..., tuple[Evidence, ...]]:
    """A sound chain of records: each a time and the standing that the claim then had."""

    def make(
        *changes: tuple[str, str],
        proof: dict[str, JSON] | None = None,
        claim: str = "ovens",
        drill: bool = False,
    ) -> tuple[Evidence, ...]:
        head, before, made = Head(), "unverified", []
        for when, standing in changes:
            record = Evidence(
                at=at(when),
                claim=claim,
                section="stable",
                check="ovens",
                before=before,
                standing=standing,
                proof=proof or {"target": "https://bakery.example/ovens"},
                drill=drill,
            )
            made.append(seal(record, head))
            head, before = Head(made[-1].id, made[-1].hash), standing
        return tuple(made)

    return make
