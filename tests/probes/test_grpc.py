"""gRPC: a real health server, one without, others that are none, and the library missing."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import grpc
import grpc.aio
import pytest
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from evidenced.probes.attempt import Attempt, Outcome, Reason
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Context = grpc.aio.ServicerContext[object, object]
Statuses = health_pb2.HealthCheckResponse.ServingStatus


class Authority(Protocol):
    ca: trustme.CA
    file: str


@asynccontextmanager
async def server(
    servicer: object = None, certificate: trustme.LeafCert | None = None
) -> AsyncIterator[int]:
    running = grpc.aio.server()
    if servicer is not None:
        health_pb2_grpc.add_HealthServicer_to_server(servicer, running)
    if certificate is None:
        port = running.add_insecure_port("127.0.0.1:0")
    else:
        pair = (
            certificate.private_key_pem.bytes(),
            b"".join(pem.bytes() for pem in certificate.cert_chain_pems),
        )
        port = running.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    await running.start()
    try:
        yield port
    finally:
        await running.stop(None)


async def servicer() -> health.aio.HealthServicer:
    made = health.aio.HealthServicer()
    await made.set("", Statuses.SERVING)
    await made.set("shop", Statuses.SERVING)
    await made.set("till", Statuses.NOT_SERVING)
    return made


@pytest.mark.parametrize("service", ["", "shop"])
async def test_a_service_that_is_serving(service: str, look_at: Look) -> None:
    async with server(await servicer()) as port:
        attempt = await look_at(
            "grpc", address=f"localhost:{port}", service=service, expect={"latency": "4s"}, ip=4
        )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts == {
        "address": "127.0.0.1",
        "ip_protocol": 4,
        "ssl": False,
        "grpc_status_code": 0,
        "serving_status": "SERVING",
    }
    assert [judgement.name for judgement in attempt.judgements] == ["serving", "latency"]
    assert set(attempt.phases) == {"resolve", "connect", "processing"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("service", "facts", "found"),
    [
        ("till", {"grpc_status_code": 0, "serving_status": "NOT_SERVING"}, "NOT_SERVING"),
        (
            "nowhere",
            {"grpc_status_code": 5},
            "NOT_FOUND, which means that it does not know the service 'nowhere'",
        ),
    ],
)
async def test_a_service_that_is_not(
    service: str, facts: dict[str, object], found: str, look_at: Look
) -> None:
    async with server(await servicer()) as port:
        attempt = await look_at("grpc", address=f"127.0.0.1:{port}", service=service)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.STATUS
    assert attempt.failure.expectation == "serving"
    assert attempt.failure.detail == f"expected SERVING, found {found}"
    assert facts.items() <= attempt.facts.items()


async def test_a_server_without_the_health_service(look_at: Look) -> None:
    async with server() as port:
        attempt = await look_at("grpc", address=f"127.0.0.1:{port}")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.STATUS
    assert attempt.failure.detail == (
        "expected SERVING, found UNIMPLEMENTED, which means that it has no health service"
    )
    assert attempt.facts["grpc_status_code"] == 12


async def test_the_authority_is_the_one_that_was_asked_for(look_at: Look) -> None:
    asked: list[str] = []

    class Listening(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
        async def Check(  # noqa: N802  its name in the protocol
            self, request: health_pb2.HealthCheckRequest, context: Context
        ) -> health_pb2.HealthCheckResponse:
            asked.append(context.peer())
            asked.append(request.service)
            return health_pb2.HealthCheckResponse(status=Statuses.SERVING)

    async with server(Listening()) as port:
        attempt = await look_at("grpc", address=f"127.0.0.1:{port}", service="x")
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert asked[0].startswith("ipv4:127.0.0.1:")
    assert asked[1] == "x"


async def test_tls(look_at: Look, authority: Authority) -> None:
    certificate = authority.ca.issue_cert("localhost")
    async with server(await servicer(), certificate) as port:
        attempt = await look_at(
            "grpc",
            address=f"localhost:{port}",
            tls={"ca_file": authority.file},
            expect={"certificate": {"valid_for": "1d"}},
        )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["ssl"] is True
    assert attempt.facts["tls_version"] == "TLS 1.3"
    assert set(attempt.phases) == {"resolve", "connect", "processing", "tls"}


async def test_a_certificate_of_another_name(look_at: Look, authority: Authority) -> None:
    certificate = authority.ca.issue_cert("elsewhere.example")
    async with server(await servicer(), certificate) as port:
        address = f"localhost:{port}"
        refused = await look_at("grpc", address=address, tls={"ca_file": authority.file})
        unverified = await look_at("grpc", address=address, tls={"verify": False})
    assert refused.failure is not None
    assert refused.failure.reason is Reason.CERTIFICATE
    assert refused.failure.detail == f"certificate of {address} is for another name"
    assert float(refused.facts["cert_expiry"]) > time.time()
    assert unverified.outcome is Outcome.SUCCESS, unverified.failure


async def test_a_port_that_is_refused(look_at: Look) -> None:
    attempt = await look_at("grpc", address="127.0.0.1:1")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == "connection to 127.0.0.1:1 refused"


async def test_a_server_that_does_not_speak_grpc(serve: Serve, look_at: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("grpc", address=address)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.PROTOCOL
    assert attempt.failure.detail == f"{address} does not speak gRPC"


async def test_a_server_that_closes_the_connection(serve: Serve, look_at: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("grpc", address=address)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert address in attempt.failure.detail


async def test_a_server_that_never_answers(serve: Serve, look_at: Look) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    address = f"127.0.0.1:{await serve(silence)}"
    watch = Stopwatch()
    attempt = await look_at("grpc", 0.5, address=address)
    assert watch.all() >= 0.5
    assert watch.own() < 0.5 + 0.3
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail == (
        f"deadline of 500ms passed while waiting for the answer of {address}"
    )


async def test_a_service_that_never_answers(look_at: Look) -> None:
    class Slow(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
        async def Check(  # noqa: N802  its name in the protocol
            self, request: health_pb2.HealthCheckRequest, context: Context
        ) -> None:
            await asyncio.Event().wait()

    async with server(Slow()) as port:
        watch = Stopwatch()
        attempt = await look_at("grpc", 0.5, address=f"127.0.0.1:{port}")
    assert watch.own() < 0.5 + 0.5
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT


async def test_many_at_once(look_at: Look) -> None:
    async with server(await servicer()) as port:
        attempts = await asyncio.gather(
            *(look_at("grpc", address=f"127.0.0.1:{port}") for _ in range(30))
        )
    assert {attempt.outcome for attempt in attempts} == {Outcome.SUCCESS}


MISSING = """
import asyncio, sys
sys.modules["grpc"] = None  # As where it is not installed: an import of it fails.
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.probes.grpc import probe
from evidenced.probes.resources import Resources

async def look():
    async with Resources() as resources:
        return await probe(GrpcSettings(address="127.0.0.1:1"), 5, resources)

attempt = asyncio.run(look())
sys.stdout.write("|".join((attempt.outcome, attempt.failure.reason, attempt.failure.detail)))
"""


def test_without_the_library_it_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == (
        "unknown|dependency|gRPC is not installed here: pip install 'evidenced[grpc]'"
    )


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_under_either_loop(loop: str) -> None:
    script = f"""
import asyncio, sys, grpc.aio, uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.probes.grpc import probe
from evidenced.probes.resources import Resources

async def look():
    running = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), running)
    port = running.add_insecure_port("127.0.0.1:0")
    await running.start()
    async with Resources() as resources:
        attempt = await probe(GrpcSettings(address=f"127.0.0.1:{{port}}"), 5, resources)
    await running.stop(None)
    return attempt

sys.stdout.write({loop}.run(look()).outcome)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "success", done.stderr
