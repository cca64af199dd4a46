"""Bodies of requests, read with a limit to their size and a deadline."""

import asyncio

from aiohttp import web

from evidenced.publish.problem import problem

PATIENCE = 10.0
"""Seconds in which a body must have come."""


class RefusedError(Exception):
    """A request that is answered with a problem."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body, decompressed; raises RefusedError where it is larger or slower than is allowed."""
    large = RefusedError(problem(413, f"expected at most {limit:,} bytes"))
    if (request.content_length or 0) > limit:
        raise large
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise large
    except web.RequestPayloadError:
        raise RefusedError(problem(400, "the body is not what its headers say")) from None
    except TimeoutError:
        raise RefusedError(problem(408, f"expected the body within {PATIENCE:g} s")) from None
    return bytes(body)
