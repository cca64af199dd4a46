"""The listener by itself: its sockets stay while the TLS on them changes."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web
from structlog.testing import capture_logs

from evidenced.app.listener import listening
from evidenced.app.server_tls import server_context
from evidenced.config.web import WebSettings
from evidenced.config.web_tls import TlsServer

Settings = Callable[..., WebSettings]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def settings(tmp_path: Path, authority: trustme.CA) -> Settings:
    """Settings with TLS, for a new certificate of the authority."""

    def make(**more: object) -> WebSettings:
        issued = authority.issue_cert("localhost")
        files = {"cert_file": tmp_path / "a.crt", "key_file": tmp_path / "a.key"}
        files["cert_file"].write_bytes(issued.cert_chain_pems[0].bytes())
        files["key_file"].write_bytes(issued.private_key_pem.bytes())
        return WebSettings.model_validate({"tls_server_config": {**files, **more}})

    return make


def application() -> web.Application:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    found = web.Application()
    found.add_routes([web.get("/", hello)])
    return found


async def get(port: int, scheme: str, authority: trustme.CA) -> str:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    url = f"{scheme}://localhost:{port}/"
    async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as response:
        return await response.text()


async def test_tls_comes_and_goes_on_the_same_port(
    settings: Settings, authority: trustme.CA
) -> None:
    plain, secure = WebSettings(), settings()
    async with listening(application(), "127.0.0.1:0", plain) as listener:
        host, port = listener.address
        assert host == "127.0.0.1"
        for _ in range(3):
            assert await get(port, "http", authority) == "hello"
            await listener.adopt(secure)
            assert await get(port, "https", authority) == "hello"
            with pytest.raises(aiohttp.ClientError):
                await get(port, "http", authority)
            await listener.adopt(plain)
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(port, "http", authority)


async def test_nothing_is_lost_while_certificates_change(
    settings: Settings, authority: trustme.CA
) -> None:
    async with listening(application(), "127.0.0.1:0", settings()) as listener:
        port = listener.address[1]
        asking = [asyncio.create_task(get(port, "https", authority)) for _ in range(20)]
        for _ in range(3):
            await listener.adopt(settings())
        assert await asyncio.gather(*asking) == ["hello"] * 20


async def test_a_bad_certificate_leaves_the_good_one(
    settings: Settings, authority: trustme.CA
) -> None:
    good = settings()
    assert good.tls_server_config
    async with listening(application(), "127.0.0.1:0", good) as listener:
        good.tls_server_config.key_file.write_text("swordfish")
        with capture_logs() as logs:
            await listener.adopt(good)
        assert [entry["event"] for entry in logs] == ["the certificate was not taken over"]
        assert "swordfish" not in str(logs)
        assert await get(listener.address[1], "https", authority) == "hello"


async def test_an_address_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(OSError, match=f"cannot listen on {listen}: address already in use"):
            async with listening(application(), listen, WebSettings()):
                pass


@pytest.mark.parametrize("listen", [":0", "0.0.0.0:0", "localhost:0"])
async def test_all_that_the_address_stands_for_is_listened_on(
    listen: str, authority: trustme.CA
) -> None:
    async with listening(application(), listen, WebSettings()) as listener:
        assert await get(listener.address[1], "http", authority) == "hello"


def versions(tls: TlsServer) -> tuple[str, str]:
    context = server_context(tls)
    return context.minimum_version.name, context.maximum_version.name


def test_versions_and_suites_are_those_asked_for(settings: Settings) -> None:
    def of(**more: object) -> TlsServer:
        found = settings(**more).tls_server_config
        assert found
        return found

    assert versions(of()) == ("TLSv1_2", "TLSv1_3")
    assert versions(of(min_version="TLS10")) == ("TLSv1_2", "TLSv1_3")
    assert versions(of(min_version="TLS13")) == ("TLSv1_3", "TLSv1_3")
    assert versions(of(max_version="TLS12")) == ("TLSv1_2", "TLSv1_2")
    suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
    ciphers = server_context(of(cipher_suites=suite)).get_ciphers()
    names = {c["name"] for c in ciphers if c["protocol"] != "TLSv1.3"}
    assert names == {"ECDHE-RSA-AES256-GCM-SHA384"}
    preferring = ssl.OP_CIPHER_SERVER_PREFERENCE
    assert server_context(of()).options & preferring
    assert not server_context(of(prefer_server_cipher_suites=False)).options & preferring


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("NoClientCert", ssl.CERT_NONE),
        ("RequestClientCert", ssl.CERT_NONE),
        ("VerifyClientCertIfGiven", ssl.CERT_OPTIONAL),
        ("RequireAndVerifyClientCert", ssl.CERT_REQUIRED),
    ],
)
def test_policies_have_the_names_of_go(
    settings: Settings, tmp_path: Path, authority: trustme.CA, name: str, mode: ssl.VerifyMode
) -> None:
    (tmp_path / "ca.crt").write_bytes(authority.cert_pem.bytes())
    ca = {} if mode is ssl.CERT_NONE else {"client_ca_file": tmp_path / "ca.crt"}
    tls = settings(client_auth_type=name, **ca).tls_server_config
    assert tls
    assert server_context(tls).verify_mode is mode
