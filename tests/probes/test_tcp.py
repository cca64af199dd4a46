"""TCP: connections that are taken, refused, filtered or broken, and dialogues on them."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import pytest

from evidenced.config.kinds.tcp import TcpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from evidenced.probes.tcp import probe
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


async def silence(reader: Reader, writer: Writer) -> None:
    await reader.read()


def reset(writer: Writer) -> None:
    """Close the connection in a way that the other end hears of as a reset."""
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    writer.transport.abort()


async def test_a_port_that_takes_connections(serve: Serve, look_at: Look) -> None:
    port = await serve(silence)
    attempt = await look_at("tcp", address=f"localhost:{port}", ip=4)
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts == {"address": "127.0.0.1", "ip_protocol": 4, "ssl": False}
    assert set(attempt.phases) == {"resolve", "connect", "processing"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


async def test_a_port_that_is_refused(look_at: Look) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        attempt = await look_at("tcp", address=address)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to {address} refused"


async def test_a_name_that_is_not_found(look_at: Look) -> None:
    attempt = await look_at("tcp", address="nothing.invalid:25")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.DNS
    assert "nothing.invalid" in attempt.failure.detail


@pytest.fixture
def filtered() -> Iterator[int]:
    """A port that answers nobody: its queue of connections is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex(address)
            yield address[1]
        finally:
            for each in waiting:
                each.close()


async def test_a_port_that_is_filtered(filtered: int, look_at: Look) -> None:
    watch = Stopwatch()
    attempt = await look_at("tcp", 0.3, address=f"127.0.0.1:{filtered}")
    assert watch.all() >= 0.3
    assert watch.own() < 0.3 + 0.2
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail == (
        f"deadline of 300ms passed while connecting to 127.0.0.1:{filtered}"
    )


async def shop(reader: Reader, writer: Writer) -> None:
    """Greets on several lines, and knows who asks."""
    writer.write(b"* hello\r\n* how are you\r\n220 till7 ready\r\n")
    asked = await reader.readline()
    writer.write(b"you said " + asked.strip() + b"\n> ")
    if await reader.readline() == b"quit\r\n":
        writer.write(b"bye")


async def test_a_dialogue_with_captures(serve: Serve, look_at: Look) -> None:
    attempt = await look_at(
        "tcp",
        address=f"127.0.0.1:{await serve(shop)}",
        dialogue=[
            {"expect": r"^220 (\w+) (x)?", "send": "open ${1}${2}"},
            {"expect": "^you said open till7$"},
            {"expect_bytes": "> ", "send": "quit\r\n"},
            {"expect": "^bye$"},
        ],
        expect={"latency": "4s"},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert [judgement.name for judgement in attempt.judgements] == [
        "dialogue[0]",
        "dialogue[1]",
        "dialogue[2]",
        "dialogue[3]",
        "latency",
    ]
    assert all(judgement.met for judgement in attempt.judgements)


async def test_a_dialogue_that_ends_without_a_match(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"swordfish\nsecond\nthird")

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tcp", address=address, dialogue=[{"expect": "^220"}])
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.BODY
    assert attempt.failure.expectation == "dialogue[0]"
    assert attempt.failure.detail == (
        'expected a line to match "^220", found the end, after 3 others'
    )


@pytest.mark.parametrize(
    ("sent", "found"),
    [(b"-ERR x", "others"), (b"+P", "the end, after 2")],
    ids=["different", "cut"],
)
async def test_bytes_that_are_not_those_expected(
    sent: bytes, found: str, serve: Serve, look_at: Look
) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        await reader.readline()
        writer.write(sent)

    address = f"127.0.0.1:{await serve(talk)}"
    dialogue = [{"send": "PING"}, {"expect_bytes": "+PONG"}]
    attempt = await look_at("tcp", address=address, dialogue=dialogue)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.BODY
    assert attempt.failure.detail == f'expected the bytes "+PONG", found {found}'


async def test_a_reset_in_the_middle_of_a_dialogue(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 hello\n")
        await reader.readline()
        reset(writer)

    address = f"127.0.0.1:{await serve(talk)}"
    dialogue = [{"expect": "220", "send": "x"}, {"expect": "250"}]
    attempt = await look_at("tcp", address=address, dialogue=dialogue)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to {address} reset"
    assert [judgement.met for judgement in attempt.judgements] == [True]


async def test_a_slow_drip_ends_at_the_deadline(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"one\ntwo\n220")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.01)

    address = f"127.0.0.1:{await serve(talk)}"
    watch = Stopwatch()
    attempt = await look_at("tcp", 0.3, address=address, dialogue=[{"expect": "^220 ok"}])
    assert watch.all() >= 0.3
    assert watch.own() < 0.3 + 0.2
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.expectation == "dialogue[0]"
    assert attempt.failure.detail == (
        'deadline of 300ms passed while waiting for a line to match "^220 ok", found 2 others'
    )
    assert [judgement.met for judgement in attempt.judgements] == [False]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (b"x" * 4096, "sends a line of more than 64 KiB"),
        (b"x\n" * 2048, "sends more than 1024 KiB"),
    ],
    ids=["line", "lines"],
)
async def test_an_endless_answer(part: bytes, words: str, serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tcp", address=address, dialogue=[{"expect": "^220 ok"}])
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TOO_LARGE
    assert attempt.failure.detail == f"{address} {words}"


async def test_bytes_that_are_no_text_are_no_trouble(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"\xff\x00\xfe\n\xc3\xa9 220\n")

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("tcp", address=address, dialogue=[{"expect": "^é 220$"}])
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure


async def test_cancellation_from_outside_propagates(serve: Serve, resources: Resources) -> None:
    arrived = asyncio.Event()
    ended = asyncio.Event()

    async def talk(reader: Reader, writer: Writer) -> None:
        arrived.set()
        try:
            await reader.read()
        finally:
            ended.set()

    settings = TcpSettings.model_validate(
        {"address": f"127.0.0.1:{await serve(talk)}", "dialogue": [{"expect": "never"}]}
    )
    task = asyncio.create_task(probe(settings, 30, resources))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 30)


async def test_many_at_once(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"220\n")
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempts = await asyncio.gather(
        *(look_at("tcp", address=address, dialogue=[{"expect": "220"}]) for _ in range(100))
    )
    assert {attempt.outcome for attempt in attempts} == {Outcome.SUCCESS}


async def test_tls_from_the_beginning(serve: Serve, look_at: Look, authority: Authority) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"hello over TLS\n")
        await reader.read()

    port = await serve(talk, authority.context("localhost"))
    attempt = await look_at(
        "tcp",
        address=f"localhost:{port}",
        tls={"ca_file": authority.file},
        dialogue=[{"expect": "over TLS"}],
        expect={"certificate": {"valid_for": "1d", "names": {"contains": "localhost"}}},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["ssl"] is True
    assert attempt.facts["tls_version"] == "TLS 1.3"
    assert {"tls", "processing"} < set(attempt.phases)
    assert [judgement.name for judgement in attempt.judgements] == [
        "dialogue[0]",
        "certificate:valid_for",
        "certificate:names",
    ]
