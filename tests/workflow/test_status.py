"""The status as JSON: of a board as the store brings it back, and of what it is put together."""

from pathlib import Path
from typing import Any

import pytest

from evidenced.config.load import load
from evidenced.evidence.records import JSON, Saved
from evidenced.ledger.lint.model import Linted, Severity, Violation
from evidenced.ledger.parse import read
from evidenced.watch.board import Board, Reading
from evidenced.watch.keeping import fingerprint
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.plan import Plan, make_plan
from evidenced.workflow.gate import Places
from evidenced.workflow.status import Looked, Status, next_one, remembered, status_json

NOW = 1_800_000_000.0
LEDGER = """**Last Updated**: 2026-11-20 08:15 UTC

## CLOSED
- **Kiln door**: shuts. (Closed: 2026-05-02)

## STABLE
- **Glaze list**: /glazes returns 200
- **Kiln**: /kiln returns 200

## IN PROGRESS
- **Wheel hire**: by the hour.

## NEXT
- **Clay order**: by post.
  - **DoD**: /clay returns 200
"""
CONFIG = """
ledger: {path: STATE.md, base_url: "https://pottery.example"}
checks:
  - {name: kiln, claims: [kiln], interval: 1m, http: {url: /kiln}}
  - {name: glazes, claims: [glaze-list], interval: 1m, http: {url: /glazes}}
  - {name: gate-light, interval: 1m, http: {url: /light}}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "evidenced.yaml").write_text(CONFIG, "utf-8")
    config = load(tmp_path / "evidenced.yaml")
    return make_plan(config, read(config.ledger.path))


def kept(plan: Plan, name: str, standing: str, ago: float) -> Saved:
    (check,) = (one for one in plan.checks if one.name == name)
    failing = standing == "contradicted"
    state: dict[str, JSON] = {
        "fingerprint": fingerprint(check),
        "confirmed": standing,
        "confirmed_since": NOW - ago,
        "failures": 3 if failing else 0,
        "successes": 0 if failing else 1,
        "last_verified": NOW - (2 * ago if failing else ago),
        "contradicted": NOW - ago if failing else None,
        "failure": ["status", "status", "expected 200, found 500"] if failing else None,
        "changes": [],
        "flapping_since": None,
        "holding": False,
    }
    return Saved(kind="check", name=name, state=state)


def board_of(plan: Plan, *saved: Saved) -> tuple[Board, float | None]:
    return remembered(plan, {}, Reading(config_loaded=True, config_loaded_at=NOW), saved, NOW)


def said(board: Board, **others: object) -> dict[str, Any]:
    given: dict[str, Any] = {
        "looked": Looked("store", None, "nobody home"),
        "new_proofs": {},
        "verdict": None,
        "linted": Linted(),
        **others,
    }
    return status_json(Status(board=board, places=Places(Path("STATE.md")), made=NOW, **given))


def test_what_was_kept_is_what_is_said(plan: Plan) -> None:
    beat = Saved(kind="daemon", name="beat", state={"at": NOW - 9, "began": NOW - 999})
    claim = Saved(
        kind="claim",
        name="kiln",
        state={"standing": "contradicted", "since": NOW - 60, "contradicted": NOW - 60},
    )
    board, alive = board_of(
        plan,
        kept(plan, "kiln", "contradicted", 60),
        kept(plan, "glazes", "verified", 5),
        kept(plan, "gate-light", "contradicted", 30),
        claim,
        beat,
    )
    found = said(board)
    assert alive == NOW - 9
    (wrong,) = found["contradicted"]
    assert (wrong["id"], wrong["at"], wrong["section"]) == ("kiln", "STATE.md:8", "stable")
    assert wrong["since"] == "2027-01-15T07:59:00.000Z"
    assert wrong["checks"] == [
        {
            "name": "kiln",
            "target": "https://pottery.example/kiln",
            "reason": "status",
            "detail": "expected 200, found 500",
        }
    ]
    facts = found["facts"]
    assert (facts["checks"], facts["verified"], facts["contradicted"]) == (3, 1, 2)
    assert [one["name"] for one in facts["without_claim"]] == ["gate-light"]
    assert facts["last"] == "2027-01-15T07:59:55.000Z"
    assert found["claims"]["verified"] == 1
    assert found["no_daemon"] == "nobody home"


def test_what_is_old_is_stale_and_what_was_never_seen_is_unverified(plan: Plan) -> None:
    board, alive = board_of(plan, kept(plan, "glazes", "verified", 90_000))
    found = said(board)
    assert alive is None
    assert (found["claims"]["stale"], found["claims"]["unverified"]) == (1, 2)
    assert found["contradicted"] == []


def test_state_of_another_form_counts_as_nothing(plan: Plan) -> None:
    odd = [Saved(kind=kind, name="kiln", state=["?"]) for kind in ("check", "claim", "drill")]
    board, alive = board_of(plan, *odd, Saved(kind="daemon", name="beat", state="x"))
    assert alive is None
    assert said(board)["claims"]["unverified"] == 3


def test_the_ledger_the_work_and_the_lint_are_said(plan: Plan) -> None:
    board, _ = board_of(plan)
    broken = Violation("size", Severity.WARNING, 1, "long", "shorten")
    found = said(board, linted=Linted({}, (broken,)), limit=2)
    assert found["ledger"]["updated"] == "2026-11-20T08:15:00.000Z"
    assert [one["at"] for one in found["in_progress"]] == ["STATE.md:11"]
    assert found["next"][0]["done_when"] == ["/clay returns 200"]
    assert (found["in_progress_limit"], found["lint"]) == (2, {"errors": 0, "warnings": 1})
    first = next_one(plan)
    assert first is not None
    assert first.title == "Clay order"


def test_maintenance_is_said_and_a_daemon_says_nothing_of_none(plan: Plan) -> None:
    board, _ = board_of(plan)
    board.begin(Maintenance("kiln", NOW + 60, "new door"), NOW)
    found = said(board, looked=Looked("daemon", NOW))
    assert found["maintenance"] == ["kiln"]
    assert "no_daemon" not in found
