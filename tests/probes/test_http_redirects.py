"""Redirects: which are followed, what goes along, what is seen of them."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from evidenced.probes.attempt import Attempt, Outcome, Reason

Look = Callable[..., Awaitable[Attempt]]
Handler = Callable[[web.Request], Awaitable[web.Response]]
Site = Callable[..., Awaitable[str]]


def to(location: str, status: int = 302, **cookies: str) -> Handler:
    """A handler that redirects there and sets cookies."""

    async def redirect(request: web.Request) -> web.Response:
        response = web.Response(status=status, headers={"Location": location})
        for name, value in cookies.items():
            response.set_cookie(name, value)
        return response

    return redirect


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


class Recorder:
    """Keeps the requests that its handler gets."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.method, headers, await request.text()))
        return web.Response(text="hello")


async def test_redirects_are_followed_and_counted(site: Site, look: Look) -> None:
    base = await site({"/a": to("/b"), "/b": to("c?state=s3cret", 307), "/c": hello})
    attempt = await look(f"{base}/a")
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["status_code"] == 200
    assert attempt.facts["redirects"] == 2
    assert attempt.facts["location"] == "/c?…"
    assert attempt.facts["final_url"] == f"{base}/c?…"
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("follow", "hops", "outcome"),
    [
        (True, 10, Outcome.SUCCESS),
        (True, 11, Reason.REDIRECT),
        (3, 3, Outcome.SUCCESS),
        (3, 4, Reason.REDIRECT),
        (1, 1, Outcome.SUCCESS),
        (0, 1, Reason.STATUS),
        (False, 1, Reason.STATUS),
    ],
)
async def test_so_many_and_no_more(
    follow: bool | int, hops: int, outcome: Outcome | Reason, site: Site, look: Look
) -> None:
    handlers: dict[str, Handler] = {f"/{n}": to(f"/{n + 1}") for n in range(hops)}
    base = await site({**handlers, f"/{hops}": hello})
    attempt = await look(f"{base}/0", follow_redirects=follow)
    if isinstance(outcome, Outcome):
        assert attempt.outcome is outcome
        assert attempt.facts["redirects"] == hops
        return
    assert attempt.failure is not None
    assert attempt.failure.reason is outcome
    assert attempt.facts["status_code"] == 302
    if outcome is Reason.REDIRECT:
        limit = 10 if follow is True else follow
        assert attempt.failure.detail == (
            f"{base}/{limit} redirects more than {limit} times, on to {base}/{limit + 1}"
        )


async def test_a_loop_is_named(site: Site, look: Look) -> None:
    base = await site({"/a": to("/b"), "/b": to("/a")})
    attempt = await look(f"{base}/a")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.REDIRECT
    assert attempt.failure.detail == f"{base}/a redirects in a loop, back to {base}/b"


async def test_what_only_looks_like_a_loop_is_none(site: Site, look: Look) -> None:
    async def until_a_cookie_comes(request: web.Request) -> web.Response:
        if request.cookies.get("seen") == "yes":
            return web.Response()
        return await to("/", seen="yes")(request)

    attempt = await look(f"{await site({'/': until_a_cookie_comes})}/")
    assert attempt.outcome is Outcome.SUCCESS


@pytest.mark.parametrize("expected", [307, [200, 307], "3xx"], ids=str)
async def test_a_redirect_that_is_expected_is_not_followed(
    expected: object, site: Site, look: Look
) -> None:
    base = await site({"/login": to("/auth/login", 307), "/auth/login": hello})
    attempt = await look(f"{base}/login", expect={"status": expected})
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["status_code"] == 307
    assert attempt.facts["redirects"] == 0
    assert attempt.facts["location"] == "/auth/login"


