"""A program that is run, heard out up to a limit, and does not outlive the look that started it."""

import asyncio
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evidenced.probes.host.leftovers import MARK, kill_group, kill_rest
from evidenced.probes.threads import in_thread

_CHUNK = 64 * 1024
_LINGER = 0.2
"""Seconds for which the output of a program that has ended is awaited, where something that it
left behind still holds it open."""
_CLOSING = 2.0
"""Seconds for which killed programs are awaited when the daemon stops."""


class TooMuchError(Exception):
    """The program wrote more than is read."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to start; `before` is put before it, such as a program that sets limits.

    User and groups are by number, None where they are the daemon's own.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    before: Sequence[str] = ()
    user: int | None = None
    group: int | None = None
    groups: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status, negative for a signal, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


class Child:
    """A program that was started, and what comes out of it."""

    def __init__(self, process: subprocess.Popen[bytes], mark: str, outputs: list["_Output"]):
        self._process = process
        self._mark = mark
        self._outputs = outputs
        self._loop = asyncio.get_running_loop()
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self._pidfd = os.pidfd_open(process.pid)
        self._loop.add_reader(self._pidfd, self._on_exit)
        for output in outputs:
            output.listen()

    def _on_exit(self) -> None:
        self._loop.remove_reader(self._pidfd)
        # It stays a zombie for now, so that nothing else can get its number before all is killed.
        ended = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOWAIT)
        assert ended is not None  # noqa: S101  only with WNOHANG it may be
        by_itself = ended.si_code == os.CLD_EXITED
        self._exited.set_result(ended.si_status if by_itself else -ended.si_status)

    async def wait(self) -> Ended:
        """How it ended; raises TooMuchError where it wrote more than the limit."""
        heard = {output.ended for output in self._outputs}
        waiting: set[asyncio.Future[int]] = {self._exited, *heard}
        while not self._exited.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        await asyncio.wait(heard, timeout=_LINGER)
        for each in heard:
            if each.done():
                each.result()
        stdout, stderr = (bytes(output.data) for output in self._outputs)
        return Ended(self._exited.result(), stdout, stderr)

    def kill(self) -> asyncio.Task[None] | None:
        """Kill all that is left of it at once; a task where there may be more to find than that."""
        complete = self._exited.done() and all(output.ended.done() for output in self._outputs)
        kill_group(self._process.pid)
        for output in self._outputs:
            output.close()
        if complete:
            self._reap()
            return None
        return asyncio.create_task(self._bury())

    async def _bury(self) -> None:
        await in_thread(partial(kill_rest, self._process.pid, self._mark))
        await self._exited
        self._reap()

    def _reap(self) -> None:
        self._process.wait()
        os.close(self._pidfd)


class _Output:
    """What comes out of one pipe, read as it comes, up to so many bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self.fd, self.end = os.pipe()
        os.set_blocking(self.fd, False)
        self.data = bytearray()
        self.ended: asyncio.Future[int] = self._loop.create_future()

    def listen(self) -> None:
        """Begin to read; the end to write to is the program's alone from now on."""
        os.close(self.end)
        self.end = -1
        self._loop.add_reader(self.fd, self._read)

    def _read(self) -> None:
        try:
            chunk = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return
        self.data += chunk
        if chunk and len(self.data) <= self._limit:
            return
        if chunk:
            self.ended.set_exception(TooMuchError())
            self.ended.exception()  # It may be that nobody asks any more.
        else:
            self.ended.set_result(len(self.data))
        self.close()

    def close(self) -> None:
        """Let go of the pipe."""
        if self.end >= 0:
            os.close(self.end)
        if self.fd >= 0:
            self._loop.remove_reader(self.fd)
            os.close(self.fd)
        self.fd = self.end = -1


class Children:
    """All programs that one daemon has started, until nothing is left of them."""

    def __init__(self) -> None:
        self._burials: set[asyncio.Task[None]] = set()
        self._abandoned: set[asyncio.Future[subprocess.Popen[bytes]]] = set()

    @asynccontextmanager
    async def run(self, order: Order, limit: int) -> AsyncIterator[Child]:
        """Run a program while the block runs; it gets nothing to read.

        `limit` is the most bytes that are read of each of its outputs. Raises OSError where it
        cannot be started. Leaving the block takes no time: what cannot be killed at once is looked
        for in the background.
        """
        child = await self._start(order, limit)
        try:
            yield child
        finally:
            self._end(child)

    async def _start(self, order: Order, limit: int) -> Child:
        mark = uuid.uuid4().hex
        outputs: list[_Output] = []
        try:
            outputs += (_Output(limit) for _ in range(2))
            ends = [output.end for output in outputs]
            starting = in_thread(partial(_start, order, mark, ends[0], ends[1]))
        except BaseException:
            _close(outputs)
            raise
        try:
            return Child(await asyncio.shield(starting), mark, outputs)
        except asyncio.CancelledError:
            self._abandoned.add(starting)
            starting.add_done_callback(partial(self._abandon, mark, outputs))
            raise
        except BaseException:
            _close(outputs)
            raise

    def _abandon(
        self, mark: str, outputs: list[_Output], started: asyncio.Future[subprocess.Popen[bytes]]
    ) -> None:
        """Kill what was started for somebody who did not wait for it."""
        self._abandoned.discard(started)
        if started.cancelled() or started.exception() is not None:
            _close(outputs)
        else:
            self._end(Child(started.result(), mark, outputs))

    def _end(self, child: Child) -> None:
        burial = child.kill()
        if burial is not None:
            self._burials.add(burial)
            burial.add_done_callback(self._burials.discard)

    async def close(self) -> None:
        """Wait for what was killed, and for what is only being started, for a while at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                while self._abandoned or self._burials:
                    await asyncio.gather(*self._abandoned, *self._burials, return_exceptions=True)
                    await asyncio.sleep(0)  # what ended takes itself out, or leaves a burial


def _close(outputs: Sequence[_Output]) -> None:
    for output in outputs:
        output.close()


def _start(order: Order, mark: str, stdout: int, stderr: int) -> subprocess.Popen[bytes]:
    environment = {**order.environment, MARK: mark}
    program = _found(order)
    return subprocess.Popen(  # noqa: S603  what to run is the operator's to say; no shell is involved
        [*order.before, program, *order.arguments[1:]],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=order.folder,
        env=environment,
        start_new_session=True,
        user=order.user,
        group=order.group,
        extra_groups=order.groups,
    )


def _found(order: Order) -> str:
    """The program's path; raises the OSError that starting it would."""
    program = order.arguments[0]
    if "/" in program:
        path = order.folder / program
        path.stat()
        if not os.access(path, os.X_OK) or path.is_dir():
            raise PermissionError(None, "not a program that may be run", program)
        return str(path)
    found = shutil.which(program, path=order.environment.get("PATH", os.defpath))
    if found is None:
        raise FileNotFoundError(None, "found nowhere on PATH", program)
    return found


def signal_name(status: int) -> str:
    """The name of the signal that a negative exit status stands for."""
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"
