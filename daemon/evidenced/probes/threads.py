"""Work that blocks, taken off the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def in_thread(call: Callable[[], T]) -> asyncio.Future[T]:
    """Run a blocking call in a thread of its own; the future has what it returns or raises.

    A thread of an executor would be waited for when the interpreter ends, so a name resolution
    that hangs would keep a daemon from stopping; a daemon thread is not. Nothing bounds how many
    there are: the caller does. Cancelling the future does not stop the call.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # None only where T is None
        else:
            future.set_exception(error)
            future.exception()  # Where nobody waits any more, nobody is told.

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as caught:  # noqa: BLE001  handed over to whoever waits
            error = caught
        with suppress(RuntimeError):  # The loop was closed meanwhile.
            loop.call_soon_threadsafe(deliver, result, error)

    threading.Thread(target=run, name="evidenced-blocking", daemon=True).start()
    return future


class Workers:
    """At most so many blocking calls at a time, each in a thread of its own."""

    def __init__(self, size: int) -> None:
        self._free = asyncio.Semaphore(size)

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns; waits for a free place first.

        Where the caller is cancelled, the place stays taken until the call has ended, so calls
        that hang cannot pile up.
        """
        await self._free.acquire()
        try:
            future = in_thread(call)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(future)
