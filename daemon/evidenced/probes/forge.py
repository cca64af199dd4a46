"""The look at a pull request or a workflow by the API of its forge."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from evidenced.config.kinds.forge import ForgeSettings
from evidenced.config.types import format_duration, shown_duration
from evidenced.probes.address import Address
from evidenced.probes.attempt import Attempt, Failure, Judgement, Reason
from evidenced.probes.forgeapi import UnreadableError, api_base, headers, question, read
from evidenced.probes.forgelimits import seconds_to_wait
from evidenced.probes.forgememory import PullRequest, Seen, WorkflowRun
from evidenced.probes.jsonapi import ApiLook, Reply
from evidenced.probes.look import LookError
from evidenced.probes.resources import Resources

_MOVED = frozenset({301, 302, 307, 308})
_MOST_MOVES = 3


async def probe(settings: ForgeSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a forge; see `Probe` for what holds for all kinds.

    Whatever keeps the forge from answering, from the network to its limits, is unknown (reason
    `dependency`) and never a failure of what is asked for. Facts: `state`, `merged_at`,
    `conclusion`, `ended_at` (Unix time), `asked` (whether a request was sent: not where the pull
    request is known to be merged), `status_code`.
    """
    return await _ForgeLook(settings, resources).take(timeout)


class _ForgeLook(ApiLook):
    def __init__(self, settings: ForgeSettings, resources: Resources) -> None:
        super().__init__(api_base(settings), settings.tls, resources)
        self._settings = settings
        self._memory = resources.forges
        self._question = question(settings)
        token = settings.token.reveal() if settings.token else ""
        self._quota = (api_base(settings), token)

    async def run(self) -> None:
        """Ask where it may have changed, and judge."""
        self.facts["asked"] = False
        asked = self.under(self._question.path, self._question.query)
        if str(asked) in self._memory.final:
            seen = self._memory.final[str(asked)]
        else:
            found = await self._find(asked)
            if isinstance(found, Judgement):
                self.judgements.append(found)
                return
            seen = found
        self._tell(seen)
        self.judgements += _judge(self._settings, seen)

    def failure_of(self, error: Exception) -> Failure | None:
        """Of what is wrong with the forge, none is a failure of what is asked for."""
        if isinstance(error, UnreadableError):
            detail = f"{self.peer.peer} does not answer as the API of {self._settings.forge} does"
            return Failure(Reason.DEPENDENCY, "", detail)
        return _blameless(super().failure_of(error))

    def late(self, timeout: float) -> Failure:
        """So it is with a forge that does not answer in time."""
        return _blameless(super().late(timeout)) or super().late(timeout)

    async def _find(self, asked: Address) -> Seen | Judgement:
        key = (str(asked), self._quota[1])
        etag, last = self._memory.known.get(key, ("", None))
        reply = await self._ask(asked, {"If-None-Match": etag} if etag else {})
        if reply.status == 304 and etag:
            return last
        if reply.status == 404:
            return await self._missing()
        if reply.status != 200:
            raise LookError(Reason.DEPENDENCY, f"{self.peer.peer} {_refusal(reply.status)}")
        seen = read(self._settings, reply.document)
        if isinstance(seen, PullRequest) and seen.state == "merged":
            self._memory.final[str(asked)] = seen
            self._memory.known.pop(key, None)
        elif "ETag" in reply.headers:
            self._memory.known[key] = (reply.headers["ETag"], seen)
        return seen

    async def _ask(self, address: Address, more: dict[str, str]) -> Reply:
        """Ask, unless the forge wants to be left alone; follow where the repository has moved."""
        for _ in range(_MOST_MOVES + 1):
            if left := self._memory.left(self._quota):
                raise LookError(
                    Reason.DEPENDENCY,
                    f"{self.peer.peer} limits our requests: none is sent before {_at(left)}",
                )
            self.facts["asked"] = True
            reply = await self.get(address, headers(self._settings) | more)
            self.facts["status_code"] = reply.status
            wait = seconds_to_wait(reply.status, reply.headers, reply.at("message"))
            if wait is not None:
                self._memory.wait(self._quota, wait)
                if reply.status >= 400:
                    detail = f"{self.peer.peer} {_limit(reply.status)} before {_at(wait)}"
                    raise LookError(Reason.DEPENDENCY, detail)
            if reply.status not in _MOVED:
                return reply
            address = self._moved(reply, address)
        raise LookError(Reason.DEPENDENCY, f"{self.peer.peer} redirects again and again")

    def _moved(self, reply: Reply, asked: Address) -> Address:
        try:
            address = replace(Address.parse(reply.headers.get("Location", ""), asked), user="")
        except ValueError:
            address = None
        # To another origin the token must not go.
        if address is None or address.origin != asked.origin:
            raise LookError(Reason.DEPENDENCY, f"{self.peer.peer} redirects to another site")
        return address

    async def _missing(self) -> Judgement:
        """The judgement on what is not there, once it is sure that we would see it.

        Forges say "not found" as well of what the token may not read.
        """
        repository = await self._ask(self.under(self._question.repository), {})
        if repository.status != 200:
            name = self._settings.repository
            detail = f"{self.peer.peer} shows no repository {name}: is the name right, and may "
            raise LookError(Reason.DEPENDENCY, f"{detail}the token read it?")
        name, expected, _ = _wanted(self._settings)
        return Judgement(name, False, expected, "none of that name or number", Reason.STATUS)

    def _tell(self, seen: Seen) -> None:
        if isinstance(seen, PullRequest):
            self.facts["state"] = seen.state
            if seen.merged is not None:
                self.facts["merged_at"] = seen.merged
        elif isinstance(seen, WorkflowRun):
            self.facts |= {"conclusion": seen.conclusion, "ended_at": seen.ended}


