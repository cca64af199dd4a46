from collections.abc import Callable

import pytest

from evidenced.config.kinds.http import HttpSettings
from evidenced.config.model import Config
from evidenced.ledger.model import Http, Item, Ledger, Section
from evidenced.watch.plan import make_plan

MakeLedger = Callable[..., Ledger]
MakeConfig = Callable[..., Config]

BASE = "https://shop.example"


def stable(id: str, *references: Http, unread: tuple[str, ...] = ()) -> Item:  # noqa: A002  the model's word
    return Item(id, Section.STABLE, id, "", 3, references=references, unread=unread)


def test_configured_checks_become_absolute(
    make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    config = make_config({"name": "cart", "http": {"url": "/cart"}}, base_url=BASE)
    (check,) = make_plan(config, make_ledger("cart")).checks
    assert (check.target, check.origin, check.kind) == (f"{BASE}/cart", "configured", "http")


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        pytest.param(
            [Http("/cart", 200)], {"cart": ("/cart", ("200",), None, ())}, id="one path, claim's id"
        ),
        pytest.param(
            [Http("/login", 307, "/auth/login"), Http("/register", 307, "/auth/register")],
            {
                "cart-login": ("/login", ("307",), "/auth/login", ()),
                "cart-register": ("/register", ("307",), "/auth/register", ()),
            },
            id="two paths, two checks",
        ),
        pytest.param(
            [Http("/tea", 200, contains=("Green Tea",))],
            {"cart": ("/tea", ("200",), None, ("Green Tea",))},
            id="what it renders",
        ),
        pytest.param(
            [Http("/a/b", 200), Http("/a/b", 401), Http("/", 200)],
            {
                "cart-a-b": ("/a/b", ("200",), None, ()),
                "cart-a-b:2": ("/a/b", ("401",), None, ()),
                "cart-root": ("/", ("200",), None, ()),
            },
            id="names stay apart",
        ),
        pytest.param(
            [Http("/a", 200), Http("/a", 200)],
            {"cart": ("/a", ("200",), None, ())},
            id="said twice",
        ),
    ],
)
def test_sentences_become_checks(
    references: list[Http],
    expected: dict[str, object],
    make_ledger: MakeLedger,
    make_config: MakeConfig,
) -> None:
    config = make_config(base_url=BASE, derive=True)
    plan = make_plan(config, make_ledger(stable("cart", *references)))
    found = {}
    for check in plan.checks:
        assert isinstance(check.settings, HttpSettings)
        assert check.settings.follow_redirects is False
        assert check.claims == ("cart",)
        expect = check.settings.expect
        found[check.name] = (
            check.target.removeprefix(BASE),
            expect.status,
            expect.location,
            expect.body.contains if expect.body else (),
        )
    assert found == expected


@pytest.mark.parametrize(
    ("item", "phrase", "why"),
    [
        (stable("a", Http("/x", 201, method="POST")), "POST /x", "unasked"),
        (stable("a", Http("/x/{id}", 200)), "GET /x/{id}", "pattern"),
        (stable("a", Http("/x")), "GET /x", "no answer"),
        (stable("a", Http("/x y", 200)), "GET /x y", "no address"),
        (stable("a", Http("/x", 200), unread=("with data",)), "with data", "by itself"),
    ],
    ids=["unsafe method", "pattern", "no answer", "no address", "unread"],
)
def test_what_could_not_be_derived_is_said(
    item: Item, phrase: str, why: str, make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    plan = make_plan(make_config(base_url=BASE, derive=True), make_ledger(item))
    (underived,) = plan.underived
    assert (underived.claim, underived.line, underived.phrase) == ("a", 3, phrase)
    assert why in underived.why


def test_a_configured_check_replaces_a_derived_one_of_its_name(
    make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    own = {"name": "cart", "claims": ["cart"], "http": {"url": "/cart/health"}}
    config = make_config(own, base_url=BASE, derive=True)
    plan = make_plan(config, make_ledger(stable("cart", Http("/cart", 200))))
    assert [(check.name, check.target) for check in plan.checks] == [
        ("cart", f"{BASE}/cart/health")
    ]


def test_nothing_is_derived_unless_asked(make_ledger: MakeLedger, make_config: MakeConfig) -> None:
    plan = make_plan(make_config(base_url=BASE), make_ledger(stable("cart", Http("/cart", 200))))
    assert plan.checks == ()
    assert [item.id for item in plan.silent] == ["cart"]


def test_claims_that_nothing_speaks_for_and_claims_that_are_not_there(
    make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    config = make_config({"name": "a", "claims": ["crat", "nope"], "http": {"url": f"{BASE}/a"}})
    plan = make_plan(config, make_ledger("cart"))
    assert [item.id for item in plan.silent] == ["cart"]
    assert plan.strays == (("a", "crat", "cart"), ("a", "nope", ""))


def test_what_is_set_for_a_claim_that_is_not_there_is_said(
    make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    config = make_config({"name": "cart", "http": {"url": "/cart"}}, base_url=BASE)
    settings = {"cart": {}, "crat": {"slo": {"objective": 99}}, "x": {}}
    written = config.model_dump(exclude_unset=True) | {"claims": settings}
    plan = make_plan(Config.model_validate(written), make_ledger("cart"))
    assert plan.unmet == (("claims", "crat", "cart"), ("claims", "x", ""))


def test_a_check_that_did_not_change_is_equal_to_what_it_was(
    make_ledger: MakeLedger, make_config: MakeConfig
) -> None:
    http = {"url": "/a", "expect": {"body": {"matches": "v[0-9]+"}, "json": {"$.a": {"ge": 1}}}}
    config = {"name": "a", "http": http}
    plans = [make_plan(make_config(config, base_url=BASE), make_ledger("a")) for _ in range(2)]
    assert plans[0].checks == plans[1].checks
