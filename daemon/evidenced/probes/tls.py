"""The look at one TLS server: is its certificate trusted, in time, and for the right name."""

import ssl

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.tls import TlsCheckSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.look import Look
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Endpoint, connect


class _Tls(Look):
    def __init__(self, settings: TlsCheckSettings, resources: Resources) -> None:
        self._endpoint = Endpoint(*split_endpoint(settings.address), ip=settings.ip)
        super().__init__(self._endpoint, settings.expect)
        self._settings = settings
        self._resources = resources
        self._context: ssl.SSLContext | None = None

    async def prepare(self) -> None:
        """Read the authorities to trust."""
        self._context = await self._resources.trust(self._settings.tls, ())

    async def run(self) -> None:
        """Connect and do the handshake."""
        assert isinstance(self._context, ssl.SSLContext)  # noqa: S101  prepared
        stream = await connect(self._endpoint, self._resources)
        self.facts |= stream.address_facts
        named = self._settings.server_name or self._settings.tls.server_name
        self.chain = await stream.start_tls(self._context, named or self._endpoint.host)


async def probe(settings: TlsCheckSettings, timeout: float, resources: Resources) -> Attempt:
    """Do one TLS handshake and judge the certificate, trusted or not; see `Probe`.

    Facts: `address` (the one connected to), `ip_protocol`, and what `certificate_facts` tells.
    Judgements: `certificate:…`, `latency`.
    """
    return await _Tls(settings, resources).take(timeout)
