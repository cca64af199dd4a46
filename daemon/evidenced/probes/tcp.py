"""The look at one TCP port: does it take connections, and does it answer as it should."""

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Endpoint, connect
from evidenced.probes.talk import Conversation


class _Tcp(Conversation):
    def __init__(self, settings: TcpSettings, resources: Resources) -> None:
        endpoint = Endpoint(*split_endpoint(settings.address), ip=settings.ip)
        super().__init__(endpoint, settings, resources)
        self._starttls = settings.starttls

    async def run(self) -> None:
        """Connect and talk."""
        assert isinstance(self.peer, Endpoint)  # noqa: S101  as it was made
        stream = await connect(self.peer, self._resources)
        self.facts |= stream.address_facts
        await self.talk(stream, self._starttls)


async def probe(settings: TcpSettings, timeout: float, resources: Resources) -> Attempt:
    """Open a connection, with TLS and a dialogue where they are asked for; see `Probe`.

    Facts: `address` (the one connected to), `ip_protocol`, `ssl`, and what `certificate_facts`
    tells. Judgements: `dialogue[N]` for each turn that expects something and was come to,
    `certificate:…`, `latency`.
    """
    return await _Tcp(settings, resources).take(timeout)
