"""The look of the kinds `tcp` and `unix`: a connection, TLS where asked for, and a dialogue."""

import asyncio
import ssl

from evidenced.config.dialogue import Step
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.kinds.unix import UnixSettings
from evidenced.config.tls import TlsSettings
from evidenced.config.types import Pattern
from evidenced.probes.attempt import Failure, Judgement, Reason
from evidenced.probes.course import Phase
from evidenced.probes.expectations.compare import literal
from evidenced.probes.hearing import Hearing, filled
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources
from evidenced.probes.starttls import RefusedError, UnlikeError, ask_for_tls
from evidenced.probes.stream import Endpoint, Local, Stream

_AT_A_TIME = 500
"""Lines that are read before others have their turn: a peer may send them faster than they are
held against a pattern."""


class Conversation(Look):
    """A look that talks: the dialogue of its settings, over a stream that the kind opens."""

    def __init__(
        self, peer: Endpoint | Local, settings: TcpSettings | UnixSettings, resources: Resources
    ) -> None:
        super().__init__(peer, settings.expect)
        self._settings = settings
        self._resources = resources
        self._tls = settings.tls or TlsSettings()
        self._context: ssl.SSLContext | None = None
        self._captures: tuple[str, ...] = ()
        self._hearing: Hearing | None = None

    async def prepare(self) -> None:
        """Read the authorities to trust where there will be TLS."""
        if self._settings.secure:
            self._context = await self._resources.trust(self._tls, ())

    async def talk(self, stream: Stream, protocol: str | None = None) -> None:
        """Begin TLS where it is asked for, and go through the dialogue.

        `protocol` is the one in whose way TLS is asked for.
        """
        self.facts["ssl"] = False
        if protocol is not None:
            await ask_for_tls(protocol, stream)
            await self._secure(stream)
        elif self._settings.tls is not None and not self._settings.late_tls:
            await self._secure(stream)
        for index, step in enumerate(self._settings.dialogue):
            await self._turn(stream, index, step)

    def failure_of(self, error: Exception) -> Failure | None:
        """What the ways into TLS raise means a failure too."""
        match error:
            case RefusedError():
                return LookError(Reason.TLS, f"{self.peer.peer} {error}").failure
            case UnlikeError():
                return LookError(Reason.PROTOCOL, f"{self.peer.peer} {error}").failure
        return super().failure_of(error)

    def late(self, timeout: float) -> Failure:
        """A deadline that passes in the dialogue says what was waited for."""
        if self._hearing is None or self.course.phase is not Phase.PROCESSING:
            return super().late(timeout)
        self.judgements.append(self._hearing.judged(met=False))
        return self._hearing.late(timeout)

    async def _secure(self, stream: Stream) -> None:
        assert isinstance(self._context, ssl.SSLContext)  # noqa: S101  prepared whenever there is TLS
        host = self.peer.host or None
        named = self._tls.server_name or host
        self.chain = await stream.start_tls(self._context, named or "")
        self.facts["ssl"] = True
        self.course.enter(Phase.PROCESSING)

    async def _turn(self, stream: Stream, index: int, step: Step) -> None:
        if step.expect is not None:
            await self._hear(stream, index, step.expect)
        if step.expect_bytes is not None:
            await self._hear_bytes(stream, index, step.expect_bytes.encode())
        if step.send is not None:
            text = filled(step.send, self._captures)
            stream.send((text if text.endswith("\n") else f"{text}\n").encode())
        if step.starttls:
            await self._secure(stream)

    async def _hear(self, stream: Stream, index: int, pattern: Pattern) -> None:
        """Read on to the first line that matches."""
        self._hearing = hearing = Hearing(index, f"a line to match {literal(str(pattern))}")
        while (line := await stream.line()) is not None:
            captures = pattern.captures(line)
            if captures is not None:
                self._captures = captures
                self.judgements.append(hearing.judged(met=True, found="one that does"))
                self._hearing = None
                return
            hearing.heard += 1
            if hearing.heard % _AT_A_TIME == 0:
                await asyncio.sleep(0)
        self._unheard(hearing.judged(met=False, found=f"the end, after {hearing.heard} others"))

    async def _hear_bytes(self, stream: Stream, index: int, wanted: bytes) -> None:
        self._hearing = hearing = Hearing(index, f"the bytes {literal(wanted.decode())}")
        found = await stream.exactly(len(wanted))
        self._hearing = None
        if found == wanted:
            self.judgements.append(hearing.judged(met=True, found="them"))
            return
        cut = len(found) < len(wanted)
        self._unheard(
            hearing.judged(met=False, found=f"the end, after {len(found)}" if cut else "others")
        )

    def _unheard(self, judgement: Judgement) -> None:
        self.judgements.append(judgement)
        failure = Failure.of(judgement)
        raise LookError(failure.reason, failure.detail, failure.expectation)
