"""The prober `grpc`: one question of gRPC's health protocol.

https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from evidenced.config.blackbox.probers import GrpcModule
from evidenced.probes.course import Course, Phase
from evidenced.probes.relay import Relay
from evidenced.probes.stream import FloodError, LeftoverError, Stream
from evidenced.probes.threads import in_thread
from evidenced.probes.trust import TrustError
from evidenced.publish.blackbox.guard import split_host
from evidenced.publish.blackbox.look import Look, why
from evidenced.publish.blackbox.stream import dial

if TYPE_CHECKING:
    import grpc

_METHOD = "/grpc.health.v1.Health/Check"
_UNAVAILABLE = 14
_STATUSES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")


async def probe(look: Look) -> bool:
    """Look once; see `Prober`. The deadline holds for the check as well."""
    keys, findings, log = look.module.grpc, look.findings, look.log
    findings.set("probe_grpc_ssl")
    findings.set("probe_grpc_status_code")
    for phase in ("check", "resolve"):
        findings.set("probe_grpc_duration_seconds", phase=phase)
    for status in _STATUSES:
        findings.set("probe_grpc_healthcheck_response", serving_status=status)
    try:
        host, port = split_host(look.target.partition("://")[2] or look.target)
    except ValueError as error:
        log.fail("Error splitting target address and port", err=error)
        return False
    try:
        await in_thread(_load)
        address = await look.resolve(host, port, keys)
        if address is None:
            return False
        stream = await dial(address, port)
        if keys.tls:
            context = await look.trust(keys.tls_config, ("h2",))
            chain = await stream.start_tls(context, keys.tls_config.server_name or host)
            Course.current().enter(Phase.PROCESSING)
            findings.set("probe_grpc_ssl", 1)
            look.tell_tls(chain)
        return await _check(look, keys, stream, host)
    except ImportError:
        log.fail("gRPC is not installed here", wanted="pip install 'evidenced[grpc]'")
    except (OSError, FloodError, LeftoverError, TrustError) as error:
        findings.set("probe_grpc_status_code", _UNAVAILABLE)
        log.fail("did not connect", err=why(error))
    finally:
        _tell_phases(look)
    return False


async def _check(look: Look, keys: GrpcModule, stream: Stream, host: str) -> bool:
    grpc, health = sys.modules["grpc"], sys.modules["grpc_health.v1.health_pb2"]
    async with Relay(stream) as relay, _channel(grpc, relay.target, keys, host) as channel:
        check = channel.unary_unary(
            _METHOD,
            request_serializer=health.HealthCheckRequest.SerializeToString,
            response_deserializer=health.HealthCheckResponse.FromString,
        )
        metadata = [
            (name.lower(), value) for name, values in keys.metadata.items() for value in values
        ]
        try:
            answer = await check(health.HealthCheckRequest(service=keys.service), metadata=metadata)
        except grpc.RpcError as error:
            code: int = error.code().value[0]
            look.findings.set("probe_grpc_status_code", code)
            look.log.fail("Health check failed", code=code, name=error.code().name)
            return False
    status = health.HealthCheckResponse.ServingStatus.Name(answer.status)
    look.findings.set("probe_grpc_healthcheck_response", 1, serving_status=status)
    look.log.tell("Response of the health check", status=status)
    return bool(status == "SERVING")


def _channel(
    grpc: Any,  # noqa: ANN401  an optional module
    target: str,
    keys: GrpcModule,
    host: str,
) -> "grpc.aio.Channel":
    """A channel over the relay, which speaks TLS with the server itself where that is asked for."""
    options = (
        ("grpc.default_authority", keys.tls_config.server_name or host),
        ("grpc.http2_scheme", "https" if keys.tls else "http"),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_http_proxy", 0),
    )
    return grpc.aio.insecure_channel(target, options=options)  # type: ignore[no-any-return]


def _load() -> None:
    for name in ("grpc.aio", "grpc_health.v1.health_pb2"):
        importlib.import_module(name)


def _tell_phases(look: Look) -> None:
    course = Course.current()
    course.end()
    resolve = course.phases.get(Phase.RESOLVE, 0.0)
    look.findings.set("probe_grpc_duration_seconds", resolve, phase="resolve")
    look.findings.set("probe_grpc_duration_seconds", course.duration - resolve, phase="check")
