"""The headers of pages, and the files that belong to them."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from aiohttp import hdrs, web

PAGE: Mapping[str, str] = {
    # Nothing but our own files; no inline script or style, no frame, no form that goes elsewhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.CACHE_CONTROL: "no-cache",
    hdrs.VARY: f"{hdrs.ACCEPT}, {hdrs.ACCEPT_ENCODING}",
}

TYPES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Static:
    """The stylesheet, the script and the icon, in memory, each under an address of its content."""

    def __init__(self) -> None:
        folder = files("evidenced.publish.page") / "static"
        self._bodies = {name: (folder / name).read_bytes() for name in TYPES}
        self._marks = {
            name: hashlib.sha256(body).hexdigest()[:12] for name, body in self._bodies.items()
        }

    def href(self, name: str) -> str:
        """The address of one, which changes with its content."""
        return f"/static/{name}?v={self._marks[name]}"

    async def handle(self, request: web.Request) -> web.Response:
        """One of the files."""
        name = request.match_info["name"]
        if name not in self._bodies:
            return web.Response(status=404, text="there is no such file\n")
        known = request.query.get("v") == self._marks[name]
        response = web.Response(
            body=self._bodies[name],
            content_type=TYPES[name],
            charset="utf-8",
            headers={
                hdrs.CACHE_CONTROL: "max-age=31536000, immutable" if known else "no-cache",
                "Content-Security-Policy": "default-src 'none'; style-src 'self'",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
        response.etag = self._marks[name]
        response.enable_compression()
        return response
