"""The connection to the system's D-Bus: one for all, made when it is first needed."""

import asyncio
from contextlib import suppress
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

_AT_ONCE = 32
"""Calls that may await their answers: the library gives a connection up when its socket is full."""

_CLOSING = 0.5
"""Seconds that the end of a connection is awaited."""

LOST = "org.freedesktop.DBus.Error.NoReply"
"""The name of the error where a connection ended before an answer came."""


class BusError(Exception):
    """An answer that is an error; `name` is the error's name on the bus."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Bus:
    """The system bus, at $DBUS_SYSTEM_BUS_ADDRESS or the usual place; connects again when lost."""

    def __init__(self) -> None:
        self._connecting: asyncio.Task[MessageBus] | None = None
        self._ends: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def call(self, message: Message) -> list[Any]:
        """The body of the answer to a method call.

        Raises OSError where there is no bus, BusError where the answer is an error. A call that
        was lost with the connection is made once more: a bus may be restarted. Has no deadline.
        """
        bus = await self._bus()
        try:
            return await self._answer(bus, message)
        except BusError as error:
            if error.name != LOST or bus.connected:
                raise
        return await self._answer(await self._bus(), message)

    async def _answer(self, bus: MessageBus, message: Message) -> list[Any]:
        await self._free.acquire()
        answering = asyncio.create_task(_answer(bus, message))
        # Who no longer waits has asked nevertheless: the place is free when the answer is there.
        answering.add_done_callback(self._answered)
        return await asyncio.shield(answering)

    def _answered(self, answering: asyncio.Task[list[Any]]) -> None:
        self._free.release()
        if not answering.cancelled():
            answering.exception()  # It may be that nobody asks any more.

    async def _bus(self) -> MessageBus:
        task = self._connecting
        if task is None or (task.done() and not _is_alive(task)):
            task = self._connecting = asyncio.create_task(self._connect())
        return await asyncio.shield(task)

    async def _connect(self) -> MessageBus:
        try:
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        except OSError:
            raise
        except Exception as error:
            raise ConnectionError(None, f"{type(error).__name__}: {error}") from error
        ending = asyncio.create_task(_ended(bus))
        self._ends.add(ending)
        ending.add_done_callback(self._ends.discard)
        return bus

    async def close(self) -> None:
        """End the connection, and wait until it has ended, for a moment at most."""
        task, self._connecting = self._connecting, None
        if task is not None:
            task.cancel()
            with suppress(Exception, asyncio.CancelledError):
                (await task).disconnect()
        if self._ends:
            await asyncio.wait(self._ends, timeout=_CLOSING)


async def _ended(bus: MessageBus) -> None:
    """Wait for the end of a connection, of whatever kind, so that it is not told as an error."""
    with suppress(Exception):
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


def _is_alive(task: asyncio.Task[MessageBus]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().connected


async def _answer(bus: MessageBus, message: Message) -> list[Any]:
    # The loop comes round once, so that an end of the connection is seen before it is written to.
    await asyncio.sleep(0)
    if not bus.connected:
        raise BusError(LOST, "the connection was lost")
    # A message is sent once: the connection gives it a number of its own.
    sent = Message(
        destination=message.destination,
        path=message.path,
        interface=message.interface,
        member=message.member,
        signature=message.signature,
        body=message.body,
    )
    try:
        reply = await bus.call(sent)
    except (OSError, EOFError) as error:
        raise BusError(LOST, str(error)) from error
    if reply is None:
        raise BusError(LOST, "the connection was lost")
    if reply.message_type is MessageType.ERROR:
        text = str(reply.body[0]) if reply.body else ""
        raise BusError(reply.error_name or "", text)
    return list(reply.body)
