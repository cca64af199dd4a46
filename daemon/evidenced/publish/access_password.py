"""Passwords of basic authentication (RFC 7617), held against hashes of bcrypt off the loop."""

import asyncio
import base64
import binascii
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import bcrypt

from evidenced.config.types import Secret
from evidenced.probes.threads import Workers

REMEMBERED = 100
"""Right passwords that are remembered, so that a scrape does not pay for bcrypt each time."""

AT_ONCE = 2
"""Hashes that are worked out at the same time."""

WAITING = 100
"""Hashes that may be waited for; who comes then is sent away for a moment."""

_READ = 72
"""Bytes of a password that bcrypt looks at; the library refuses more where others ignore them."""


class BusyError(Exception):
    """Too many passwords wait to be held against their hashes."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password as a request shows them; never printed."""

    name: str
    password: bytes

    def __repr__(self) -> str:
        return "<credentials>"


def shown(authorization: str) -> Credentials | None:
    """The credentials in a header `Authorization: Basic …`; None where it has none."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(given.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return Credentials(name.decode("utf-8", "replace"), password) if colon else None


class Passwords:
    """Says whether a password is that of a user; how long it takes says nothing of the names.

    What is remembered is a digest under a key of this process, of right passwords alone: a wrong
    one always takes the time of bcrypt, whether there is a user of its name or not.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._asked: dict[bytes, asyncio.Task[bool]] = {}
        self._workers = Workers(AT_ONCE)

    def __len__(self) -> int:
        return len(self._right)

    def remembers(self, users: Mapping[str, Secret], given: Credentials) -> bool:
        """Whether this was found right before, with the hash that the user has now."""
        digest = self._digest(given, users.get(given.name))
        if digest not in self._right:
            return False
        self._right.move_to_end(digest)
        return True

    async def right(self, users: Mapping[str, Secret], given: Credentials) -> bool:
        """Whether it is the password of the user; raises BusyError where too many ask."""
        if not users:
            return False
        expected = users.get(given.name)
        digest = self._digest(given, expected)
        task = self._asked.get(digest)
        if task is None:
            if len(self._asked) >= WAITING:
                raise BusyError
            # Some user's hash is worked through for a name that nobody has.
            hashed = expected or next(iter(users.values()))
            task = asyncio.create_task(self._work(given.password, hashed), name="password")
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        # A caller that goes away does not take the answer from others who wait for the same.
        same = await asyncio.shield(task)
        if not same or expected is None:
            return False
        self._right[digest] = None
        self._right.move_to_end(digest)
        if len(self._right) > REMEMBERED:
            self._right.popitem(last=False)
        return True

    async def _work(self, password: bytes, hashed: Secret) -> bool:
        return await self._workers.run(partial(_same, password, hashed))

    def _digest(self, given: Credentials, expected: Secret | None) -> bytes:
        hashed = expected.reveal() if expected else ""
        parts = (hashed.encode(), given.name.encode("utf-8", "replace"), given.password)
        # Each is hashed for itself, so that no two ways to part the same bytes are one.
        return hmac.digest(self._key, b"".join(sha256(part).digest() for part in parts), "sha256")


def _same(password: bytes, hashed: Secret) -> bool:
    try:
        return bcrypt.checkpw(password[:_READ], hashed.reveal().encode())
    except ValueError:
        return False
