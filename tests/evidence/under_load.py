"""Run as a program: writes into a store under load until it is killed, again and again.

For each line on its standard input, the folder of a store, it forks a child (which need not import
everything anew), says its process id, and what the child has confirmed as kept: `kept ID HASH`.
When the child is gone it says `gone`.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from evidenced.evidence.pace import Pace
from evidenced.evidence.records import Evidence, Run, Saved
from evidenced.evidence.store import Store

PACE = Pace(linger=0.0, spans=0.01, open=0.02, prune=0.03)


async def write(folder: Path) -> None:
    async with Store("sqlite:///evidence.db", folder, keep=3600, pace=PACE) as store:
        number = 0
        while True:
            for _ in range(20):
                number += 1
                put(store, number)
            await store.flush()
            head = await store.head()
            os.write(1, f"kept {head.id} {head.hash} {number}\n".encode())


def put(store: Store, number: int) -> None:
    # Every third record is too old to be kept, so retention is at work as well.
    store.put(
        Evidence(
            at=time.time() - 7200 * (number % 3 == 0),
            claim=f"claim-{number % 7}",
            section="stable",
            check="oven",
            before="verified",
            standing="contradicted",
            proof={"body": "x" * (number % 1500), "number": number},
        )
    )
    status = "success" if number % 5 else "failure"
    at = time.time()
    for check in ("oven", "till"):
        store.put(Run(check=check, status=status, at=at, duration=0.1, reach=60))
    store.put(Saved(kind="number", name=str(os.getpid()), state=number))


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(write(Path(line.rstrip("\n"))))
        os.write(1, f"{child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"gone\n")


if __name__ == "__main__":
    main()
