"""What is kept of facts and of the last report comes back as it was."""

import json
from dataclasses import replace

from evidenced.evidence.records import Saved
from evidenced.workflow.report import CheckFacts, Earlier, Judged, Moved
from evidenced.workflow.report_facts import Told, facts_saved, report_saved, restored_told

FACTS = CheckFacts(
    name="ovens",
    kind="http",
    target="http://10.0.0.9/",
    result="failure",
    every=60.0,
    within=0.25,
    failure="status: expected 200, found 503",
    details=(("status", "503"), ("TLS", "TLSv1.3")),
    judged=(Judged("status", False, "200", "503"), Judged("latency", True, "3s")),
)
LAST = Earlier(
    made=100.0,
    standings={"bread": ("verified", 20.0), "till": ("unverified", None)},
    results={"ovens": "failure"},
    within={"ovens": 0.25},
    moved=(Moved("claim", "bread", "contradicted", "verified"),),
    between=(40.0, 100.0),
)


def stored(one: Saved) -> Saved:
    """As the store gives it back."""
    return replace(one, state=json.loads(json.dumps(one.state)))


def test_all_comes_back_from_the_store() -> None:
    bare = CheckFacts("till", "tcp", "10.0.0.9:80", "not looked at", 30.0)
    told = restored_told(map(stored, [facts_saved(FACTS), facts_saved(bare), report_saved(LAST)]))
    assert told == Told({"ovens": FACTS, "till": bare}, LAST)
    first = replace(LAST, between=None, moved=())
    assert restored_told([stored(report_saved(first))]).last == first


def test_what_another_version_kept_in_another_form_is_left_out() -> None:
    odd = [
        Saved(kind="facts", name="ovens", state=["?"]),
        Saved(kind="facts", name="till", state={"name": "till", "details": [], "judged": []}),
        Saved(kind="report", name="last", state={"made": "today"}),
        Saved(kind="check", name="ovens", state={}),
    ]
    assert restored_told(odd) == Told()
