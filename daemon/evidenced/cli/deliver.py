"""One push to a daemon, and again where nobody answers."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_random_exponential,
)

from evidenced.cli.client import ONE_TRY, SHOWN, Answer, said
from evidenced.config.types import Secret

_AGAIN = frozenset({429, 502, 503, 504})
"""Statuses of an answer after which the same request may do better."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One push that is to be delivered: the address, the token, the body, the trust."""

    url: str
    token: Secret
    body: Mapping[str, object]
    tls: ssl.SSLContext | None = None


async def deliver(delivery: Delivery, patience: float) -> Answer:
    """Deliver a push; again, for so many seconds, while there is no connection or no room."""
    headers = {"Authorization": f"Bearer {delivery.token.reveal()}"}
    last = Answer(0, f"no answer from {urlsplit(delivery.url).netloc.rpartition('@')[2]}")

    async def once() -> Answer:
        nonlocal last
        async with (
            asyncio.timeout(ONE_TRY),
            session.post(
                delivery.url,
                json=delivery.body,
                headers=headers,
                allow_redirects=False,
                ssl=delivery.tls or True,
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
