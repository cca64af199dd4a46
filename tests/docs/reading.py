"""Configurations as the pages show them, read by the real loader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme
import yaml

from evidenced.config.load import load
from evidenced.config.model import Config

LEDGER = "## CLOSED\n\n## STABLE\n\n- **Cart**: /cart returns 200\n"
BASE = "ledger: {path: STATE.md, base_url: https://shop.example}\n"
SECRET = "swordfish" * 3
HASH = "$2y$10$2qR0yhTj3fCJwG1TSSzPsOJLjuN.lnbPdSWmqyBvkjK7TEqEvLPVO"

TARGETS: dict[str, dict[str, str]] = {
    "http": {"url": "/"},
    "tcp": {"address": "shop.example:25"},
    "tls": {"address": "shop.example:443"},
    "grpc": {"address": "shop.example:443"},
    "dns": {"name": "shop.example"},
    "icmp": {"host": "shop.example"},
}
"""What a fragment that says something else of a kind leaves out."""


def read(text: str, folder: Path) -> Config:
    """A whole configuration, or a part of one, with the files that it names beside it."""
    document = yaml.safe_load(text)
    prepare(document, folder)
    path = folder / "evidenced.yaml"
    path.write_text(text if "ledger" in document else BASE + text, "utf-8")
    environment = {"CREDENTIALS_DIRECTORY": str(folder), "PLACE": "fra1"}
    return load(path, environment)


def fragment(text: str, folder: Path) -> Config:
    """What stands in a cell of a table, as part of a check of the kind that it is of."""
    check: dict[str, Any] = {"name": "one", **yaml.safe_load(text)}
    kinds = check.keys() & TARGETS.keys()
    for kind in kinds or {"http"} - check.keys():
        if kind == "http" and ("steps" in check.get(kind, {}) or _other_kind(check)):
            continue
        check[kind] = TARGETS[kind] | check.get(kind, {})
    return read(yaml.safe_dump({"checks": [check]}), folder)


def _other_kind(check: dict[str, Any]) -> bool:
    return bool(check.keys() & {"command", "systemd", "websocket", "push"})


def prepare(document: object, folder: Path) -> None:
    """Lay the files that a configuration names, so that it can be read."""
    for key, name in _named(document):
        path = folder / name.replace("${CREDENTIALS_DIRECTORY}/", "")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in {".pem", ".crt", ".key"}:
            issued = trustme.CA().issue_cert("shop.example")
            path.write_bytes(issued.private_key_and_cert_chain_pem.bytes())
        elif key == "path":
            path.write_text(LEDGER, "utf-8")
        elif key == "config_file":
            path.write_text(f"basic_auth_users: {{baker: {HASH}}}\n", "utf-8")
        elif key == "blackbox":
            path.write_text("modules: {http_2xx: {prober: http}}\n", "utf-8")
        else:
            path.write_text(SECRET, "utf-8")
    (folder / "STATE.md").write_text(LEDGER, "utf-8")


def _named(node: object, above: str = "") -> Iterator[tuple[str, str]]:
    """The keys that name files, each with the name."""
    if isinstance(node, list):
        for one in node:
            yield from _named(one, above)
    if isinstance(node, dict):
        for key, value in node.items():
            of_ledger = key == "path" and above == "ledger"
            of_secret = key == "file" and above != "discovery"
            named = str(key).endswith("_file") or key == "blackbox"
            if isinstance(value, str) and (named or of_ledger or of_secret):
                yield key, value
            else:
                yield from _named(value, key)
