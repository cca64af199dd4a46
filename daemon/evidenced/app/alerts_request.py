"""One request to Alertmanager's API, within its deadline."""

import asyncio

import structlog
from aiohttp import hdrs

from evidenced.config.alertmanager import AlertmanagerSettings
from evidenced.config.types import format_duration
from evidenced.probes.address import Address
from evidenced.probes.course import Course
from evidenced.probes.request import authorization
from evidenced.probes.resources import Resources
from evidenced.probes.trouble import failure_of

LIMIT = 16 * 1024 * 1024
"""The most bytes of an answer: more is no list of alerts that anybody looks after."""
_AT_ONCE = 64 * 1024

log = structlog.get_logger()


class UndeliveredError(Exception):
    """Alertmanager did not take what it was told; the message says why, and has no secrets."""


async def asked(
    url: str,
    settings: AlertmanagerSettings,
    resources: Resources,
    body: bytes | None = None,
) -> bytes:
    """POST the body to this address, GET it where there is none; the body of the answer.

    Raises UndeliveredError.
    """
    course = Course()
    address = Address.parse(url)
    try:
        async with asyncio.timeout(settings.timeout):
            tls = await resources.trust(settings.tls)
            with course:
                return await _answer(address, settings, resources, tls, body)
    except TimeoutError:
        raise UndeliveredError(f"no answer within {format_duration(settings.timeout)}") from None
    except UndeliveredError:
        raise
    except Exception as error:
        failure = failure_of(error, course, address)
        if failure is None:
            log.exception("alerts were not sent, in an unforeseen way", to=address.shown)
            raise UndeliveredError("failed in an unforeseen way; see the log") from error
        raise UndeliveredError(failure.detail) from error


async def _answer(
    address: Address,
    settings: AlertmanagerSettings,
    resources: Resources,
    tls: object,
    body: bytes | None,
) -> bytes:
    headers = {hdrs.CONTENT_TYPE: "application/json", hdrs.ACCEPT: "application/json"}
    if given := authorization(settings.auth, address.credentials):
        headers[hdrs.AUTHORIZATION] = given
    async with (
        resources.session(keep=False) as session,
        session.request(
            hdrs.METH_GET if body is None else hdrs.METH_POST,
            address.url(),
            data=body,
            headers=headers,
            allow_redirects=False,
            ssl=tls,  # type: ignore[arg-type]
            server_hostname=settings.tls.server_name,
        ) as response,
    ):
        if response.status // 100 != 2:
            raise UndeliveredError(f"answered with status {response.status}")
        answer = bytearray()
        while chunk := await response.content.read(_AT_ONCE):
            answer += chunk
            if len(answer) > LIMIT:
                raise UndeliveredError(f"answered with more than {LIMIT // 1024**2} MiB")
        return bytes(answer)
