"""Ports of loopback for programs that have to be told theirs before they listen."""

import random
import socket
from contextlib import suppress

_SOURCE = random.SystemRandom()
_NOBODYS = range(10_000, 32_000)
"""Linux gives these to no outgoing connection (32768 to 60999 are, unless it is told otherwise), so
none of the thousands that other tests open can have one before the program listens on it."""


def free_port() -> int:
    """A port that nothing listens on and nothing else comes to have by chance."""
    while True:
        port = _SOURCE.choice(_NOBODYS)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
