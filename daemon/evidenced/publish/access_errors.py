"""What goes wrong is answered plainly, with nothing of the software and its insides."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from evidenced.publish.problem import problem

SERVER = "evidenced"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SAID = {
    404: "there is nothing at this path",
    405: "this path does not take this method",
    413: "the body is too large",
    417: "expected no Expect, or 100-continue",
}

log = structlog.get_logger()


@web.middleware
async def plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors as problems; one that nobody foresaw has an id, by which it is in the log."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _told(error)
    except Exception:
        transport = request.transport
        if transport is None or transport.is_closing():
            raise  # nobody is there any more to be answered
        mark = secrets.token_hex(8)
        log.exception("a request failed in an unforeseen way", id=mark, path=request.path)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was under way") from None
        return problem(500, f"something went wrong here; the log has it under the id {mark}")


def _told(error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    kept = {
        name: value
        for name, value in error.headers.items()
        if name.title() not in (hdrs.CONTENT_TYPE, hdrs.CONTENT_LENGTH)
    }
    said = _SAID.get(error.status, HTTPStatus(error.status).phrase.lower())
    return problem(error.status, said, headers=kept)


class QuietProtocol(web.RequestHandler):
    """The protocol of a connection: what is no HTTP is answered without saying who found so."""

    __slots__ = ("heard",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; nothing has been heard yet."""
        self.heard = False
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take what the caller sends."""
        self.heard = True
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what could not be read as a request; the connection ends after it."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was under way")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("a connection failed in an unforeseen way", exc_info=exc)
        answer = problem(status, HTTPStatus(status).phrase.lower())
        answer.headers[hdrs.SERVER] = SERVER
        answer.force_close()
        return answer
