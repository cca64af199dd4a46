"""How the checks of one plan are divided: whole, together what belongs together, and steadily."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.watch.plan import Plan, make_plan
from evidenced.watch.sharing import WHOLE, Share, owner, shared

MakePlan = Callable[..., Plan]


def check(name: str, *claims: str, on: tuple[str, ...] = ()) -> dict[str, object]:
    http = {"url": "http://127.0.0.1:9/"}
    return {"name": name, "claims": claims, "http": http, "depends_on": on}


@pytest.fixture(scope="session")
def make(make_ledger: Callable[..., Ledger]) -> MakePlan:
    def make(checks: list[dict[str, object]], *claims: str, vantage: tuple[str, ...] = ()) -> Plan:
        config = Config.model_validate(
            {
                "ledger": {"path": "STATE.md"},
                "checks": checks,
                **({"vantage": {"checks": vantage}} if vantage else {}),
            }
        )
        return make_plan(config, make_ledger(*claims))

    return make


def divided(plan: Plan, count: int) -> list[Share]:
    return [shared(plan, index, count) for index in range(count)]


@pytest.fixture(scope="session")
def shop(make: MakePlan) -> Plan:
    """Pages with a claim each, some with two checks, and a chain that hangs on a database."""
    pages = [check(f"page-{n}", f"page-{n}") for n in range(300)]
    seconds = [check(f"page-{n}-fast", f"page-{n}") for n in range(0, 300, 3)]
    chain = [
        check("database"),
        check("backend", "backend", on=("database", "router")),
        check("orders", "orders", on=("backend",)),
        check("router", on=("cable",)),
        check("cable"),
        check("resolver", "dns-works"),
        *(check(f"lonely-{n}", on=("router",)) for n in range(20)),
    ]
    claims = (*(f"page-{n}" for n in range(300)), "backend", "orders", "dns-works", "only-said")
    return make([*pages, *seconds, *chain], *claims, vantage=("router", "resolver"))


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_each_check_and_each_claim_is_one_shards(shop: Plan, count: int) -> None:
    shares = divided(shop, count)
    for one in shop.checks:
        assert sum(share.has_check(one.name) for share in shares) == 1, one.name
        for claim in one.claims:
            having = [share.index for share in shares if share.has_claim(claim)]
            assert [having] == [[s.index for s in shares if s.has_check(one.name)]], (
                "with its claim"
            )
    for item in shop.ledger.claims:
        assert sum(share.has_claim(item.id) for share in shares) == 1
    assert shares[0].has_claim("only-said")
    assert [share.keeps_ledger for share in shares] == [True] + [False] * (count - 1)


def test_what_depends_on_one_another_is_looked_at_by_one_and_sentinels_by_all(shop: Plan) -> None:
    shares = divided(shop, 4)
    chain = [{s.index for s in shares if s.looks(n)} for n in ("database", "backend", "orders")]
    assert chain[0] == chain[1] == chain[2]
    assert len(chain[0]) == 1
    for name in ("router", "cable", "resolver"):
        assert all(share.looks(name) for share in shares), name
    lonely = {s.index for s in shares for n in range(20) if s.has_check(f"lonely-{n}")}
    assert lonely == {0, 1, 2, 3}, "a sentinel that all depend on brings them together on none"


def test_the_shares_are_about_even(shop: Plan) -> None:
    sizes = Counter(shared(shop, 0, 4).checks.values())
    assert max(sizes.values()) < 1.4 * len(shop.checks) / 4


@settings(max_examples=40)
@given(st.sets(st.text(min_size=1, max_size=12), min_size=1, max_size=60), st.integers(1, 12))
@example({f"group {n}" for n in range(60)}, 4)
def test_one_more_shard_takes_from_all_and_nothing_else_moves(groups: set[str], count: int) -> None:
    moved = [group for group in groups if owner(group, count) != owner(group, count + 1)]
    assert all(owner(group, count + 1) == count for group in moved)


@pytest.mark.parametrize("count", [1, 3, 4, 9])
def test_one_more_shard_takes_its_share_and_no_more(count: int) -> None:
    groups = [f"0 claim-{number}" for number in range(2000)]
    moved = sum(owner(group, count) != owner(group, count + 1) for group in groups)
    fair = len(groups) / (count + 1)
    assert 0.8 * fair < moved < 1.2 * fair


def test_a_shard_that_is_being_added_has_all_that_it_will_have(shop: Plan) -> None:
    before, after = divided(shop, 5), divided(shop, 7)
    arriving = shared(shop, 5, 6)
    for one in shop.checks:
        if after[5].has_check(one.name):
            assert arriving.has_check(one.name)
        owners = [s.index for s in after if s.has_check(one.name)]
        assert owners[0] >= 5 or before[owners[0]].has_check(one.name), "old ones take from nobody"


def test_a_further_check_of_a_claim_moves_nothing(make: MakePlan) -> None:
    def having(*names: str) -> int:
        plan = make([check(name, "cart") for name in names], "cart")
        return shared(plan, 0, 64).claims["cart"]

    assert having("m") == having("a", "m", "z") == having("0")


def test_a_claim_that_two_groups_share_makes_one_of_them(make: MakePlan) -> None:
    checks = [check(f"c{n}", f"claim-{n}", f"claim-{n + 1}") for n in range(30)]
    assert len(set(shared(make(checks), 0, 8).checks.values())) == 1


def test_who_shares_with_nobody_has_all() -> None:
    assert WHOLE.has_check("any")
    assert WHOLE.looks("any")
    assert WHOLE.has_claim("any")
    assert WHOLE.keeps_ledger
