"""STARTTLS: servers that go from the clear into TLS in the way of their protocols."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from evidenced.probes.attempt import Attempt, Outcome, Reason

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Talk = Callable[[Reader, Writer], Awaitable[None]]

LDAP_REQUEST = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
LDAP_OK = bytes.fromhex("300c02010178070a010004000400")
LDAP_LONG = bytes.fromhex("308400000010 020101 7884000000070a010004000400")
LDAP_REFUSED = bytes.fromhex("300c02010178070a013404000400")

DIALOGUES: dict[str, list[tuple[bytes, bytes]]] = {
    # What the client must say, and what is then answered; the greeting is an answer to nothing.
    "smtp": [
        (b"", b"220-mail.shop.example\r\n220 ESMTP\r\n"),
        (b"EHLO [127.0.0.1]\r\n", b"250-mail.shop.example\r\n250-STARTTLS\r\n250 SIZE 1000\r\n"),
        (b"STARTTLS\r\n", b"220 go ahead\r\n"),
    ],
    "imap": [
        (b"", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n"),
        (b"a STARTTLS\r\n", b"* CAPABILITY IMAP4rev1\r\na OK begin TLS\r\n"),
    ],
    "pop3": [(b"", b"+OK ready\r\n"), (b"STLS\r\n", b"+OK begin\r\n")],
    "ftp": [
        (b"", b"220-Welcome\r\nto the shop\r\n220 ready\r\n"),
        (b"AUTH TLS\r\n", b"234 AUTH TLS ok\r\n"),
    ],
    "postgres": [(bytes.fromhex("0000000804d2162f"), b"S")],
    "ldap": [(LDAP_REQUEST, LDAP_OK)],
}


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


def speaks(dialogue: list[tuple[bytes, bytes]], tls: ssl.SSLContext, then: bytes = b"") -> Talk:
    """A server that hears and answers in turn, and then does the handshake."""

    async def talk(reader: Reader, writer: Writer) -> None:
        for heard, said in dialogue:
            assert await reader.readexactly(len(heard)) == heard
            writer.write(said)
        await writer.start_tls(tls)
        writer.write(then)
        await reader.read()

    return talk


def refuses(dialogue: list[tuple[bytes, bytes]], answer: bytes) -> Talk:
    """A server that answers the last thing said to it differently."""

    async def talk(reader: Reader, writer: Writer) -> None:
        for heard, said in [*dialogue[:-1], (dialogue[-1][0], answer)]:
            assert await reader.readexactly(len(heard)) == heard
            writer.write(said)
        await reader.read()

    return talk


@pytest.mark.parametrize("protocol", DIALOGUES)
async def test_a_protocol_goes_into_tls(
    protocol: str, serve: Serve, look_at: Look, authority: Authority
) -> None:
    context = authority.context("localhost")
    port = await serve(speaks(DIALOGUES[protocol], context, b"secure now\n"))
    attempt = await look_at(
        "tcp",
        address=f"localhost:{port}",
        starttls=protocol,
        tls={"ca_file": authority.file},
        dialogue=[{"expect": "^secure now$"}],
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["ssl"] is True
    assert float(attempt.facts["cert_expiry"]) > time.time()
    assert set(attempt.phases) == {"resolve", "connect", "processing", "tls"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


async def test_lengths_of_several_bytes_in_ldap(
    serve: Serve, look_at: Look, authority: Authority
) -> None:
    port = await serve(speaks([(LDAP_REQUEST, LDAP_LONG)], authority.context("127.0.0.1")))
    settings = {"address": f"127.0.0.1:{port}", "tls": {"ca_file": authority.file}}
    attempt = await look_at("tcp", starttls="ldap", **settings)
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure


@pytest.mark.parametrize(
    ("protocol", "answer", "words"),
    [
        ("smtp", b"454 no TLS today\r\n", "refuses TLS: 454 no TLS today"),
        ("imap", b"a BAD what\r\n", "refuses STARTTLS: a BAD what"),
        ("pop3", b"-ERR no\r\n", "refuses STLS: -ERR no"),
        ("ftp", b"502 no\r\n", "refuses TLS: 502 no"),
        ("postgres", b"N", "refuses TLS"),
        ("ldap", LDAP_REFUSED, "refuses StartTLS: result code 52"),
    ],
)
async def test_a_server_that_refuses(
    protocol: str, answer: bytes, words: str, serve: Serve, look_at: Look
) -> None:
    address = f"127.0.0.1:{await serve(refuses(DIALOGUES[protocol], answer))}"
    attempt = await look_at("tcp", address=address, starttls=protocol)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TLS
    assert attempt.failure.detail == f"{address} {words}"


@pytest.mark.parametrize(
    ("protocol", "greeting", "words"),
    [
        ("smtp", b"HTTP/1.1 400 Bad Request\r\n", "does not speak SMTP"),
        ("smtp", b"554 go away\r\n", "answers with 554 where SMTP needs 220"),
        ("smtp", b"", "closed the connection in the middle of SMTP"),
        ("imap", b"220 hello\r\n", "does not greet as IMAP does"),
        ("pop3", b"* OK hello\r\n", "does not greet as POP3 does"),
        ("postgres", b"E", "does not speak PostgreSQL's protocol"),
        ("postgres", b"", "does not speak PostgreSQL's protocol"),
        ("ldap", b"HTTP/1.1 400 Bad Request\r\n", "does not speak LDAP"),
        ("ldap", bytes.fromhex("3084ffffffff"), "does not speak LDAP"),
        ("ldap", bytes.fromhex("300302010178"), "does not speak LDAP"),
        ("ldap", bytes.fromhex("30060201017803040100"), "does not speak LDAP"),
    ],
)
async def test_a_server_of_another_protocol(
    protocol: str, greeting: bytes, words: str, serve: Serve, look_at: Look
) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(greeting)
        if not greeting:
            writer.write_eof()
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tcp", address=address, starttls=protocol)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.PROTOCOL
    assert attempt.failure.detail == f"{address} {words}"


async def test_what_comes_in_the_clear_after_the_agreement_is_not_believed(
    serve: Serve, look_at: Look
) -> None:
    dialogue = DIALOGUES["smtp"]
    injected = b"220 go ahead\r\n250 injected\r\n"
    address = f"127.0.0.1:{await serve(refuses(dialogue, injected))}"
    attempt = await look_at("tcp", address=address, starttls="smtp")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.PROTOCOL
    assert attempt.failure.detail == f"{address} goes on in the clear where TLS is to begin"


async def test_a_dialogue_of_ones_own(serve: Serve, look_at: Look, authority: Authority) -> None:
    """As one writes it for blackbox_exporter: EHLO again once it is secure."""
    context = authority.context("127.0.0.1")

    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 mail.shop.example ESMTP\r\n")
        assert await reader.readline() == b"EHLO mail.shop.example\n"
        writer.write(b"250-STARTTLS\r\n250 ok\r\n")
        assert await reader.readline() == b"STARTTLS\n"
        writer.write(b"220 ready\r\n")
        await writer.start_tls(context)
        assert await reader.readline() == b"EHLO again\n"
        writer.write(b"250-AUTH PLAIN\r\n250 ok\r\n")
        await reader.read()

    attempt = await look_at(
        "tcp",
        address=f"127.0.0.1:{await serve(talk)}",
        tls={"ca_file": authority.file},
        dialogue=[
            {"expect": r"^220 (\S+) ESMTP", "send": "EHLO ${1}"},
            {"expect": "^250-STARTTLS"},
            {"expect": "^250 "},
            {"send": "STARTTLS"},
            {"expect": "^220", "starttls": True},
            {"send": "EHLO again"},
            {"expect": "^250-AUTH"},
        ],
        expect={"certificate": {"valid_for": "1h"}},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["ssl"] is True


async def test_an_expired_certificate_after_starttls(
    serve: Serve, look_at: Look, authority: Authority
) -> None:
    context = authority.context("127.0.0.1", expired=True)
    address = f"127.0.0.1:{await serve(speaks(DIALOGUES['smtp'], context))}"
    attempt = await look_at(
        "tcp", address=address, starttls="smtp", tls={"ca_file": authority.file}
    )
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CERTIFICATE
    assert attempt.failure.detail.startswith(f"certificate of {address} has expired on ")
    assert float(attempt.facts["cert_expiry"]) < time.time()
