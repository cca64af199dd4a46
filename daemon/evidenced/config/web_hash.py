"""Hashes of bcrypt, as `htpasswd -B` and Prometheus' web configuration have them."""

import re

from evidenced.config.types import Secret

# "$2y$", two digits of cost, 22 characters of salt and 31 of hash (OpenBSD, crypt_blowfish).
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")

COSTS = range(4, 18 + 1)
"""The costs of a hash that are taken: one more doubles the time, and 18 takes some 20 s."""


def hashed(secret: Secret) -> Secret:
    """The secret, seen to be a hash of bcrypt; ValueError where it is none."""
    found = _BCRYPT.fullmatch(secret.reveal())
    if found is None:
        raise ValueError("expected the bcrypt hash of a password, as `htpasswd -nB NAME` prints it")
    if int(found[1]) not in COSTS:
        raise ValueError(f"expected a bcrypt hash of a cost from {COSTS[0]} to {COSTS[-1]}")
    return secret
