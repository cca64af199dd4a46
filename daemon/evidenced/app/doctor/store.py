"""Whether evidence can be kept: the folder, the disk, and the newest part of the chain."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import URL

from evidenced.app.doctor.finding import Finding, ok, problem, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.types import format_duration
from evidenced.config.words import counted
from evidenced.evidence.address import file_of, located, shown
from evidenced.evidence.chain import verify
from evidenced.evidence.database import Database
from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Anchor, Evidence, Head
from evidenced.evidence.trouble import StoreError
from evidenced.probes.threads import in_thread

NEWEST = 500
"""Records of the chain that are verified; `evidenced evidence verify` goes through all."""

PATIENCE = 6.0
"""Seconds in which the store must answer."""

SCARCE, LAST = 1024**3, 100 * 1024**2
"""Bytes of free disk below which it is a warning, and a problem."""

_MIB = 1024**2


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """How the store is, as the one who asks may see it."""
    settings = subject.config.store
    try:
        url = located(settings.address, subject.state)
    except StoreError as error:
        return (problem(str(error), "correct `store.url`"),)
    file = file_of(url)
    found = [] if file is None else await in_thread(lambda: list(_folder(file)))
    if file is not None and not await in_thread(file.exists):
        what = f"{file} is not there yet"
        return (*found, warning(what, "start the daemon: its first start begins the store"))
    return (*found, await _chain(url, settings.keep))


def _folder(file: Path) -> Iterator[Finding]:
    """The folder that must be written, the size of the file, the space that is left."""
    folder = file.parent
    if not folder.is_dir():
        yield problem(f"{folder} is no folder", f"mkdir -p {folder}, as the daemon's user")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield problem(
            f"{folder} cannot be written by this user (uid {os.geteuid()})",
            f"give the folder to the daemon's user (chown), or run this as that user: {folder}",
        )
    elif file.exists() and not os.access(file, os.R_OK | os.W_OK):
        yield problem(
            f"{file} cannot be written by this user (uid {os.geteuid()})",
            "give the file to the daemon's user (chown), or run this as that user",
        )
    free = shutil.disk_usage(folder).free
    size = f"{file}: {file.stat().st_size / _MIB:.1f} MiB" if file.exists() else str(folder)
    what = f"{size}, {free / _MIB:.0f} MiB free on its disk"
    if free >= SCARCE:
        yield ok(what)
        return
    mend = "free some of the disk, or keep less: `store.keep`, `store.max_size`"
    yield problem(what, mend) if free < LAST else warning(what, mend)


async def _chain(url: URL, keep: float) -> Finding:
    database = Database(url)
    try:
        database.open_prepared()
        async with asyncio.timeout(PATIENCE):
            reader = Reader(database)
            await reader.check_revision()
            head, records = await _newest(reader)
    except ImportError:
        return problem("the driver of the store is missing", "pip install evidenced[postgres]")
    except TimeoutError:
        return problem(
            f"{shown(url)} does not answer within {PATIENCE:g} s",
            "see that the database runs, and what locks it",
        )
    except StoreError as error:
        return problem(
            str(error), "see that the file or the database is there, whole, and may be read"
        )
    finally:
        await database.close()
    if not records:
        return ok(f"{shown(url)} is readable, without records yet")
    # Hashing is the processor's: away from the loop, beside the other examinations.
    start = Anchor(records[0].id - 1, records[0].previous)
    flaws = await in_thread(partial(verify, records, head, start))
    if flaws:
        return problem(
            f"the chain of evidence is broken: {flaws[0]}",
            "`evidenced evidence verify` lists all; restore the store from a backup, and find "
            "who changed it",
        )
    newest, kept = counted(len(records), "record"), format_duration(keep)
    return ok(f"{shown(url)}: the chain is whole in its newest {newest} (kept for {kept})")


async def _newest(reader: Reader) -> tuple[Head, list[Evidence]]:
    """The head, and the newest records up to it, oldest first."""
    head = await reader.head()
    newest = await reader.evidence(before=head.id + 1, limit=NEWEST)
    return head, list(reversed(newest))
