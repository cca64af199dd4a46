import json
from dataclasses import replace

import pytest

from evidenced.evidence.canonical import canonical
from evidenced.evidence.records import JSON
from evidenced.watch.drill import Drill, Ending
from evidenced.watch.drill_keeping import (
    drill_evidence,
    drill_forgotten,
    drill_saved,
    restored_drills,
)
from evidenced.watch.verdict import Standing

CART = Drill(claim="cart", section="stable", began=1.5, until=301.5, who="ann", why="new phone")
WRITTEN: dict[str, JSON] = json.loads(canonical(drill_saved(CART).state))
OVER = replace(CART, ended=200.0, ending=Ending.HAND, ended_by="bob")


def test_a_start_and_an_end_are_marked_and_lead_to_how_the_claim_truly_stands() -> None:
    began = drill_evidence(CART, Standing.VERIFIED)
    over = drill_evidence(OVER, Standing.STALE)
    assert began.drill
    assert over.drill
    assert (began.at, began.before, began.standing) == (1.5, "verified", "contradicted")
    assert (over.at, over.before, over.standing) == (200.0, "contradicted", "stale")
    for record in (began, over):
        assert (record.claim, record.section, record.check) == ("cart", "stable", "")
        told = record.proof["drill"]
        assert isinstance(told, dict)
        assert (told["who"], told["why"], told["until"]) == ("ann", "new phone", 301.5)
    assert json.loads(canonical(over.proof))["drill"] | {"ended": 0} == {
        "began": 1.5,
        "until": 301.5,
        "who": "ann",
        "why": "new phone",
        "ended": 0,
        "ending": "hand",
        "ended_by": "bob",
    }


@pytest.mark.parametrize("drill", [CART, OVER], ids=["on", "over"])
def test_a_drill_comes_back_as_it_was(drill: Drill) -> None:
    saved = drill_saved(drill)
    state = json.loads(canonical(saved.state))
    assert restored_drills({(saved.kind, saved.name): state}) == {"cart": drill}


def test_what_is_forgotten_takes_the_place_of_what_was_saved() -> None:
    saved, forgotten = drill_saved(CART), drill_forgotten("cart")
    assert (saved.kind, saved.name) == (forgotten.kind, forgotten.name)
    assert forgotten.state is None


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({}, id="no keys"),
        pytest.param({**WRITTEN, "until": "soon"}, id="no number"),
        pytest.param({**WRITTEN, "ended": 2.0, "ending": "boredom"}, id="another ending"),
    ],
)
def test_what_cannot_be_read_does_not_come_back(state: JSON) -> None:
    kept = {("drill", "search"): state, ("drill", "cart"): WRITTEN}
    assert restored_drills(kept) == {"cart": CART}


def test_other_kinds_are_no_drills() -> None:
    assert restored_drills({("maintenance", "cart"): drill_saved(CART).state}) == {}
