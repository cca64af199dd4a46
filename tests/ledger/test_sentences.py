from collections.abc import Callable
from typing import Any

import pytest

from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse

Cited = Callable[..., list[dict[str, Any]]]
One = Callable[..., Item]


def http(path: str, status: int | None = None, **more: object) -> dict[str, Any]:
    form: dict[str, Any] = {"kind": "http", "path": path}
    if status:
        form["status"] = status
    return form | more


@pytest.mark.parametrize(
    ("sentence", "answers"),
    [
        ("/a returns 200 ✅", [http("/a", 200)]),
        ("`/a` returns `200`", [http("/a", 200)]),
        ("`GET /a` returns HTTP 200 OK", [http("/a", 200)]),
        ("/a responds with status 200", [http("/a", 200)]),
        ("/a returns a 200", [http("/a", 200)]),
        ("The page /a now always returns 200", [http("/a", 200)]),
        ("/a list page still returns 200", [http("/a", 200)]),
        ("/a (the front door) returns 200", [http("/a", 200)]),
        ("/a is 200", [http("/a", 200)]),
        ("✅ /a ✅ (200), /b ⚠️ returns ✅ 200", [http("/a", 200), http("/b", 200)]),
        ("/ returns 200", [http("/", 200)]),
        ("Front page / returns 200", [http("/", 200)]),
        ("/a/ returns 200.", [http("/a/", 200)]),
        ("/a.b/c-d_e~f returns 200", [http("/a.b/c-d_e~f", 200)]),
        ("/search?q=a&n=2 returns 200", [http("/search?q=a&n=2", 200)]),
        ("/search?q=a=200", [http("/search?q=a", 200)]),
        ("/προϊόντα returns 200", [http("/προϊόντα", 200)]),
        ("/a=200, b=200, /c=401", [http("/a", 200), http("/c", 401)]),
        ("/a → 200, /b -> HTTP 301", [http("/a", 200), http("/b", 301)]),
        ("/a: 200, /b (200), /c 200 OK", [http("/a", 200), http("/b", 200), http("/c", 200)]),
        ("/a and /b return 200", [http("/a", 200), http("/b", 200)]),
        ("/a, `/b` and /c both return 200", [http("/a", 200), http("/b", 200), http("/c", 200)]),
        ("/a returns 200 and /b returns 404", [http("/a", 200), http("/b", 404)]),
        (
            "/a returns 200; /b returns 401. /c is 200",
            [http("/a", 200), http("/b", 401), http("/c", 200)],
        ),
        ("POST /a returns 201", [http("/a", 201, method="POST")]),
        ("Join (POST /a) returns HTTP 201", [http("/a", 201, method="POST")]),
        ("GET and POST /a return 200", [http("/a", 200), http("/a", 200, method="POST")]),
        ("/a returns 2xx", [http("/a")]),
        ("/a returns 200 (was 404)", [http("/a", 200)]),
        ("/a was 404, now returns 200", [http("/a", 200)]),
        ("/a returns 401 when logged out", [http("/a", 401)]),
        ("No login needed: /a returns 200", [http("/a", 200)]),
    ],
)
def test_statuses(cited: Cited, sentence: str, answers: list[dict[str, Any]]) -> None:
    assert cited(sentence, "http", Section.STABLE) == answers


@pytest.mark.parametrize(
    ("sentence", "answers"),
    [
        ("/a → /b (307)", [http("/a", 307, location="/b")]),
        ("/a -> /b (307 Temporary Redirect)", [http("/a", 307, location="/b")]),
        (
            "`/a` → `/b` (308), /c → /d (302)",
            [http("/a", 308, location="/b"), http("/c", 302, location="/d")],
        ),
        ("`/a -> /b` (301)", [http("/a", 301, location="/b")]),
        ("/a → 307 → /b", [http("/a", 307, location="/b")]),
        ("/a → /b", [http("/a", location="/b")]),
        ("/a redirects to /b", [http("/a", location="/b")]),
        ("/a redirects permanently to /b with 301", [http("/a", 301, location="/b")]),
        ("/a redirects (307) to /b", [http("/a", 307, location="/b")]),
        ("/a redirects guests to /b", [http("/a", location="/b")]),
        (
            "/a and /b redirect to /c (307)",
            [http("/a", 307, location="/c"), http("/b", 307, location="/c")],
        ),
        ("/a returns 307 to /b", [http("/a", 307, location="/b")]),
        ("/a returns a 301 redirect → /b", [http("/a", 301, location="/b")]),
        ("/a returns 302 (Location: /b)", [http("/a", 302, location="/b")]),
        ("/a returns 307", [http("/a", 307)]),
    ],
)
def test_redirects(cited: Cited, sentence: str, answers: list[dict[str, Any]]) -> None:
    assert cited(sentence, "http", Section.STABLE) == answers


def test_redirect_to_another_site(cited: Cited) -> None:
    assert cited("/a redirects to https://b.example/c (301)", "http", Section.STABLE) == [
        http("/a", 301, location="https://b.example/c")
    ]


