from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from evidenced.config.check import CheckSettings
from evidenced.config.defaults import Defaults
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.config.timing import effective
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Attempt, Failure, Outcome, Reason
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Origin

MakeCheck = Callable[..., Check]
MakeObservation = Callable[..., Observation]
MakeLedger = Callable[..., Ledger]


@pytest.fixture(scope="session")
def make_check() -> MakeCheck:
    def make(name: str = "cart", claims: tuple[str, ...] = ("cart",), **timing: object) -> Check:
        defaults = Defaults.model_validate({"interval": "60s", **timing})
        settings = HttpSettings(url=f"http://127.0.0.1:9/{name}")
        return Check(
            name=name,
            kind="http",
            target=settings.target,
            claims=claims,
            settings=settings,
            timing=effective(CheckSettings(name=name, http=settings), defaults),
            labels={},
            origin=Origin.CONFIGURED,
        )

    return make


@pytest.fixture(scope="session")
def observe() -> MakeObservation:
    def make(
        check: Check, outcome: str, at: float = 0.0, reason: Reason = Reason.STATUS
    ) -> Observation:
        failure = Failure(reason, "status", f"expected 200, found 500 at {at:g}")
        attempt = Attempt(
            Outcome(outcome), at, 0.0, failure=failure if outcome != "success" else None
        )
        return Observation(check, at, 0.0, (attempt,))

    return make


@pytest.fixture(scope="session")
def make_ledger() -> MakeLedger:
    def make(*stable: Item | str, closed: tuple[Item | str, ...] = ()) -> Ledger:
        def items(section: Section, given: tuple[Item | str, ...]) -> tuple[Item, ...]:
            return tuple(
                one if isinstance(one, Item) else Item(one, section, one.title(), "", line)
                for line, one in enumerate(given, 1)
            )

        return Ledger(
            updated=datetime(2026, 1, 1, tzinfo=UTC),
            sections={
                Section.STABLE: items(Section.STABLE, stable),
                Section.CLOSED: items(Section.CLOSED, closed),
            },
            headings=frozenset(Section),
        )

    return make


@pytest.fixture(scope="session")
def make_config() -> Callable[..., Config]:
    def make(*checks: dict[str, object], **ledger: object) -> Config:
        return Config(
            ledger=LedgerSettings.model_validate({"path": "STATE.md", **ledger}),
            checks=tuple(CheckSettings.model_validate(check) for check in checks),
        )

    return make
