"""A site that repeats all it was told, wherever an answer has room for it."""

import base64
import html
import json
import re
from urllib.parse import quote, unquote_plus

from aiohttp import WSMsgType, web

_USUAL = frozenset({"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"})
_NO_HEADER = re.compile(r"[^\x20-\x7e]")


async def told(request: web.Request) -> str:
    """All of the request, as it came and decoded."""
    lines = [request.method, request.raw_path, unquote_plus(request.raw_path)]
    # What may be a credential comes first, for a message may be cut.
    for name, value in sorted(request.headers.items(), key=lambda one: one[0] not in _USUAL):
        lines.insert(0, f"{name}: {value}")
        if value.startswith("Basic "):
            lines.append(base64.b64decode(value[6:]).decode("utf-8", "replace"))
    body = await request.text()
    return "\n".join([*lines, body, unquote_plus(body)])


async def answer(request: web.Request) -> web.StreamResponse:
    """The shape of the answer is the first part of the path, its status the second."""
    _, shape, status, *_ = [*request.path.split("/"), "text", "503"]
    said = await told(request)
    flat = _NO_HEADER.sub(lambda one: quote(one[0]), said.replace("\n", " "))[:2000]
    headers = {"X-Echo": flat, "Server": flat, "Set-Cookie": f"echo={flat}", "ETag": f'"{flat}"'}
    if shape == "moved":
        headers["Location"] = f"/text/200/{request.raw_path}?again={request.query_string}"
    if shape == "json":
        document = dict.fromkeys(("message", "error", "errorType", "said", "title", "state"), said)
        text, kind = json.dumps(document | {"status": "error"}), "application/json"
    elif shape == "html":
        text, kind = f"<body><p class='said'>{html.escape(said)}</p></body>", "text/html"
    else:
        text, kind = said, "text/plain"
    return web.Response(
        status=int(status) if status.isdigit() else 503,
        reason=f"Said {flat[:200]}",
        text=text,
        content_type=kind,
        headers=headers,
    )


async def talk(request: web.Request) -> web.WebSocketResponse:
    """Repeat the request, then each message."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str(await told(request))
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(f"heard {message.data}")
    return socket


def hostile() -> web.Application:
    """The site."""
    site = web.Application()
    site.router.add_get("/talk", talk)
    # A forge answers below its base with JSON.
    site.router.add_route("*", "/{path:.*}", answer)
    return site