def _wanted(settings: ForgeSettings) -> tuple[str, str, tuple[str, ...]]:
    """The name of the expectation, what is expected in words, and what is allowed."""
    if settings.pull_request is not None:
        states: tuple[str, ...] = settings.expect.state or ("merged",)
        return "state", f"pull request {settings.pull_request} {' or '.join(states)}", states
    ends: tuple[str, ...] = settings.expect.conclusion or ("success",)
    return "conclusion", f"{settings.workflow} to end in {' or '.join(ends)}", ends


def _judge(settings: ForgeSettings, seen: Seen) -> Iterator[Judgement]:
    name, expected, allowed = _wanted(settings)
    if isinstance(seen, PullRequest):
        yield Judgement(name, seen.state in allowed, expected, seen.state, Reason.STATUS)
        return
    found = seen.conclusion if seen else "no finished run"
    yield Judgement(name, found in allowed, expected, found, Reason.STATUS)
    longest = settings.expect.max_age
    if longest is not None:
        age = time.time() - seen.ended if seen else None
        met = age is not None and age <= longest
        shown = "no finished run" if age is None else f"one {format_duration(int(max(age, 0)))} ago"
        expected = f"a run within the last {shown_duration(longest)}"
        yield Judgement("max_age", met, expected, shown, Reason.BODY)


def _blameless(failure: Failure | None) -> Failure | None:
    """The failure of the looker that a failure of the forge is."""
    if failure is None or failure.reason is Reason.INTERNAL:
        return failure
    return replace(failure, reason=Reason.DEPENDENCY)


def _refusal(status: int) -> str:
    if status == 401:
        return "does not take the token (401)"
    if status == 403:
        return "refuses to answer (403): may the token read the repository?"
    return f"answers {status}"


def _limit(status: int) -> str:
    if status >= 500:
        return f"answers {status} and wants no request"
    return f"limits our requests ({status}): none is sent"


def _at(seconds: float) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%H:%M:%S} UTC"
