"""A daemon with very many checks: its ledger and its configuration."""

import json
from collections.abc import Mapping, Sequence

from side_by_side.target import MARKER

SHARE = 10
"""Checks that speak for one claim."""
TOKEN = "grow"  # noqa: S105  of a daemon that lives for two minutes on loopback


def ledger(claims: int) -> str:
    """A ledger with so many claims, half of them closed."""
    half = claims // 2
    lines = ["# State", "", "## CLOSED", ""]
    lines += [f"- **Shop {n}**: Shop {n} opens. (Closed: 2026-10-02)" for n in range(half)]
    lines += ["", "## STABLE", ""]
    lines += [f"- **Shop {n}**: Shop {n} is open." for n in range(half, claims)]
    return "\n".join(lines) + "\n"


def configuration(urls: Sequence[str], interval: int, listen: str, latency: str) -> str:
    """The daemon's settings; the first check has a bound on its latency, so that it can differ."""
    body = {"body": {"contains": MARKER}}
    checks = [
        _check(number, url, body if number else {**body, "latency": latency})
        for number, url in enumerate(urls)
    ]
    settings = {
        "listen": listen,
        "ledger": {"path": "STATE.md"},
        "defaults": {"interval": f"{interval}s"},
        "tokens": {"admin_file": "admin"},
        "checks": checks,
    }
    # JSON is YAML too, and quicker to read.
    return json.dumps(settings)


def _check(number: int, url: str, expect: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "name": f"door-{number}",
        "claims": [f"shop-{number // SHARE}"],
        "http": {"url": url, "expect": expect},
    }
