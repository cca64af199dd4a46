"""Which item a topic is about: a bakery's ledger, and how people and their pull requests say it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse
from evidenced.workflow.matching import MATCH, Matching, match
from evidenced.workflow.matching_words import is_slip, stem, topic_of, words

LEDGER = """# State

## CLOSED
- **Oven telemetry gateway**: MQTT bridge deployed with sensors. PR #310. (Closed: 2026-03-02)
- **nginx/letsencrypt**: Certificates renew by a systemd timer PR #311 (Closed: 2026-03-02)
- **systemd Autostart**: All units come back after a reboot; tested twice. (Closed: 2026-03-03)
- **Baker Permissions Audit**: A baker sees own recipes only. 14 tests pass. (Closed: 2026-03-04)
- **Stage 2 Permissions Audit**: Shared kitchens are kept apart. 9 tests pass. (Closed: 2026-03-05)
- **Pass 4 Baker Permissions Proof**: RecipePolicy holds everywhere. PR #322. (Closed: 2026-03-07)
- **Recipe CRUD**: Create, edit and delete of recipes, images included. (Closed: 2026-03-08)
- **RecipeImportServiceTest Fix**: 6 failing tests, a wrong time zone. PR #325. (Closed: 2026-03-08)
- **PROD Facts Monitoring**: A workflow reports at 06:00. PR #326. (Closed: 2026-03-09)
- **Stage 5B Basket & Payment Flow Verification**: Orders are atomic; 31 tests. (Closed: 2026-03-10)
- **Pass 6 Basket → Invoice MVP Proof**: The invoice is rendered as PDF. (Closed: 2026-03-11)
- **Pass 8 Storefront Basket Wiring**: It calls the orders API. PR #340. (Closed: 2026-03-12)
- **Ελληνική μετάφραση**: Όλες οι σελίδες. (Closed: 2026-03-13)

## STABLE
- **Backend health**: /api/health returns 200
- **Recipes API**: /api/v1/recipes returns 200
- **Recipe list page**: /recipes returns 200, renders recipe names
- **Login redirects**: /login → /account/login (307)
- **Basket page**: /basket returns 200

## IN PROGRESS
- **Loyalty stamps**: Every tenth loaf is free.
  - **DoD**:
    - The receipt shows how many stamps are left

## NEXT
### 1) End-to-end coverage of checkout
- **DoD**:
  - Playwright runs on each pull request
### 2) Holiday calendar
- **DoD**:
  - The shop page shows closing days
