"""The life of one daemon: started, listening, stopped by signals."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

import structlog

from evidenced.app import loading, process
from evidenced.app.blackbox import BlackboxFile
from evidenced.app.daemon import Daemon
from evidenced.app.listener import listening
from evidenced.app.notify import Notifier
from evidenced.app.sockets import inherited
from evidenced.app.tending import Tending, tended
from evidenced.config.find import state_dir
from evidenced.config.model import Config
from evidenced.evidence.store import Store
from evidenced.probes.resources import Resources


@asynccontextmanager
async def running(
    path: Path, blackbox: Path | None = None, held: Sequence[socket.socket] = ()
) -> AsyncIterator[Daemon]:
    """A daemon that runs until the block is left, on the sockets that are held for it, if any.

    Raises ConfigError or LedgerError where there is nothing good to start with, and OSError where
    the address to listen on cannot be had.
    """
    loaded = await asyncio.to_thread(loading.start, path)
    modules = BlackboxFile(blackbox)
    await asyncio.to_thread(modules.read, loaded.config)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(Resources())
        store = await stack.enter_async_context(_store(path, loaded.config))
        daemon = Daemon(path, loaded, resources, store, modules)
        await daemon.restore()
        application = daemon.site().application()
        listener = await stack.enter_async_context(
            listening(application, loaded.config.listen, loaded.config.web, held)
        )
        daemon.address = listener.address
        daemon.in_force.reloaded = lambda loaded: listener.adopt(loaded.config.web)
        async with asyncio.TaskGroup() as group:
            life = group.create_task(daemon.live(), name="daemon")
            daemon.tell_started()
            try:
                yield daemon
            finally:
                life.cancel()
                daemon.leave()


def _store(path: Path, config: Config) -> Store:
    kept = config.store
    folder = state_dir(None, path, os.environ)
    shard = config.shard.index if config.shard else None
    return Store(kept.address, folder, keep=kept.keep, max_size=kept.max_size, shard=shard)


async def serve(path: Path, blackbox: Path | None = None) -> None:
    """Run a daemon until SIGTERM or SIGINT; SIGHUP reloads it.

    It tells the service manager how it goes, and listens on the sockets that this one holds for it.
    """
    held = inherited(os.environ)
    with closing(Notifier.found(os.environ)) as manager:
        manager.status("starting: reading the configuration and the ledger")
        async with running(path, blackbox, held) as daemon:
            daemon.in_force.manager = manager
            tending = Tending(manager, daemon.board, lambda: daemon.keeper.restored, daemon.behind)
            with _signals(daemon):
                process.tune()
                async with tended(tending, manager):
                    await daemon.stopped.wait()
            structlog.get_logger().info("stopping")


@contextmanager
def _signals(daemon: Daemon) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[tuple[str, ...]]] = set()

    def reload() -> None:
        task = loop.create_task(daemon.in_force.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    handlers = {
        signal.SIGTERM: daemon.stopped.set,
        signal.SIGINT: daemon.stopped.set,
        signal.SIGHUP: reload,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
