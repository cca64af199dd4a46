"""The look at one gRPC server by gRPC's health protocol: is this service serving?

https://github.com/grpc/grpc/blob/master/doc/health-checking.md
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.config.tls import TlsSettings
from evidenced.probes.attempt import Attempt, Failure, Judgement, Reason
from evidenced.probes.course import Phase
from evidenced.probes.look import Look, LookError
from evidenced.probes.relay import Relay
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Endpoint, connect
from evidenced.probes.threads import in_thread

if TYPE_CHECKING:
    import ssl

    import grpc
    from grpc_health.v1 import health_pb2

_MISSING = "gRPC is not installed here: pip install 'evidenced[grpc]'"

_METHOD = "/grpc.health.v1.Health/Check"

# Status codes (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
_NOT_FOUND = 5
_UNIMPLEMENTED = 12
_UNAVAILABLE = 14


class _Grpc(Look):
    def __init__(self, settings: GrpcSettings, resources: Resources) -> None:
        self._endpoint = Endpoint(*split_endpoint(settings.address), ip=settings.ip)
        super().__init__(self._endpoint, settings.expect)
        self._settings = settings
        self._resources = resources
        self._tls = settings.tls or TlsSettings()
        self._context: ssl.SSLContext | None = None
        self._grpc: Any = None
        self._health: Any = None

    async def prepare(self) -> None:
        """Load the library, and read the authorities to trust."""
        try:
            self._grpc, self._health = await _library()
        except ImportError:
            raise LookError(Reason.DEPENDENCY, _MISSING) from None
        if self._settings.tls is not None:
            self._context = await self._resources.trust(self._tls, ("h2",))

    async def run(self) -> None:
        """Connect, and ask over the connection."""
        stream = await connect(self._endpoint, self._resources)
        self.facts |= stream.address_facts
        self.facts["ssl"] = self._context is not None
        if self._context is not None:
            named = self._tls.server_name or self._endpoint.host
            self.chain = await stream.start_tls(self._context, named)
            self.course.enter(Phase.PROCESSING)
        async with Relay(stream) as relay, self._channel(relay.target) as channel:
            check = channel.unary_unary(
                _METHOD,
                request_serializer=self._health.HealthCheckRequest.SerializeToString,
                response_deserializer=self._health.HealthCheckResponse.FromString,
            )
            request = self._health.HealthCheckRequest(service=self._settings.service)
            try:
                answer = await check(request)
            except self._grpc.RpcError as error:
                self._failed(error.code().value[0], relay)
            else:
                self.finish()
                self._served(answer)

    def _channel(self, target: str) -> "grpc.aio.Channel":
        """A channel over the relay, which is a local socket, to a server that hears its own name.

        The relay speaks TLS with the server where that is asked for, so the channel does not.
        """
        scheme = "http" if self._context is None else "https"
        options = (
            ("grpc.default_authority", self._tls.server_name or self._endpoint.peer),
            ("grpc.http2_scheme", scheme),
            ("grpc.enable_retries", 0),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
        )
        channel: grpc.aio.Channel = self._grpc.aio.insecure_channel(target, options=options)
        return channel

    def _served(self, answer: "health_pb2.HealthCheckResponse") -> None:
        status = self._health.HealthCheckResponse.ServingStatus.Name(answer.status)
        self.facts |= {"grpc_status_code": 0, "serving_status": status}
        met = status == "SERVING"
        self.judgements.append(Judgement("serving", met, "SERVING", status, Reason.STATUS))

    def _failed(self, code: int, relay: Relay) -> None:
        """Tell what a status other than OK means; raises LookError."""
        self.facts["grpc_status_code"] = code
        peer, service = self.peer.peer, self._settings.service
        name = next(each.name for each in self._grpc.StatusCode if each.value[0] == code)
        if relay.error is not None:
            raise relay.error
        # A server's first frame is of type SETTINGS (RFC 9113, 3.4 and 4.1).
        if relay.head and relay.head[3:4] != b"\x04":
            raise LookError(Reason.PROTOCOL, f"{peer} does not speak gRPC")
        if code == _UNAVAILABLE and relay.ended:
            raise LookError(Reason.CONNECT, f"connection to {peer} closed before an answer")
        found = {
            _NOT_FOUND: f"{name}, which means that it does not know the service {service!r}",
            _UNIMPLEMENTED: f"{name}, which means that it has no health service",
        }.get(code, name)
        judgement = Judgement("serving", False, "SERVING", found, Reason.STATUS)
        self.judgements.append(judgement)
        failure = Failure.of(judgement)
        raise LookError(failure.reason, failure.detail, failure.expectation)


async def _library() -> tuple[Any, Any]:
    """The library and its messages, loaded off the loop the first time, for that takes a while.

    Raises ImportError where it is not installed.
    """
    names = ("grpc.aio", "grpc_health.v1.health_pb2")
    if not all(name in sys.modules for name in names):
        await in_thread(lambda: [importlib.import_module(name) for name in names])
    return sys.modules["grpc"], sys.modules["grpc_health.v1.health_pb2"]


async def probe(settings: GrpcSettings, timeout: float, resources: Resources) -> Attempt:
    """Ask a gRPC server whether a service is serving; see `Probe`.

    Unknown, with what to install, where gRPC is not there: it is an extra. Facts: `address` (the
    one connected to), `ip_protocol`, `ssl`, `grpc_status_code`, `serving_status`, and what
    `certificate_facts` tells. Judgements: `serving` where there was an answer, `certificate:…`,
    `latency`.
    """
    return await _Grpc(settings, resources).take(timeout)
