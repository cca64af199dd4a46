"""Asking another program over HTTP, each time within a deadline and without secrets in errors."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

from aiohttp import hdrs

from evidenced.config.kinds.http_request import HttpAuth
from evidenced.config.tls import TlsSettings
from evidenced.probes.address import Address
from evidenced.probes.course import Course
from evidenced.probes.request import authorization
from evidenced.probes.resources import Resources
from evidenced.probes.trouble import failure_of

ONE_ANSWER = 4.0
"""Seconds in which one request must be answered."""

LIMIT = 16 * 1024 * 1024
"""The most bytes of an answer that are read."""


class AskError(Exception):
    """There is no answer that helps; `status` is the one of HTTP, 0 where there was none."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


async def asked(
    url: str,
    resources: Resources,
    *,
    headers: Mapping[str, str] | None = None,
    auth: HttpAuth | None = None,
    tls: TlsSettings | ssl.SSLContext | None = None,
) -> str:
    """The text that a GET of this address gives; raises AskError, which shows no secret."""
    course = Course()
    try:
        address = Address.parse(url)
    except ValueError as error:
        raise AskError(f"{error} is nothing that can be asked") from None
    shown = {hdrs.ACCEPT: "application/json", **(headers or {})}
    if given := authorization(auth, address.credentials):
        shown.setdefault(hdrs.AUTHORIZATION, given)
    try:
        async with asyncio.timeout(ONE_ANSWER):
            context = tls if isinstance(tls, ssl.SSLContext) else None
            settings = tls if isinstance(tls, TlsSettings) else TlsSettings()
            context = context or await resources.trust(settings)
            with course:
                return await _answer(address, resources, shown, context, settings.server_name)
    except AskError:
        raise
    except TimeoutError:
        raise AskError(f"{address.shown} does not answer within {ONE_ANSWER:g} s") from None
    except Exception as error:  # noqa: BLE001  told in the words of failures, or by its type alone
        failure = failure_of(error, course, address)
        said = failure.detail if failure else f"asking failed: {type(error).__name__}"
        raise AskError(said) from None


async def _answer(
    address: Address,
    resources: Resources,
    headers: Mapping[str, str],
    context: ssl.SSLContext,
    server_name: str | None,
) -> str:
    async with (
        resources.session(keep=False) as session,
        session.get(
            address.url(),
            headers=headers,
            allow_redirects=False,
            ssl=context,
            server_hostname=server_name,
        ) as response,
    ):
        if response.status != 200:
            raise AskError(f"{address.shown} answers {response.status}", response.status)
        body = await response.content.read(LIMIT + 1)
        while len(body) <= LIMIT and (chunk := await response.content.read(LIMIT)):
            body += chunk
        if len(body) > LIMIT:
            raise AskError(f"{address.shown} answers with more than {LIMIT // 1024**2} MiB")
        return body.decode("utf-8", "replace")


def document(text: str, whose: str) -> Any:  # noqa: ANN401  plain data, looked at by who asked
    """The JSON of an answer; raises AskError where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise AskError(f"{whose} answers with something that is no JSON") from None
