import base64
import json

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Outcome
from evidenced.probes.excerpt import HIDDEN, LIMIT, excerpt, hidden
from evidenced.probes.expectations.answer import Body
from evidenced.probes.request import Request
from evidenced.probes.trace import Mark, traced

from .conftest import Look, Site

PLANTED = "kilo-lima-mike"


def request_of(**settings: object) -> Request:
    url = {"url": "https://shop.example/cart", **settings}
    return Request.first(HttpSettings.model_validate(url))


def shown(text: str, content_type: str = "text/html", /, **settings: object) -> str:
    return "".join(excerpt(Body(text.encode()), content_type, request_of(**settings)))


def test_of_html_the_body_element_is_shown_and_little_of_it() -> None:
    page = f"<!doctype html><head><title>Shop</title></head><body><p>{'tea ' * 1000}</p></body>"
    lines = list(excerpt(Body(page.encode()), "text/html; charset=utf-8", request_of()))
    assert lines[0].startswith("<body><p>tea tea")
    assert lines[-1] == HIDDEN
    assert LIMIT - 3 <= sum(map(len, lines[:-1])) <= LIMIT
    assert max(map(len, lines)) <= 150


@pytest.mark.parametrize("content_type", ["image/png", "application/octet-stream", ""])
def test_of_what_is_no_text_nothing_is_shown(content_type: str) -> None:
    assert shown("tea", content_type) == ""


def test_a_body_without_a_body_element_is_shown_from_its_beginning() -> None:
    assert shown("<p>tea</p>") == "<p>tea</p>"
    assert shown('{"status": "ok"}', "application/json") == '{"status": "ok"}'


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"X-Shop": PLANTED}},
        {"headers": {"Cookie": f"basket={PLANTED}"}},
        {"auth": {"token": PLANTED}},
        {"auth": {"username": "ops", "password": PLANTED}},
        {"url": f"https://ops:{PLANTED}@shop.example/"},
        {"url": f"https://shop.example/?q={PLANTED}"},
        {"query": {"q": PLANTED}},
        {"method": "POST", "body": PLANTED},
        {"method": "POST", "body": f"name=ops&word={PLANTED}"},
        {"method": "POST", "body": json.dumps({"who": [{"name": "ops"}, {"word": PLANTED}]})},
        {"method": "POST", "body": PLANTED.replace("k", "%6b")},
        {"headers": {"X-Shop": PLANTED.replace("k", "%6b")}},
    ],
    ids=[
        "header",
        "cookie",
        "bearer",
        "basic",
        "userinfo",
        "url",
        "query",
        "body",
        "form",
        "json",
        "quoted body",
        "quoted header",
    ],
)
def test_what_the_request_was_sent_with_is_not_shown_where_the_answer_repeats_it(
    settings: dict[str, object],
) -> None:
    text = shown(f"<p>You sent {PLANTED}, thank you</p>", **settings)
    assert PLANTED not in text
    assert f"You sent {HIDDEN}, thank you" in text


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "%s"}',
        '{"user": {"password":"%s"}}',
        '<input type="hidden" name="csrf_token" value="%s">',
        "DB_PASSWORD=%s",
        "api_key: %s",
        "Set-Cookie: sessionid=%s; Path=/",
    ],
)
def test_what_has_the_name_of_a_secret_is_not_shown(text: str) -> None:
    assert PLANTED not in shown(text % PLANTED)


def test_what_only_a_machine_makes_up_is_not_shown() -> None:
    made_up = base64.b64encode(bytes(range(40))).decode()
    assert shown(f"<p>{made_up} and wholemeal-bread-with-seeds</p>") == (
        f"<p>{HIDDEN} and wholemeal-bread-with-seeds</p>"
    )


def test_a_sent_text_that_an_answer_reads_and_writes_anew_is_not_shown() -> None:
    """What was quoted is read by the other end and stands in its JSON with other escapes."""
    sent = "%41rose🌹+bud"
    for read in ("Arose🌹+bud", "Arose🌹 bud"):
        assert "rose" not in shown(json.dumps({"error": read}), method="POST", body=sent)


def test_a_secret_across_the_cut_is_hidden_whole() -> None:
    assert "kilo" not in shown("x " * (LIMIT // 2 - 3) + PLANTED, headers={"X-Shop": PLANTED})


@given(st.text(min_size=4), st.text(), st.text())
def test_no_value_of_a_query_is_ever_shown(value: str, before: str, after: str) -> None:
    request = request_of(query={"q": value}) if value.isalnum() else request_of(query={"q": "tea!"})
    asked = value if value.isalnum() else "tea!"
    assert asked not in hidden(f"{before}{asked}{after}", request).replace(HIDDEN, "\0")


async def test_a_look_that_is_listened_to_shows_what_came_back(look: Look, site: Site) -> None:
    async def handler(request: web.Request) -> web.Response:
        told = {"status": "down", "asked": request.headers["X-Shop"]}
        return web.Response(status=503, text=json.dumps(told), content_type="application/json")

    origin = await site({"/healthz": handler})
    with traced() as trace:
        attempt = await look(f"{origin}/healthz", headers={"X-Shop": PLANTED})
    assert attempt.outcome is Outcome.FAILURE
    heard = [line.text for line in trace.lines if line.mark is Mark.HEARD]
    assert heard[-1] == f'{{"status": "down", "asked": "{HIDDEN}"}}'
