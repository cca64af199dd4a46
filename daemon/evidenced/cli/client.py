"""Talking to a running daemon: where it is, with which token, and what it answered."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from evidenced.config.problem import ConfigError
from evidenced.config.secrets import read_secret
from evidenced.config.types import Secret
from evidenced.probes.attempt import one_line

if TYPE_CHECKING:
    from evidenced.config.model import Config

ONE_TRY = 10.0
"""Seconds in which one request must be answered."""

SHOWN = 2000
"""Characters of an answer that are read for what it says."""

_LOCAL: Mapping[str, str] = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  never listened on
"""Where a daemon that listens on all addresses is reached from its own host."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: the status (0: there was no answer), and what was said."""

    status: int
    said: str

    @property
    def delivered(self) -> bool:
        """Whether it was taken."""
        return self.status // 100 == 2

    def __str__(self) -> str:
        return f"{self.status} {self.said}" if self.status else self.said


def shown_token(file: Path | None, text: str | None) -> Secret | None:
    """The token in a file, else this text; ConfigError where the file cannot be read."""
    if file is None:
        return Secret(text) if text else None
    try:
        return read_secret(file)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def own_url(config: "Config") -> str:
    """Where the daemon of this configuration is reached; ConfigError where nobody knows."""
    host, _, port = config.listen.rpartition(":")
    if port == "0":
        raise ConfigError("listen has port 0, so nobody knows where the daemon is: give --url")
    scheme = "http" if config.web.tls_server_config is None else "https"
    return f"{scheme}://{_LOCAL.get(host, host)}:{port}"


def base_url(url: str | None) -> str:
    """The address without a slash at its end; ConfigError where it is none of a daemon."""
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("--url: expected an address such as http://127.0.0.1:9321")
    return (url or "").rstrip("/")


def said(text: str) -> str:
    """The sentence of a problem, else the beginning of the answer, on one line."""
    try:
        answer = json.loads(text)
    except ValueError:
        return one_line(text)
    detail = answer.get("detail") if isinstance(answer, dict) else None
    return one_line(detail if isinstance(detail, str) else text)


async def ask(
    method: str,
    url: str,
    token: Secret | None = None,
    body: Mapping[str, object] | None = None,
    tls: ssl.SSLContext | None = None,
) -> tuple[Answer, str]:
    """Ask once; what came of it, and the whole text of the answer.

    `tls` says whom to trust at an address of https: without it, the system's authorities.
    """
    # Costly to import, and not every command that could ask a daemon does.
    import aiohttp

    headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
    nobody = f"no answer from {urlsplit(url).netloc.rpartition('@')[2]}"
    try:
        async with (
            asyncio.timeout(ONE_TRY),
            aiohttp.ClientSession() as session,
            session.request(
                method, url, json=body, headers=headers, allow_redirects=False, ssl=tls or True
            ) as response,
        ):
            text = await response.text(errors="replace")
            return Answer(response.status, said(text[:SHOWN])), text
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Answer(0, f"{nobody}: {type(error).__name__}"), ""
