"""Answers in JSON, and answers that need not be sent again because they have not changed."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from pydantic import BaseModel

NO_CACHE = "no-cache"
"""To be kept, but to be asked for again before each use."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def api_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let what is below /api have entity tags and answer to OPTIONS; all else is left alone."""
    if not request.path.startswith("/api/"):
        return await handler(request)
    try:
        response = await handler(request)
    except web.HTTPMethodNotAllowed as error:
        if request.method != hdrs.METH_OPTIONS:
            raise
        methods = sorted({*error.allowed_methods, hdrs.METH_OPTIONS})
        return web.Response(status=204, headers={hdrs.ALLOW: ", ".join(methods)})
    reading = request.method in (hdrs.METH_GET, hdrs.METH_HEAD)
    if reading and response.status == 200 and isinstance(response, web.Response):
        return revalidated(request, response)
    return response


async def answered(request: web.Request, make: Callable[[], BaseModel]) -> web.Response:
    """What `make` gives, written out beside the event loop: a thousand entries take a while.

    A list with a next page has a link to it (RFC 8288).
    """

    def write() -> tuple[str, str | None]:
        model = make()
        return model.model_dump_json() + "\n", getattr(model, "next", None)

    text, following = await asyncio.to_thread(write)
    response = web.Response(text=text, content_type="application/json")
    if following is not None:
        query = request.rel_url.update_query(cursor=following).raw_query_string
        response.headers[hdrs.LINK] = f'<?{query}>; rel="next"'
    return response


def revalidated(
    request: web.Request, response: web.Response, cache: str = NO_CACHE
) -> web.Response:
    """The answer with its entity tag, or 304 where the client has it already (RFC 9110, 13.1.2).

    The tag is weak, for whoever compresses the answer on its way keeps its meaning but not its
    bytes.
    """
    body = response.body
    if not isinstance(body, bytes):
        return response
    tag = hashlib.blake2b(body, digest_size=16).hexdigest()
    headers = {hdrs.ETAG: f'W/"{tag}"', hdrs.CACHE_CONTROL: cache}
    if response.status == 200 and _has(request, tag):
        return web.Response(status=304, headers=headers)
    response.headers.update(headers)
    return response


def _has(request: web.Request, tag: str) -> bool:
    known = request.if_none_match or ()
    return any(one.value in (tag, "*") for one in known)
