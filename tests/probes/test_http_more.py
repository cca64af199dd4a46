"""What an http check may ask beside the plain request: encodings, files, identities."""

import gzip
import itertools
import ssl
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import brotli
import pytest
import trustme
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Judgement, Outcome, Reason
from evidenced.probes.expectations import html
from evidenced.probes.expectations import http as expectations
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


class Authority(Protocol):
    ca: trustme.CA
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


PAGE = "<html><h1> Organic\n  Tomatoes </h1><p class=card>a<p class=card>b</html>"


def reason(attempt: Attempt) -> Reason | None:
    return attempt.failure.reason if attempt.failure else None


def detail(attempt: Attempt) -> str:
    return attempt.failure.detail if attempt.failure else ""


async def page(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html", headers={"X-App": "shop"})


# Expectations


@pytest.mark.parametrize(
    ("expect", "failed"),
    [
        ({"html": {".card": {"min": 1}, ".skeleton": {"max": 0}, "h1": 1}}, None),
        ({"html": {"h1": {"text": "Organic Tomatoes"}}}, None),
        ({"html": {".skeleton": {"min": 1}}}, "html:.skeleton"),
        ({"html": {"h1": {"text": {"contains": "Potatoes"}}}}, "html:h1"),
        ({"header": {"X-App": {"eq": "shop", "allow_missing": True}}}, None),
        ({"header": {"X-Gone": {"eq": "shop", "allow_missing": True}}}, None),
        ({"header": {"X-App": {"eq": "other", "allow_missing": True}}}, "header:X-App"),
        ({"http_version": 1.1}, None),
        ({"http_version": ["1.0", "1.1"]}, None),
        ({"http_version": "2"}, "http_version"),
        ({"body": {"size": {"min": 10, "max": "1KiB"}}}, None),
        ({"body": {"size": 0}}, "body:size"),
        ({"compression": "identity"}, None),
        ({"compression": "gzip"}, "compression"),
        ({"redirects": {"max": 0, "final": "/"}}, None),
        ({"certificate": {"valid_for": "1d"}}, "certificate:valid_for"),
    ],
    ids=str,
)
async def test_expectations(
    expect: dict[str, Any], failed: str | None, site: Site, look: Look
) -> None:
    attempt = await look(f"{await site({'/': page})}/", expect=expect)
    assert (attempt.failure and attempt.failure.expectation) == failed
    assert "Tomatoes" not in str(attempt.judgements).replace('"Organic Tomatoes"', "")


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "deflate": zlib.compress,
}


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_a_body_comes_in_the_encoding_that_is_asked_for(
    encoding: str, site: Site, look: Look
) -> None:
    asked: list[str] = []

    async def encoded(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept-Encoding"])
        body = ENCODERS[encoding](PAGE.encode())
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    url = f"{await site({'/': encoded})}/"
    attempt = await look(url, expect={"compression": encoding, "body": {"contains": "Tomatoes"}})
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["body_bytes"] == len(PAGE)
    assert asked == [encoding]
    other = await look(url, expect={"compression": "identity"})
    assert detail(other) == f"expected content-encoding identity, found {encoding}"


async def test_a_brotli_bomb_is_unpacked_to_the_limit_and_no_further(
    site: Site, look: Look
) -> None:
    bomb = brotli.compress(bytes(50_000_000))

    async def explode(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "br"})

    attempt = await look(f"{await site({'/': explode})}/", body_limit="64KiB")
    assert reason(attempt) is Reason.TOO_LARGE
    assert attempt.facts["body_bytes"] == 64 * 1024


