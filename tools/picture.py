"""Draw docs/demo.svg: the demo in a terminal, before and after pages of the shop are broken."""

import asyncio
import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from evidenced.app.life import running
from evidenced.app.logs import configure_logs
from evidenced.demo import play
from evidenced.watch.verdict import Standing

ROOT = Path(__file__).resolve().parent.parent
BREAKS = {"/cart": "500", "/teas": "skeleton", "/login": "redirect"}
FALLEN = 4
"""Claims that these break: the list of teas stands in two."""


async def draw() -> str:
    """The demo's table as SVG, while some claims are contradicted."""
    configure_logs(io.StringIO())
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    with play.folder() as folder:
        async with play.serving() as (shop, url), running(play.configured(folder, url)) as daemon:
            claims = daemon.board.claims

            async def until(standing: Standing, count: int) -> None:
                async with asyncio.timeout(30):
                    while sum(c.standing is standing for c in claims.values()) < count:
                        claims.update(daemon.board.claims)
                        await asyncio.sleep(0.1)

            await until(Standing.VERIFIED, 11)
            shop.broken.update(BREAKS)
            await until(Standing.CONTRADICTED, FALLEN)
            for page, how in BREAKS.items():
                console.print(Text(f"$ curl '{url}/break{page}?how={how}'", "dim"))
            console.print()
            console.print(play.table(daemon.board))
    svg = console.export_svg(title="evidenced demo", font_aspect_ratio=0.61)
    # No address of a font in the picture: the reader's own monospace will do.
    return re.sub(r"@font-face \{[^}]*\}\s*", "", svg)


if __name__ == "__main__":
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "demo.svg").write_text(asyncio.run(draw()), "utf-8")
