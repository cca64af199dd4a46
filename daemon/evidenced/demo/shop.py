"""The demo shop: a few pages that do as its ledger says, until one is broken on purpose."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

Answer = Callable[[], web.Response]

TEAS = ("First Flush Darjeeling", "Gyokuro", "Keemun", "Rooibos Vanilla")
SLOW = 30.0
"""Seconds that a page takes when it is broken to be slow: longer than anyone waits."""


def _page(title: str, body: str) -> Answer:
    html = f"<!doctype html><title>{title} – Lindenhof Teas</title><h1>{title}</h1>{body}"
    return lambda: web.Response(text=html, content_type="text/html")


def _json(value: object, status: int = 200) -> Answer:
    text = json.dumps(value)
    return lambda: web.Response(text=text, status=status, content_type="application/json")


def _redirect(location: str) -> Answer:
    return lambda: web.Response(status=307, headers={"Location": location})


_LIST = "".join(f"<article class=tea>{tea}</article>" for tea in TEAS)

PAGES: Mapping[str, Answer] = MappingProxyType(
    {
        "/": _page("Lindenhof Teas", "<p>Tea by the leaf.</p>"),
        "/teas": _page("Teas", _LIST),
        "/teas/1": _page(TEAS[0], "<p>100 g, 14.50</p>"),
        "/cart": _page("Cart", "<p>Your cart is empty.</p>"),
        "/login": _redirect("/account/login"),
        "/signup": _redirect("/account/signup"),
        "/account/login": _page("Log in", "<form></form>"),
        "/account/signup": _page("Sign up", "<form></form>"),
        "/api/health": _json({"status": "ok", "database": "connected"}),
        "/api/v1/teas": _json({"data": [{"name": tea} for tea in TEAS]}),
        "/api/v1/orders": _json({"error": "log in first"}, 401),
    }
)

FAULTS: Mapping[str, Answer] = MappingProxyType(
    {
        "500": lambda: web.Response(status=500, text="something went wrong"),
        "skeleton": _page("Teas", "<div class=skeleton></div>" * 6),
        "redirect": _redirect("/somewhere/else"),
        "database": _json({"status": "ok", "database": "gone"}),
        "empty": lambda: web.Response(text=""),
    }
)
"""What a broken page can do instead; `slow` besides, which answers too late."""


@dataclass(slots=True)
class Shop:
    """The shop, and which of its pages are broken, and how."""

    broken: dict[str, str] = field(default_factory=dict)

    def application(self) -> web.Application:
        """The aiohttp application: the pages, and /break and /mend to change what they do."""
        application = web.Application()
        application.router.add_get("/break{page:/.*}", self._break)
        application.router.add_get("/mend{page:(/.*)?}", self._mend)
        for path, answer in PAGES.items():
            application.router.add_get(path, self._answering(path, answer))
        return application

    def _answering(
        self, path: str, answer: Answer
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            fault = self.broken.get(path)
            if fault == "slow":
                await asyncio.sleep(SLOW)
            return FAULTS.get(fault or "", answer)()

        return handle

    async def _break(self, request: web.Request) -> web.Response:
        page, how = request.match_info["page"], request.query.get("how", "500")
        if page not in PAGES or how not in {*FAULTS, "slow"}:
            return web.Response(
                status=404,
                text=f"pages: {' '.join(PAGES)}\nhow: {' '.join([*FAULTS, 'slow'])}\n",
            )
        self.broken[page] = how
        return web.Response(text=f"{page} is broken now ({how}); /mend{page} mends it\n")

    async def _mend(self, request: web.Request) -> web.Response:
        page = request.match_info["page"]
        mended = [page] if page in self.broken else [] if page.strip("/") else list(self.broken)
        for name in mended:
            del self.broken[name]
        return web.Response(text=f"mended: {' '.join(mended) or 'nothing was broken there'}\n")