async def test_a_redirect_to_elsewhere_than_expected(site: Site, look: Look) -> None:
    base = await site({"/login": to("https://evil.example/auth/login?x", 307)})
    attempt = await look(f"{base}/login", expect={"status": 307, "location": "/auth/login"})
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.REDIRECT
    assert attempt.failure.expectation == "location"
    assert attempt.failure.detail == (
        "expected a redirect to /auth/login, found https://evil.example/auth/login?…"
    )


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("mailto:ann@shop.example", "redirects to a mailto address"),
        ("javascript:alert(1)", "redirects to a javascript address"),
        ("http://[::1", "redirects to a malformed address"),
        ("http://127.1/", "cannot be asked"),
    ],
)
async def test_a_redirect_to_nowhere(location: str, words: str, site: Site, look: Look) -> None:
    attempt = await look(f"{await site({'/': to(location)})}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.REDIRECT
    assert words in attempt.failure.detail


@pytest.mark.parametrize("status", [300, 304, 302])
async def test_a_3xx_without_a_location_is_an_answer(status: int, site: Site, look: Look) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    attempt = await look(f"{await site({'/': answer})}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.STATUS


async def test_a_location_beyond_ascii(site: Site, look: Look) -> None:
    seen = Recorder()
    base = await site({"/": to("/αγορά όλα"), "/αγορά όλα": seen.handle})
    attempt = await look(f"{base}/")
    assert attempt.outcome is Outcome.SUCCESS
    assert len(seen.requests) == 1


async def test_cookies_go_along_and_do_not_outlive_the_attempt(site: Site, look: Look) -> None:
    seen = Recorder()
    base = await site({"/a": to("/b", session="abc"), "/b": seen.handle})
    await look(f"{base}/a")
    await look(f"{base}/b")
    assert seen.requests[0][1]["cookie"] == "session=abc"
    assert "cookie" not in seen.requests[1][1]


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("PUT", 302, "PUT"),
        ("PUT", 303, "GET"),
        ("HEAD", 303, "HEAD"),
    ],
)
async def test_the_method_after_a_redirect(
    method: str, status: int, then: str, site: Site, look: Look
) -> None:
    seen = Recorder()
    base = await site({"/a": to("/b", status), "/b": seen.handle})
    body = {} if method == "HEAD" else {"body": "x=1", "headers": {"Content-Type": "text/plain"}}
    await look(f"{base}/a", method=method, **body)
    [(found, headers, text)] = seen.requests
    assert found == then
    assert text == ("x=1" if then in {"POST", "PUT"} else "")
    assert ("content-type" in headers) is (then in {"POST", "PUT"})


CREDENTIALS = {
    "auth": {"username": "ann", "password": "hunter2"},
    "headers": {
        "X-Api-Key": "s3cret",
        "Cookie": "session=s3cret",
        "Host": "shop.example",
        "Accept-Language": "el",
    },
}


async def test_credentials_go_along_within_an_origin(site: Site, look: Look) -> None:
    seen = Recorder()
    base = await site({"/a": to("/b"), "/b": seen.handle})
    await look(f"{base}/a", **CREDENTIALS)
    [(_, headers, _)] = seen.requests
    assert headers["authorization"].startswith("Basic ")
    assert (headers["x-api-key"], headers["cookie"]) == ("s3cret", "session=s3cret")
    assert headers["host"] == "shop.example"


async def test_no_credentials_go_to_another_origin(site: Site, look: Look) -> None:
    seen = Recorder()
    other = await site({"/b": seen.handle})
    base = await site({"/a": to(f"{other}/b", session="s3cret")})
    attempt = await look(f"{base.replace('://', '://ann:hunter2@')}/a", **CREDENTIALS)
    assert attempt.outcome is Outcome.SUCCESS
    [(_, headers, _)] = seen.requests
    assert headers == {
        "host": other.removeprefix("http://"),
        "accept-language": "el",
        "user-agent": headers["user-agent"],
        "accept": "*/*",
        "accept-encoding": "gzip, deflate, br",
        "connection": "close",
        # Cookies know no ports (RFC 6265, 8.5): this one the site itself has set for the host.
        "cookie": "session=s3cret",
    }
    assert attempt.facts["location"] == f"{other}/b"


async def test_no_body_goes_to_another_origin(site: Site, look: Look) -> None:
    seen = Recorder()
    other = await site({"/b": seen.handle})
    base = await site({"/a": to(f"{other}/b", 307)})
    attempt = await look(f"{base}/a", method="POST", body="password=hunter2")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.REDIRECT
    assert attempt.failure.detail == f"{base}/a redirects a request with a body to {other}/b"
    assert seen.requests == []


async def test_a_failure_behind_a_redirect_shows_no_answer_of_another(
    site: Site, look: Look, unused_tcp_port: int
) -> None:
    base = await site({"/a": to(f"http://127.0.0.1:{unused_tcp_port}/b")})
    attempt = await look(f"{base}/a")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to 127.0.0.1:{unused_tcp_port} refused"
    assert attempt.facts == {
        "redirects": 1,
        "location": f"http://127.0.0.1:{unused_tcp_port}/b",
    }
