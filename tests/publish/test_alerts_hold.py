from dataclasses import replace

import pytest

from evidenced.publish.alerts_hold import Lasting, Now, firing, lasting, resumed
from evidenced.publish.alerts_model import Labels, Matter
from evidenced.publish.rules_model import Alert, Severity

START = 1_800_000_000.0
RULE = Alert("EvidencedBrakes", "", Severity.WARNING, "Brakes squeal.", "", hold=120.0)
KEPT = replace(RULE, hold=0.0, keep=60.0)
LABELS = frozenset({("alertname", "EvidencedBrakes"), ("severity", "warning"), ("claim", "brakes")})


def at(seconds: float, clock: float = 0.0) -> Now:
    """A moment so many seconds after the start; `clock` is by how much the clock was set on."""
    return Now(START + seconds + clock, 50.0 + seconds)


def matter(since: float | None = None, patience: float = 0.0, *, of_files: bool = False) -> Matter:
    return Matter(
        "EvidencedBrakes",
        {"claim": "brakes", "empty": ""},
        "They do.",
        None if since is None else START + since,
        patience,
        of_files=of_files,
    )


def after(
    known: dict[Labels, Lasting], now: Now, *matters: Matter, rule: Alert = RULE
) -> dict[Labels, Lasting]:
    return lasting(known, [(one, rule) for one in matters], now)


def test_it_fires_once_it_has_lasted_long_enough() -> None:
    known = after({}, at(0), matter())
    assert not firing(known, at(119))
    known = after(known, at(120), matter())
    (alert,) = firing(known, at(120)).values()
    assert alert.labels == LABELS
    assert alert.annotations == {"summary": "Brakes squeal.", "description": "They do."}
    assert alert.starts == START


def test_patience_is_waited_for_besides() -> None:
    known = after({}, at(0), matter(patience=60.0))
    assert not firing(known, at(179))
    assert firing(known, at(180))


def test_it_begins_anew_after_a_break() -> None:
    known = after({}, at(0), matter())
    known = after(known, at(100))
    known = after(known, at(110), matter())
    assert not firing(known, at(229))
    assert firing(known, at(230))


def test_what_is_over_fires_on_for_as_long_as_its_rule_keeps_it() -> None:
    known = after({}, at(0), matter(), rule=KEPT)
    known = after(known, at(10))
    known = after(known, at(69))
    (alert,) = firing(known, at(69)).values()
    assert alert.starts == START
    assert not after(known, at(70))


def test_what_comes_back_while_it_is_kept_has_never_been_away() -> None:
    known = after({}, at(0), matter(), rule=KEPT)
    known = after(known, at(10))
    known = after(known, at(60), matter(since=55), rule=KEPT)
    known = after(known, at(100))
    known = after(known, at(159))
    (alert,) = firing(known, at(159)).values()
    assert alert.starts == START
    assert not after(known, at(160))


def test_what_did_not_fire_yet_is_not_kept() -> None:
    rule = replace(KEPT, hold=30.0)
    known = after({}, at(0), matter(), rule=rule)
    assert not after(known, at(29))
    assert firing(after(known, at(31)), at(31))


def test_a_clock_that_is_set_ends_nothing_that_is_kept() -> None:
    known = after({}, at(0), matter(), rule=KEPT)
    known = after(known, at(10, clock=3600))
    assert firing(after(known, at(20, clock=-3600)), at(20, clock=-3600))


def test_it_starts_when_it_became_so_and_not_when_that_changes() -> None:
    known = after({}, at(0), matter(since=-30))
    known = after(known, at(120), matter(since=110))
    (alert,) = firing(known, at(120)).values()
    assert alert.starts == START - 30


def test_what_is_to_come_has_not_started() -> None:
    known = after({}, at(0), matter(since=500))
    assert firing(known, at(120))[LABELS].starts == START


def test_a_clock_that_is_set_makes_nothing_fire() -> None:
    known = after({}, at(0), matter())
    assert not firing(after(known, at(1, clock=3600), matter()), at(1, clock=3600))
    assert firing(known, at(121, clock=-3600))


@pytest.mark.parametrize(
    ("since", "alive", "fires"),
    [
        (-600.0, -5.0, True),
        (-600.0, None, False),
        (-600.0, -301.0, False),
        (-125.0, -5.0, True),
        (-124.0, -5.0, False),
        (None, -5.0, False),
        (-600.0, 100.0, False),
    ],
    ids=[
        "it fired and goes on",
        "no daemon before",
        "the alert has expired",
        "it had just begun to fire",
        "it was about to fire",
        "nobody knows since when",
        "the clock was set back",
    ],
)
def test_after_a_restart(since: float | None, alive: float | None, fires: bool) -> None:
    found = after({}, at(0), matter(since=since))
    known = resumed(found, None if alive is None else START + alive, at(0), expire=300.0)
    assert bool(firing(known, at(0))) is fires
    assert firing(known, at(120))


@pytest.mark.parametrize(("alive", "fires"), [(-5.0, True), (None, False), (-301.0, False)])
def test_what_is_in_files_goes_on_after_a_restart(alive: float | None, fires: bool) -> None:
    found = after({}, at(0), matter(of_files=True))
    known = resumed(found, None if alive is None else START + alive, at(0), expire=300.0)
    assert bool(firing(known, at(0))) is fires