@pytest.mark.parametrize(
    ("sentence", "contains"),
    [
        ('/a returns 200, renders names (e.g., "The Salt Path")', ["The Salt Path"]),
        ('/a returns 200, renders names (e.g. "One", "Two")', ["One", "Two"]),
        ('/a returns 200 with "One"', ["One"]),
        ('/a returns 200 and shows "One" and "Two"', ["One", "Two"]),
        ("/a returns 200, shows “Μέλι θυμάρι”", ["Μέλι θυμάρι"]),
        ("/a returns 200, contains „Äpfel“", ["Äpfel"]),
        ('/a returns 200 (shows "One")', ["One"]),
        ('/a renders "One"', ["One"]),
        ('/a returns 200, shows "One, two. Three"', ["One, two. Three"]),
    ],
)
def test_contents(one: One, sentence: str, contains: list[str]) -> None:
    item = one(sentence, Section.STABLE)
    (answer,) = [reference for reference in item.references if reference.kind == "http"]
    assert list(getattr(answer, "contains")) == contains  # noqa: B009  one of a union
    assert item.unread == ()


@pytest.mark.parametrize(
    ("sentence", "unread"),
    [
        ("/a returns 200 with data ✅", ["with data"]),
        ("/a returns 200 OK with 5 books", ["with 5 books"]),
        ("/a returns 200, renders the expected cover ✅", ["renders the expected cover"]),
        ("/a returns 200 in under 300ms, has no skeleton", ["in under 300ms", "has no skeleton"]),
        ('/a returns 200, does not contain "0 books"', ['does not contain "0 books"']),
        ('/a returns 200, shows "One" or "Two"', ['shows "One" or "Two"']),
        ('/a returns 200 and JSON `{"ok": 1}`', ['JSON {"ok": 1}']),
        ("/a returns 200. Renders covers.", ["Renders covers"]),
        ("/a returns 200 (correctly asks nobody)", []),
        ("/a returns 401 (needs a session)", []),
        ("/a and /b pages both return 200", []),
        ("/a returns 404 Not Found", []),
        ("/a returns 401 without a token", []),
        ("/a was 404", []),
        ("sshguard runs with 3 jails", []),
        ("/a returns 200\n  **Evidence**: see `docs/a.md`", []),
    ],
)
def test_what_is_left_unread(one: One, sentence: str, unread: list[str]) -> None:
    assert list(one(sentence, Section.STABLE).unread) == unread


@pytest.mark.parametrize(
    "sentence",
    [
        "/orders/{id} returns 200",
        "/orders/:id returns 200",
        "/orders/* returns 200",
        "/a returns 200 when logged in",
        "/a returns 200 for signed-in customers",
        "/a returns 200 with a valid token",
        "/a returns 404 for unknown books",
        "/a returns 422 on invalid input",
        "If /a returns 500 the phone rings",
        "/a should return 200",
        "/a must never return 500",
        "/a does not return 500",
        "/a returns 200/204",
        "/a returns 200 orders",
        "/a loads",
        "/a → /b → /c",
        "https://shop.example/a returns 200",
    ],
)
def test_what_is_no_claim_is_left_unread_as_a_whole(one: One, sentence: str) -> None:
    item = one(sentence, Section.STABLE)
    assert not [reference for reference in item.references if reference.kind == "http"]
    assert list(item.unread) == [sentence]


@pytest.mark.parametrize(
    ("sentence", "answers"),
    [
        (
            "PROD (2026-01-08 22:40 UTC): cart=200, /a=200, `/b`=401 (needs auth)",
            [http("/a", 200), http("/b", 401)],
        ),
        ("PROD after: /a → 200 ✅", [http("/a", 200)]),
        ("/a returns 200 ✅ (was 500), all fine", [http("/a", 200)]),
        ("(2) POST /a returns 401 (exists, not 404)", [http("/a", 401, method="POST")]),
        (
            "shows no host (no localhost), /a returns 200, /b returns 307 redirect",
            [http("/a", 200), http("/b", 307)],
        ),
        ("/a → /b (307)", [http("/a", 307, location="/b")]),
        ("Legacy `/a` route returns 410 Gone", [http("/a", 410)]),
        ("`/a` was 404", []),
        ("`/a` returned 404 (fixed since)", []),
        ("Fixed `/a` returning 404 by moving it", []),
        ("Fails if `/a` returns 404", []),
        ("Tests that POST /a MUST NOT return 500", []),
        ("Failed because /a returns 500", []),
        ("Root cause: /a returns 500 on load", []),
        ("Known issue: /a returns 404", []),
        ("Fixed `/a` (404)", []),
        ("Moved /a → /b", []),
        ("Steps: /a → /b → /c", []),
        ("`create()` → `POST /a`", []),
        ("`curl -I www.shop.example/a` → HTTP 301", []),
        ("All endpoints 200, healthz (200), 15s→45s", []),
        ("GET `/a` + PATCH `/a/{id}` are new", []),
    ],
)
def test_proof_in_closed_items(cited: Cited, sentence: str, answers: list[dict[str, Any]]) -> None:
    assert cited(sentence, "http", Section.CLOSED) == answers


def test_plain_bullet_is_read_as_a_whole() -> None:
    (claim,) = parse("## STABLE\n- /a returns 200 with data\n").claims
    assert claim.title == "/a returns 200 with data"
    assert claim.unread == ("with data",)
    assert len(claim.references) == 1


def test_path_in_the_title_is_what_the_sentence_is_about() -> None:
    (claim,) = parse("## STABLE\n- **/a**: returns 200\n").claims
    assert [getattr(reference, "path", "") for reference in claim.references] == ["/a"]


def test_nested_bullets_are_read() -> None:
    (claim,) = parse("## STABLE\n- **A**:\n  - /a returns 200\n  - /b returns 200 fast\n").claims
    assert [getattr(reference, "path", "") for reference in claim.references] == ["/a", "/b"]
    assert claim.unread == ("fast",)
