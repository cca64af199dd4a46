"""Outages come back after a restart as they were."""

import pytest

from evidenced.evidence.records import JSON, Saved
from evidenced.workflow.tracker import Left, Outage
from evidenced.workflow.tracker_keeping import outage_forgotten, outage_saved, restored_outages

OUTAGE = Outage(
    claim="ovens",
    drill=True,
    began=1.5,
    id="a1",
    where="here",
    number=7,
    tried=2.0,
    opened=3.0,
    confirmed=True,
    told="cold",
    said=4.0,
    calm=5.0,
    farewell=6.0,
    left=Left.GONE,
)
BARE = Outage(claim="ovens", drill=False, began=1.0, id="b2", where="here")


def test_they_come_back() -> None:
    kept = [outage_saved(OUTAGE), outage_saved(BARE), Saved(kind="claim", name="x", state={})]
    assert restored_outages(kept) == {OUTAGE.key: OUTAGE, BARE.key: BARE}
    names = {(one.kind, one.name) for one in kept[:2]}
    assert names == {(one.kind, one.name) for one in map(outage_forgotten, (OUTAGE.key, BARE.key))}
    assert outage_forgotten(BARE.key).state is None


@pytest.mark.parametrize("state", [None, 5, [], {}, {"claim": "ovens"}, "text"], ids=repr)
def test_what_another_version_kept_is_left_out(state: JSON) -> None:
    assert restored_outages([Saved(kind="tracker", name="ovens", state=state)]) == {}
