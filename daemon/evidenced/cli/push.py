"""`evidenced push`: what to say, to whom, with which token, and again where nobody answers."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_random_exponential,
)

from evidenced.cli.client import ONE_TRY, SHOWN, Answer, base_url, own_url, said, shown_token
from evidenced.cli.options import config_path
from evidenced.config.load import load
from evidenced.config.model import Config
from evidenced.config.problem import ConfigError
from evidenced.config.types import Secret
from evidenced.probes.junit import read_junit
from evidenced.probes.tally import Tally

PATH = "/api/v1/push/"
REPORT_LIMIT = 64 * 1024 * 1024
"""The most bytes of one report."""

_AGAIN = frozenset({429, 502, 503, 504})
"""Statuses of an answer after which the same request may do better."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push that is to be delivered: the address, the token, the body."""

    url: str
    token: Secret
    body: Mapping[str, object]


def summary(reports: Sequence[Path]) -> Tally | None:
    """The counts of all reports together, None where there is none; ConfigError names a bad one."""
    tally: Tally | None = None
    for path in reports:
        try:
            found = read_junit(_content(path))
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or type(error).__name__}") from None
        except ValueError as error:
            raise ConfigError(f"{path}: {error}") from None
        tally = found if tally is None else tally + found
    return tally


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(REPORT_LIMIT + 1)
    if len(content) > REPORT_LIMIT:
        raise ValueError(f"more than {REPORT_LIMIT // 1024**2} MiB")
    return content


def facts(pairs: Sequence[str]) -> dict[str, object]:
    """The facts of `NAME=VALUE`: numbers, true and false are what they look like, else texts.

    Raises ConfigError where a pair is none.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise ConfigError(f"--fact: found {pair!r}, expected NAME=VALUE")
        found[name] = _value(value)
    return found


def body(
    ok: bool | None,
    message: str | None,
    duration: float | None,
    own: Mapping[str, object],
    tally: Tally | None,
) -> dict[str, object]:
    """The body of a push; what is not known is left out."""
    counts: dict[str, object] = {}
    if tally is not None:
        counts = {
            "tests": tally.tests,
            "failures": tally.failures,
            "errors": tally.errors,
            "skipped": tally.skipped,
            "assertions": tally.assertions,
        }
        duration = tally.seconds if duration is None else duration
    found = {"ok": ok, "message": message, "duration": duration, "facts": dict(own), **counts}
    return {key: value for key, value in found.items() if value not in (None, {})}


def destination(
    name: str, url: str | None, token_file: Path | None, token: str | None, config: Path | None
) -> tuple[str, Secret]:
    """The address and the token to push with.

    What is not given is that of the configuration, which is read only then. Raises ConfigError
    where there is none.
    """
    shown = shown_token(token_file, token)
    known = url is not None and shown is not None
    read = None if known else load(config_path(config))
    if url is None and read is not None:
        url = own_url(read)
    if shown is None and read is not None:
        shown = _own_token(read, name)
    base = base_url(url)
    if shown is None:
        raise ConfigError(
            f"no token for {name!r}: give --token-file or $EVIDENCED_PUSH_TOKEN, or set "
            "tokens.push_file in the configuration"
        )
    return f"{base}{PATH}{quote(name, safe='')}", shown


async def deliver(delivery: Delivery, patience: float) -> Answer:
    """Deliver a push; again, for so many seconds, while there is no connection or no room."""
    headers = {"Authorization": f"Bearer {delivery.token.reveal()}"}
    last = Answer(0, f"no answer from {urlsplit(delivery.url).netloc.rpartition('@')[2]}")

    async def once() -> Answer:
        nonlocal last
        async with (
            asyncio.timeout(ONE_TRY),
            session.post(
                delivery.url, json=delivery.body, headers=headers, allow_redirects=False
            ) as response,
        ):
            text = (await response.content.read(SHOWN)).decode("utf-8", "replace")
            last = Answer(response.status, said(text))
            return last

    async with aiohttp.ClientSession() as session:
        try:
            answer: Answer = await AsyncRetrying(
                retry=retry_if_exception_type((aiohttp.ClientConnectionError, TimeoutError))
                | retry_if_result(lambda answer: answer.status in _AGAIN),
                stop=stop_after_delay(patience),
                wait=wait_random_exponential(multiplier=0.2, max=5),
                retry_error_callback=lambda state: last,
            )(once)
        except (aiohttp.ClientError, ValueError) as error:
            return Answer(0, f"no answer: {type(error).__name__}")
        return answer


def _own_token(config: Config, name: str) -> Secret | None:
    settings = next((c.push for c in config.checks if c.name == name and c.push), None)
    return (settings and settings.token) or config.tokens.push


def _value(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if text.strip().lstrip("+-").isdecimal() else number