"""

PHRASINGS = [
    ("oven telemetry", "Oven telemetry gateway"),
    ("Oven-Telemetry-Gateway", "Oven telemetry gateway"),
    ("telemetry gateways for the ovens", "Oven telemetry gateway"),
    ("oven telemetery gatway", "Oven telemetry gateway"),
    ("fix(ovens): MQTT telemetry drops messages", "Oven telemetry gateway"),
    ("#310", "Oven telemetry gateway"),
    ("310", "Oven telemetry gateway"),
    ("chore: reconnect the bridge (#310)", "Oven telemetry gateway"),
    ("nginx", "nginx/letsencrypt"),
    ("lets encrypt", "nginx/letsencrypt"),
    ("letsencrypt certificate renewal in nginx", "nginx/letsencrypt"),
    ("PR 311", "nginx/letsencrypt"),
    ("systemd autostart", "systemd Autostart"),
    ("ops: system d auto start", "systemd Autostart"),
    ("autostart units after reboot", "systemd Autostart"),
    ("baker permissions audit", "Baker Permissions Audit"),
    ("docs: audit of bakers' permissions", "Baker Permissions Audit"),
    ("stage 2 permissions", "Stage 2 Permissions Audit"),
    ("stage2 permission audit", "Stage 2 Permissions Audit"),
    ("pass 4", "Pass 4 Baker Permissions Proof"),
    ("permission proof for bakers", "Pass 4 Baker Permissions Proof"),
    ("pull request #322", "Pass 4 Baker Permissions Proof"),
    ("recipe crud", "Recipe CRUD"),
    ("CRUD of recipes", "Recipe CRUD"),
    ("RecipeImportServiceTest", "RecipeImportServiceTest Fix"),
    ("fix: recipe import service tests", "RecipeImportServiceTest Fix"),
    ("recipe_import_service", "RecipeImportServiceTest Fix"),
    ("prod facts", "PROD Facts Monitoring"),
    ("production facts monitor", "PROD Facts Monitoring"),
    ("[WIP] ci: monitoring of production facts", "PROD Facts Monitoring"),
    ("OPS-12: prod facts monitoring", "PROD Facts Monitoring"),
    ("stage 5b", "Stage 5B Basket & Payment Flow Verification"),
    ("stage5b payment verification", "Stage 5B Basket & Payment Flow Verification"),
    ("verify basket and payment flows", "Stage 5B Basket & Payment Flow Verification"),
    ("basket invoice proof", "Pass 6 Basket → Invoice MVP Proof"),
    ("invoice mvp", "Pass 6 Basket → Invoice MVP Proof"),
    ("feat(storefront): wire basket to orders API", "Pass 8 Storefront Basket Wiring"),
    ("storefront basket wirng", "Pass 8 Storefront Basket Wiring"),
    ("refactor(storefront)!: basket wiring (#340)", "Pass 8 Storefront Basket Wiring"),
    ("ελληνικη μεταφραση", "Ελληνική μετάφραση"),
    ("backend health", "Backend health"),
    ("recipes api", "Recipes API"),
    ("recipe lists page", "Recipe list page"),
    ("login-redirects", "Login redirects"),
    ("redirect of the login", "Login redirects"),
    ("basket page", "Basket page"),
    ("loyalty stamp", "Loyalty stamps"),
    ("feat(loyalty): show stamps on the receipt", "Loyalty stamps"),
    ("end to end coverage", "End-to-end coverage of checkout"),
    ("test: checkout coverage end-to-end with playwright", "End-to-end coverage of checkout"),
    ("holiday calendar", "Holiday calendar"),
    ("feat: calendar for hollidays on the shop page", "Holiday calendar"),
]

UNRELATED = [
    "dark mode",
    "feat: gift wrapping",
    "newsletter signup",
    "upgrade node from 20 to 22",
    "build(deps): bump eslint from 8.1.0 to 9.0.0",
    "fix typo in README",
    "recipe search by ingredient",
    "basket badge animation",
    "nginx access log rotation",
    "baker onboarding emails",
    "monthly audit of licences",
    "monitor disk usage",
    "login with passkeys",
    "feat(basket): coupon codes",
    "test flakiness",
    "payment by invoice for companies",
    "#999",
    "999",
    "🍞",
    "fix:",
    "the",
]


def items() -> list[Item]:
    return [item for section in parse(LEDGER).sections.values() for item in section]


def ask(topic: str) -> Matching:
    return match(topic, items())


@pytest.mark.parametrize(("topic", "title"), PHRASINGS)
def test_the_right_item_comes_first(topic: str, title: str) -> None:
    best = ask(topic).best
    assert best is not None
    assert (best.item.title, bool(best.by)) == (title, True)


@pytest.mark.parametrize("topic", UNRELATED)
def test_what_is_not_in_the_ledger_matches_nothing(topic: str) -> None:
    assert [one.item.title for one in ask(topic).tied] == []


def test_every_title_and_id_is_an_exact_match_for_itself_alone() -> None:
    for item in items():
        for said in (item.title, item.id, item.title.upper()):
            (only,) = ask(said).tied
            assert (only.item, round(only.score, 6)) == (item, 1.0)


@pytest.mark.parametrize(
    ("topic", "by"),
    [
        ("nginx", ("nginx in its title",)),
        (
            "fix: oven telemetery for sensors",
            ("oven, telemetery (for telemetry) in its title", "sensors in its text"),
        ),
        ("docs: more on #322", ("PR #322",)),
        ("recipe-crud", ("its id recipe-crud",)),
    ],
)
def test_a_match_says_by_what(topic: str, by: tuple[str, ...]) -> None:
    best = ask(topic).best
    assert best is not None
    assert best.by == by


def test_those_as_good_as_the_best_are_told_from_those_that_are_near() -> None:
    found = ask("audit permissions")
    titles = {one.item.title for one in found.tied}
    assert titles == {"Baker Permissions Audit", "Stage 2 Permissions Audit"}
    assert [one.item.title for one in found.near] == ["Pass 4 Baker Permissions Proof"]
    assert found.near[0].score < MATCH


def test_a_word_of_the_text_alone_is_near_and_no_match() -> None:
    found = ask("playwright")
    assert found.best is None
    assert found.near[0].item.title == "End-to-end coverage of checkout"


@pytest.mark.parametrize(
    ("section", "is_match"), [(Section.CLOSED, False), (Section.NEXT, True)], ids=["closed", "next"]
)
def test_one_word_among_others_is_a_match_for_open_work_only(
    section: Section, is_match: bool
) -> None:
    search = Item(id="search", section=section, title="Search", text="by name", line=3)
    others = [one for one in items() if one.section is not section]
    found = match("search suggestions", [search, *others])
    assert (found.best is not None) is is_match
    assert found.matches[0].item is search


@pytest.mark.parametrize(
    ("said", "expected", "title", "pulls"),
    [
        ("feat(cart)!: one click (#12)", ("cart", "one", "click"), "one click", ("12",)),
        ("[WIP] ABC-7: fix: Tills", ("tills",), "Tills", ()),
        ("see !41 and PRs #42", ("see",), "see and", ("41", "42")),
        ("https://git.example/pull/9", ("https", "git", "example"), "https://git.example/", ("9",)),
        ("fix: ", ("fix",), "fix:", ()),
        ("007", (), "007", ("7",)),
        ("camelCaseName of snake_case", ("camel", "case", "name", "snake"), None, ()),
        ("Café don't", ("cafe", "dont"), "Café don't", ()),
        ("東京駅", ("東京", "京駅"), None, ()),
    ],
)
def test_a_topic_is_read(
    said: str, expected: tuple[str, ...], title: str | None, pulls: tuple[str, ...]
) -> None:
    topic = topic_of(said)
    assert (topic.words, topic.pulls) == (expected, pulls)
    assert topic.title == (said if title is None else title)


@pytest.mark.parametrize(
    "family",
    [
        "verify verified verifies verifying verification",
        "create creates created creating creation",
        "monitor monitors monitoring monitored",
        "map maps mapping mapped",
        "cache caches cached caching",
        "permission permissions perms",
        "auth authentication authorization authorize",
        "production prod",
        "process processes",
        "policy policies",
    ],
)
def test_words_of_one_root_have_one_stem(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("pair", ["product production", "order border", "cart card"])
def test_words_of_other_roots_do_not(pair: str) -> None:
    one, other = pair.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [
        ("resurect", "resurrect", True),
        ("ressurrect", "resurrect", True),
        ("paymnet", "payment", True),
        ("telemetyr", "telemetry", True),
        ("card", "cart", False),
        ("border", "order", False),
        ("product", "producer", False),
        ("stage2", "stage3", False),
        ("a" * 60, "a" * 61, False),
    ],
)
def test_slips(typed: str, meant: str, slip: bool) -> None:
    assert is_slip(typed, meant) is slip


@given(st.text(max_size=60))
def test_any_text_is_a_topic_and_its_score_is_from_0_to_1(said: str) -> None:
    found = ask(said)
    assert all(0 < one.score <= 1 + 1e-9 for one in found.matches)
    assert found.matches == tuple(sorted(found.matches, key=lambda one: -one.score))


@given(st.text(max_size=40))
def test_words_are_the_same_when_read_again(said: str) -> None:
    once = words(said)
    assert len({stem(word) for word in once}) == len(once)


def test_a_hostile_topic_and_a_long_ledger_take_no_time() -> None:
    many = [
        Item(f"i{n}", Section.CLOSED, f"Case {n} of shelf {n % 97}", "x " * 50, n)
        for n in range(2000)
    ]
    began = time.perf_counter()
    slips = " ".join(f"shel{a}{b}" for a in "abcdefghijkl" for b in "abcdefghijkl")
    for said in ("(" * 1000, "[" * 1000, "#1" * 500, "a-" * 500, "Aa" * 500, slips):
        match(said, many)
    assert time.perf_counter() - began < 20