async def test_a_large_page_is_parsed_beside_the_loop(
    site: Site, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    judge_html = html.judge_html

    def noted(*given: Any) -> Iterator[Judgement]:  # noqa: ANN401
        threads.append(threading.current_thread())
        return judge_html(*given)

    monkeypatch.setattr(expectations, "judge_html", noted)

    async def large(request: web.Request) -> web.Response:
        return web.Response(text="<div><p class=a>x</p></div>" * int(request.query["times"]))

    base = await site({"/": large})
    for times in (1, 30_000):
        attempt = await look(f"{base}/?times={times}", 20.0, expect={"html": {"p.a": times}})
        assert attempt.outcome is Outcome.SUCCESS, detail(attempt)
    assert [each is threading.main_thread() for each in threads] == [True, False]


def hops(*way: str) -> dict[str, Callable[[web.Request], Awaitable[web.Response]]]:
    handlers: dict[str, Any] = {}
    for here, there in itertools.pairwise(way):

        async def lead(request: web.Request, there: str = there) -> web.Response:
            return web.Response(status=302, headers={"Location": there})

        handlers[here] = lead
    handlers[way[-1]] = page
    return handlers


@pytest.mark.parametrize(
    ("expect", "failed", "words"),
    [
        ({"max": 2, "chain": ["/b", "/c"], "final": "/c"}, None, ""),
        ({"max": 1}, "redirects:max", "expected at most 1 redirect, found 2 redirects"),
        ({"chain": ["/b"]}, "redirects:chain", "expected 1 redirect, found 2 redirects"),
        ({"chain": ["/b", "/d"]}, "redirects:chain", "expected redirect 2 to /d, found /c"),
        ({"chain": ["/b", {"location": "/c", "status": 301}]}, "redirects:chain", "by 301"),
        ({"final": "/c?x=s3cret"}, "redirects:final", "expected an answer from /c?… in the end"),
    ],
    ids=str,
)
async def test_the_way_of_redirects(
    expect: dict[str, Any], failed: str | None, words: str, site: Site, look: Look
) -> None:
    base = await site(hops("/a", "/b", "/c"))
    attempt = await look(f"{base}/a", expect={"redirects": expect})
    assert (attempt.failure and attempt.failure.expectation) == failed
    assert words in detail(attempt)
    assert "s3cret" not in str(attempt)


# The certificate


async def test_a_certificate_is_judged_also_where_it_is_not_trusted(
    self_signed: ssl.SSLContext, site: Site, look: Look
) -> None:
    base = await site({"/": page}, self_signed)
    expect = {"certificate": {"valid_for": "7d", "self_signed": False}}
    for verify in (True, False):
        attempt = await look(f"{base}/", tls={"verify": verify}, expect=expect)
        assert reason(attempt) is Reason.CERTIFICATE
        met = {each.name: each.met for each in attempt.judgements if "certificate" in each.name}
        assert met == {"certificate:valid_for": False, "certificate:self_signed": False}
        assert attempt.facts["cert_subject"] == "CN=alone"
        assert float(attempt.facts["cert_expiry"]) > attempt.started


# Identities


async def test_a_certificate_of_our_own_is_shown(
    authority: Authority, site: Site, look: Look, tmp_path: Path
) -> None:
    context = authority.context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    base = await site({"/": page}, context)
    identity: trustme.LeafCert = authority.ca.issue_cert("monitor")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    identity.cert_chain_pems[0].write_to_path(certificate)
    identity.private_key_pem.write_to_path(key)
    shown = {"cert_file": str(certificate), "key_file": str(key)}
    good = await look(f"{base}/", tls={"ca_file": authority.file, **shown})
    assert good.outcome is Outcome.SUCCESS, detail(good)
    bad = await look(f"{base}/", tls={"ca_file": authority.file})
    # asyncio's own servers drop the connection before their alert has gone out.
    assert bad.outcome is Outcome.FAILURE


async def test_a_server_of_too_old_a_tls_is_refused(
    authority: Authority, site: Site, look: Look
) -> None:
    context = authority.context("127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    base = await site({"/": page}, context)
    tls = {"ca_file": authority.file}
    good = await look(f"{base}/", tls={**tls, "min_version": 1.2})
    assert good.facts["tls_version"] == "TLS 1.2"
    bad = await look(f"{base}/", tls={**tls, "min_version": "1.3"})
    assert bad.outcome is Outcome.FAILURE


@pytest.mark.parametrize(
    ("headers", "tls", "asked_for"),
    [
        ({"Host": "shop.example"}, {}, "localhost"),
        ({"Host": "shop.example"}, {"server_name": "till.example"}, "till.example"),
    ],
)
async def test_a_host_header_changes_no_server_name(
    headers: dict[str, str],
    tls: dict[str, str],
    asked_for: str,
    authority: Authority,
    site: Site,
    look: Look,
) -> None:
    context = authority.context("localhost", "till.example")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    hosts: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        hosts.append(request.headers["Host"])
        return web.Response()

    base = (await site({"/": handler}, context)).replace("127.0.0.1", "localhost")
    attempt = await look(f"{base}/", headers=headers, tls={"ca_file": authority.file, **tls})
    assert attempt.outcome is Outcome.SUCCESS, detail(attempt)
    assert (names, hosts) == ([asked_for], ["shop.example"])


# Bodies from files


async def test_a_body_from_a_file_is_that_of_its_last_change(
    site: Site, look: Look, tmp_path: Path
) -> None:
    heard: list[bytes] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.read())
        return web.Response()

    file = tmp_path / "body.json"
    file.write_text("one")
    url = f"{await site({'/': hear})}/"
    settings = {"method": "POST", "body_file": str(file)}
    await look(url, **settings)
    await look(url, **settings)
    file.write_text("three")
    await look(url, **settings)
    assert heard == [b"one", b"one", b"three"]
    loaded = HttpSettings.model_validate({"url": url, **settings})
    file.unlink()
    async with Resources() as resources:
        gone = await probe(loaded, 1.0, resources)
    assert gone.outcome is Outcome.UNKNOWN
    assert detail(gone) == f"cannot read {file}: No such file or directory"
