"""A daemon in a process of its own that can be asked how long its loop was held.

    python -m growing.hosted CONFIG SOCKET

It is what `evidenced run` runs. On the Unix socket, the line `begin` has holds measured from then
on, and `end` ends that and answers how many callbacks ran and how late the latest was, in seconds.
Between these two the daemon is as it always is: what measures costs something itself.
"""

import asyncio
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import uvloop

from evidenced.app.life import running
from evidenced.app.logs import configure_logs
from evidenced.app.process import tune
from store import Holds


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do as one connection says until it ends."""
    with ExitStack() as stack:
        holds = Holds()
        async for line in reader:
            if line == b"begin\n":
                holds = stack.enter_context(Holds())
                writer.write(b"\n")
            else:
                stack.close()
                writer.write(b"%d %f\n" % (len(holds.late), max(holds.late, default=0.0)))
            await writer.drain()
    writer.close()


async def main(config: Path, socket: str) -> None:
    """Run the daemon until the process is told to end."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with running(config):
        tune()
        async with await asyncio.start_unix_server(answer, socket):
            await over.wait()


if __name__ == "__main__":
    configure_logs()
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
