"""The kind `tls`: certificates that are trusted or not, and what is seen of them either way."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
import trustme
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evidenced.config.kinds.tls import TlsCheckSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from evidenced.probes.tls import probe
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
DAY = 86_400


class Authority(Protocol):
    ca: trustme.CA
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_trusted_certificate(serve: Serve, look_at: Look, authority: Authority) -> None:
    port = await serve(silence, authority.context("localhost", "127.0.0.1", "*.shop.example"))
    attempt = await look_at(
        "tls",
        address=f"localhost:{port}",
        tls={"ca_file": authority.file},
        expect={
            "certificate": {
                "valid_for": "1d",
                "issuer": {"contains": "trustme"},
                "subject": {"exists": True},
                "names": {"contains": ["localhost", "*.shop.example", "127.0.0.1"]},
                "self_signed": False,
            },
            "latency": "4s",
        },
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert set(attempt.phases) == {"resolve", "connect", "processing", "tls"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
    facts = attempt.facts
    assert facts["tls_version"] == "TLS 1.3"
    assert str(facts["tls_cipher"]).startswith("TLS_")
    assert facts["cert_names"] == "localhost,*.shop.example,127.0.0.1"
    assert "trustme" in str(facts["cert_issuer"])
    assert len(str(facts["cert_fingerprint"])) == 64
    root = x509.load_pem_x509_certificate(authority.ca.cert_pem.bytes())
    assert float(facts["cert_chain_expiry"]) <= root.not_valid_after_utc.timestamp()
    assert float(facts["cert_expiry"]) > time.time()
    assert [judgement.name for judgement in attempt.judgements] == [
        "certificate:valid_for",
        "certificate:issuer",
        "certificate:subject",
        "certificate:names",
        "certificate:self_signed",
        "latency",
    ]


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired on "),
        ("wrong name", "is for another name"),
        ("wrong address", "is for another address"),
        ("self-signed", "is self-signed"),
        ("unknown", "is issued by an unknown authority"),
    ],
)
async def test_a_certificate_that_is_not_trusted_is_judged_all_the_same(
    certificate: str,
    words: str,
    serve: Serve,
    look_at: Look,
    authority: Authority,
    self_signed: ssl.SSLContext,
) -> None:
    contexts = {
        "expired": lambda: authority.context("127.0.0.1", expired=True),
        "wrong name": lambda: authority.context("elsewhere.example"),
        "wrong address": lambda: authority.context("127.0.0.2"),
        "self-signed": lambda: self_signed,
        "unknown": lambda: authority.context("127.0.0.1"),
    }
    port = await serve(silence, contexts[certificate]())
    host = "localhost" if certificate == "wrong name" else "127.0.0.1"
    tls: dict[str, object] = {}
    if certificate not in {"unknown", "self-signed"}:
        tls = {"ca_file": authority.file}
    expect = {"certificate": {"valid_for": "1h", "self_signed": certificate == "self-signed"}}
    attempt = await look_at("tls", address=f"{host}:{port}", tls=tls, expect=expect)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CERTIFICATE
    assert attempt.failure.detail.startswith(f"certificate of {host}:{port} ")
    assert words in attempt.failure.detail
    expired = certificate == "expired"
    assert (float(attempt.facts["cert_expiry"]) < time.time()) is expired
    assert "cert_chain_expiry" not in attempt.facts
    assert [judgement.met for judgement in attempt.judgements] == [not expired, True]
    unverified = {"verify": False}
    again = await look_at("tls", address=f"{host}:{port}", tls=unverified, expect=expect)
    assert (again.outcome is Outcome.SUCCESS) is not expired
    assert again.facts["cert_expiry"] == attempt.facts["cert_expiry"]
    assert again.facts["tls_version"] == "TLS 1.3"
    assert "cert_chain_expiry" not in again.facts


async def test_an_expired_certificate_without_verification(
    serve: Serve, look_at: Look, authority: Authority
) -> None:
    port = await serve(silence, authority.context("127.0.0.1", expired=True))
    settings = {"address": f"127.0.0.1:{port}", "tls": {"verify": False}}
    attempt = await look_at("tls", **settings, expect={"certificate": {"valid_for": "0"}})
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CERTIFICATE
    assert attempt.failure.expectation == "certificate:valid_for"
    assert attempt.failure.detail == (
        f"expected a valid certificate, found one that has expired on {yesterday:%Y-%m-%d}"
    )


async def test_an_older_root_that_is_sent_along(
    serve: Serve, look_at: Look, tmp_path: Path
) -> None:
    """The first of those presented expires with it, but the trust does not rest on it."""
    now = datetime.now(UTC)
    trusted, trusted_key = _authority("new root", now + timedelta(days=400))
    older, _ = _authority("old root", now + timedelta(days=3))
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        _builder("leaf", trusted.subject, key, now + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(trusted_key, hashes.SHA256())
    )
    chain, ca_file = tmp_path / "chain.pem", tmp_path / "ca.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(private + leaf.public_bytes(pem) + older.public_bytes(pem))
    ca_file.write_bytes(trusted.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    port = await serve(silence, context)
    attempt = await look_at(
        "tls",
        address=f"localhost:{port}",
        tls={"ca_file": str(ca_file)},
        expect={"certificate": {"valid_for": "30d"}},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["cert_expiry"] == older.not_valid_after_utc.timestamp()
    assert attempt.facts["cert_chain_expiry"] == leaf.not_valid_after_utc.timestamp()


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(until.replace(microsecond=0))
    )


def _authority(name: str, until: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _builder(name, issuer, key, until).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return builder.sign(key, hashes.SHA256()), key


@pytest.mark.parametrize("written", ["here", "in tls"])
async def test_the_server_name_is_asked_for_and_verified(
    written: str, serve: Serve, look_at: Look, authority: Authority
) -> None:
    asked: list[str] = []
    context = authority.context("shop.example")
    context.sni_callback = lambda _, name, __: asked.append(name)
    address = f"127.0.0.1:{await serve(silence, context)}"
    tls = {"ca_file": authority.file}
    if written == "here":
        attempt = await look_at("tls", address=address, tls=tls, server_name="shop.example")
    else:
        attempt = await look_at("tls", address=address, tls={**tls, "server_name": "shop.example"})
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert asked == ["shop.example"]


async def test_a_server_that_does_not_speak_tls(serve: Serve, look_at: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"220 mail.shop.example\r\n")
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tls", address=address)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TLS
    assert attempt.failure.detail == f"no TLS with {address}: what answers does not speak TLS"


async def test_a_server_that_speaks_first(serve: Serve, look_at: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.shop.example\r\n")
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tls", address=address)
    assert attempt.failure is not None
    assert attempt.failure.reason in {Reason.TLS, Reason.PROTOCOL}


async def test_a_connection_closed_in_the_handshake(serve: Serve, look_at: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tls", address=address)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to {address} closed in the TLS handshake"


async def test_the_deadline_passes_in_the_handshake(serve: Serve, look_at: Look) -> None:
    address = f"127.0.0.1:{await serve(silence)}"
    watch = Stopwatch()
    attempt = await look_at("tls", 0.3, address=address, tls={"verify": False})
    assert watch.all() >= 0.3
    assert watch.own() < 0.3 + 0.2
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert f"in the TLS handshake with {address}" in attempt.failure.detail
    assert attempt.phases["tls"] > 0.1


async def test_authorities_that_cannot_be_read_are_our_own_fault(
    resources: Resources, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.ca.cert_pem.bytes())
    settings = TlsCheckSettings.model_validate(
        {"address": "127.0.0.1:9", "tls": {"ca_file": str(file)}}
    )
    file.unlink()
    attempt = await probe(settings, 5, resources)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.INTERNAL
    assert attempt.failure.detail.startswith(f"cannot read the authorities in {file}: ")


def test_the_same_under_uvloop(authority: Authority) -> None:
    async def run() -> list[Attempt]:
        attempts = []
        for expired in (False, True):
            context = authority.context("localhost", expired=expired)
            server = await asyncio.start_server(silence, "127.0.0.1", 0, ssl=context)
            port = server.sockets[0].getsockname()[1]
            settings = TlsCheckSettings.model_validate(
                {"address": f"localhost:{port}", "tls": {"ca_file": authority.file}}
            )
            async with Resources() as resources:
                attempts.append(await probe(settings, 5, resources))
            server.close()
            await server.wait_closed()
        return attempts

    good, bad = uvloop.run(run())
    assert good.outcome is Outcome.SUCCESS, good.failure
    assert set(good.phases) == {"resolve", "connect", "processing", "tls"}
    assert bad.failure is not None
    assert bad.failure.reason is Reason.CERTIFICATE
    assert float(bad.facts["cert_expiry"]) < time.time()
