"""The last pushes in a file, so that what was said once a day is still known after a restart."""

import asyncio
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import structlog
from pydantic import RootModel, ValidationError

from evidenced.probes.mailbox import Mailbox
from evidenced.publish.push_body import KeptPush

NAME = "pushes.json"
"""The file's name in the folder of the daemon's state."""

PAUSE = 1.0
"""Seconds from one writing to the next, however many pushes come."""

LIMIT = 256 * 1024 * 1024
"""The most bytes that are read back."""


class _File(RootModel[dict[str, KeptPush]]):
    """The file: the last push by the name of its check."""


class PushFile:
    """Keeps the pushes of a mailbox in a file, and brings them back.

    Without the file nothing is lost but the memory of them: what cannot be read or written is
    logged, and the daemon goes on.
    """

    def __init__(self, path: Path, mailbox: Mailbox) -> None:
        self._path = path
        self._mailbox = mailbox
        self._news = asyncio.Event()
        self._log = structlog.get_logger()
        self._in_trouble = False

    async def restore(self) -> None:
        """Put back what the mailbox has slots for, each push with the age that it has by now."""
        try:
            kept = await asyncio.to_thread(self._read)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a file of pushes"
            self._log.warning("pushes are not known any more", path=str(self._path), problem=why)
            return
        for name, push in kept.items():
            self._mailbox.put(name, push.push(push.received), time.time() - push.received)

    def changed(self) -> None:
        """Write the file soon."""
        self._news.set()

    async def run(self) -> None:
        """Write the file after each change, until cancelled, and then once more if need be."""
        writing: asyncio.Future[None] | None = None
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                writing = asyncio.ensure_future(asyncio.to_thread(self._write, self._text()))
                await asyncio.shield(writing)
                await asyncio.sleep(PAUSE)
        finally:
            # A write under way goes on in its thread: it must not replace what is written below.
            if writing is not None:
                await asyncio.wait([writing])
            if self._news.is_set():
                self._write(self._text())

    def _text(self) -> str:
        kept = {name: KeptPush.of(push) for name, push in self._mailbox}
        return json.dumps(
            {name: push.model_dump(exclude_defaults=True) for name, push in kept.items()},
            ensure_ascii=False,
        )

    def _read(self) -> dict[str, KeptPush]:
        try:
            with self._path.open("rb") as file:
                return _File.model_validate_json(file.read(LIMIT)).root
        except FileNotFoundError:
            return {}
        except ValidationError:
            raise ValueError from None

    def _write(self, text: str) -> None:
        """Replace the file as a whole; only its owner may read it."""
        try:
            descriptor, name = tempfile.mkstemp(
                prefix=f".{self._path.name}.", dir=self._path.parent
            )
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(name).replace(self._path)
            except BaseException:
                with suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            if not self._in_trouble:
                self._log.warning(
                    "pushes will not be known after a restart",
                    path=str(self._path),
                    problem=error.strerror,
                )
            self._in_trouble = True
        else:
            self._in_trouble = False
