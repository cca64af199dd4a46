from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.model import Config
from evidenced.ledger.model import Item, Ledger, PullRequest, Section
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Plan, make_plan

Observe = Callable[..., Observation]
MakeLedger = Callable[..., Ledger]
MakeConfig = Callable[..., Config]

READ = Reading(config_loaded=True, config_loaded_at=100.0)


def url(name: str) -> dict[str, object]:
    return {"url": f"http://127.0.0.1:9/{name}"}


def check(name: str, *claims: str, **more: object) -> dict[str, object]:
    return {"name": name, "claims": claims, "http": url(name), **more}


@pytest.fixture
def plan(make_ledger: MakeLedger, make_config: MakeConfig) -> Plan:
    config = make_config(check("cart", "cart"), check("login", "auth"), check("signup", "auth"))
    cited = Item("audit", Section.CLOSED, "Audit", "", 1, references=(PullRequest("7"),))
    return make_plan(config, make_ledger("cart", "auth", "alone", closed=(cited,)))


def board_of(plan: Plan) -> tuple[Board, dict[str, Check]]:
    board = Board.of(plan, {}, READ)
    return board, {name: status.check for name, status in board.checks.items()}


def test_every_claim_is_there_before_the_first_look(plan: Plan) -> None:
    board, _ = board_of(plan)
    assert {name: (c.standing, c.basis) for name, c in board.claims.items()} == {
        "audit": ("unverified", "cited"),
        "cart": ("unverified", "live"),
        "auth": ("unverified", "live"),
        "alone": ("unverified", "none"),
    }


def test_a_claim_is_verified_when_all_of_its_checks_are(plan: Plan, observe: Observe) -> None:
    board, checks = board_of(plan)
    assert board.record(observe(checks["login"], "success", 200)) == ()
    (change,) = board.record(observe(checks["signup"], "success", 230))
    claim = board.claims["auth"]
    assert (change.claim, change.before, change.check, change.at) == (
        claim,
        "unverified",
        "signup",
        230,
    )
    assert (claim.standing, claim.since, claim.last_verified) == ("verified", 230, 200)


def test_a_claim_is_contradicted_when_one_of_its_checks_is(plan: Plan, observe: Observe) -> None:
    board, checks = board_of(plan)
    for name in ("login", "signup", "cart"):
        board.record(observe(checks[name], "success", 200))
    assert board.record(observe(checks["login"], "failure", 260)) == ()
    (change,) = board.record(observe(checks["login"], "failure", 320))
    claim = board.claims["auth"]
    assert (change.claim.standing, change.check) == ("contradicted", "login")
    assert (claim.since, claim.contradicted, claim.last_verified) == (320, 320, 200)
    assert board.claims["cart"].standing == "verified"


def test_runs_and_attempts_are_counted(plan: Plan, observe: Observe) -> None:
    board, checks = board_of(plan)
    for outcome in ("success", "failure", "unknown", "success"):
        board.record(observe(checks["cart"], outcome, 200))
    assert dict(board.checks["cart"].runs) == {"success": 2, "failure": 1, "unknown": 1}
    assert dict(board.checks["cart"].attempts) == {"success": 2, "failure": 1, "unknown": 1}
    assert dict(board.checks["login"].runs) == {"success": 0, "failure": 0, "unknown": 0}


def test_age_makes_a_claim_stale_once(plan: Plan, observe: Observe) -> None:
    board, checks = board_of(plan)
    board.record(observe(checks["cart"], "success", 200))
    assert board.sweep(200 + 300) == ()
    (change,) = board.sweep(200 + 301)
    assert (change.claim.item.id, change.claim.standing) == ("cart", "stale")
    assert board.sweep(200 + 302) == ()


def test_a_new_plan_keeps_what_is_known_of_checks_that_did_not_change(
    plan: Plan, observe: Observe, make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    board, checks = board_of(plan)
    for name in ("cart", "login"):
        board.record(observe(checks[name], "failure", 200))
        board.record(observe(checks[name], "failure", 260))
    config = make_config(check("cart", "cart"), check("login", "auth", interval="30s"))
    changes = board.adopt(make_plan(config, make_ledger("cart", "auth", "new")), {})
    assert board.claims["cart"].standing == "contradicted"
    assert board.claims["cart"].since == 260
    assert [(c.claim.item.id, c.before, c.claim.standing) for c in changes] == [
        ("auth", "contradicted", "unverified")
    ]
    assert set(board.claims) == {"cart", "auth", "new"}
    assert set(board.checks) == {"cart", "login"}


def test_what_a_new_plan_keeps_grows_stale_and_what_it_leaves_out_is_forgotten(
    plan: Plan, observe: Observe, make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    board, checks = board_of(plan)
    for name in ("cart", "login"):
        board.record(observe(checks[name], "success", 200))
    config = make_config(check("cart", "cart"))
    board.adopt(make_plan(config, make_ledger("cart")), {})
    (change,) = board.sweep(200 + checks["cart"].timing.max_age + 1)
    assert (change.claim.item.id, change.claim.standing) == ("cart", "stale")


def test_an_observation_of_a_check_that_changed_meanwhile_is_dropped(
    plan: Plan, observe: Observe, make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    board, checks = board_of(plan)
    changed = make_config(check("cart", "cart", interval="30s"))
    board.adopt(make_plan(changed, make_ledger("cart")), {})
    assert board.record(observe(checks["cart"], "success", 200)) == ()
    assert board.record(observe(checks["login"], "success", 200)) == ()
    assert board.checks["cart"].last is None


def test_missing_documents_stand_with_the_claim(plan: Plan) -> None:
    board = Board.of(plan, {"audit": ("docs/gone.md",)}, READ)
    assert list(board.claims["audit"].missing) == ["docs/gone.md"]
    board.adopt(plan, {})
    assert not board.claims["audit"].missing


NAMES = tuple("abcd")
CHECKS = st.fixed_dictionaries(
    {},
    optional={
        name: st.fixed_dictionaries(
            {
                "claims": st.lists(st.sampled_from(("cart", "auth")), max_size=2, unique=True),
                "depends_on": st.lists(
                    st.sampled_from(NAMES[NAMES.index(name) + 1 :] or ("gone",)), max_size=1
                ),
                "interval": st.sampled_from(("30s", "60s")),
            }
        )
        for name in NAMES
    },
)
PLANS = st.lists(st.tuples(CHECKS, st.booleans()), min_size=2, max_size=4)
SEEN = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(("success", "failure"))))


@given(PLANS, SEEN)
def test_nothing_is_left_to_be_weighed_after_a_new_plan(
    make_ledger: MakeLedger,
    make_config: MakeConfig,
    observe: Observe,
    plans: list[tuple[dict[str, dict[str, object]], bool]],
    seen: list[tuple[str, str]],
) -> None:
    ledgers = {True: make_ledger("cart", "auth"), False: make_ledger("cart")}
    board, at = Board(Plan(ledgers[True], (), (), ()), READ), 200.0
    for configured, both in plans:
        config = make_config(*(check(name, **more) for name, more in configured.items()))
        board.adopt(make_plan(config, ledgers[both]).keeping(board.plan), {})
        told = dict(board.claims)
        assert board.restore({}, {}, (), at) == ()
        assert board.claims == told
        for name, outcome in seen:
            at += 60
            if name in board.checks:
                board.record(observe(board.checks[name].check, outcome, at))
