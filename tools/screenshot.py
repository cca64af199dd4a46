"""Draw docs/page.png: the status page of the demo, while two pages of its shop are broken.

Its checks get made-up runs of ninety days first, so that their strips have something to show.
"""

import asyncio
import io
import os
import random
import time
from pathlib import Path

from playwright.async_api import Page, async_playwright

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.app.logs import configure_logs
from evidenced.demo import play
from evidenced.evidence.records import Run
from evidenced.evidence.spans import DAY
from evidenced.watch.verdict import Standing

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ROOT / ".parts" / "chromium"
BREAKS = {"/cart": "500", "/login": "redirect"}
FALLEN = 2
RUNS = 30
"""Seconds in which the sparklines gather runs."""


def live_through(daemon: Daemon) -> None:
    """Give each check ninety days of runs, some of which failed."""
    dice = random.Random(12)  # noqa: S311  a picture that is the same every time
    now = time.time()
    for name in daemon.board.checks:
        for day in range(88, 0, -1):
            bad = dice.random() < 0.03
            for hour in range(0, 24, 6):
                status = "failure" if bad and hour == 6 else "success"
                length = DAY / 4 if hour != 6 or not bad else DAY / 30
                at = now - day * DAY + hour * 3600
                daemon.keeper.store.put(
                    Run(check=name, status=status, at=at, duration=length, reach=DAY / 4)
                )


async def until(daemon: Daemon, standing: Standing, wanted: int) -> None:
    """Wait until so many claims stand so."""
    async with asyncio.timeout(60):
        while sum(c.standing is standing for c in daemon.board.claims.values()) < wanted:  # noqa: ASYNC110  the board tells nobody
            await asyncio.sleep(0.1)


async def shown(page: Page) -> bytes:
    """The picture of the page, once its strips are there."""
    await page.wait_for_selector("#results:not([data-partial]) .strip")
    await page.wait_for_selector("#live:not([hidden])")
    return await page.screenshot(type="png")


async def draw() -> bytes:
    """The page as a picture."""
    configure_logs(io.StringIO())
    libraries = {found.parent for found in CHROMIUM.glob("usr/lib/*-linux-gnu/**/*.so*")}
    with play.folder() as folder:
        async with play.serving() as (shop, url), running(play.configured(folder, url)) as daemon:
            live_through(daemon)
            await until(daemon, Standing.VERIFIED, 11)
            await asyncio.sleep(RUNS)
            shop.broken.update(BREAKS)
            await until(daemon, Standing.CONTRADICTED, FALLEN)
            async with async_playwright() as driver:
                browser = await driver.chromium.launch(
                    executable_path=CHROMIUM / "usr/lib/chromium/chromium",
                    chromium_sandbox=os.geteuid() != 0,
                    env={
                        "HOME": str(folder),
                        "LD_LIBRARY_PATH": ":".join(map(str, sorted(libraries))),
                        "FONTCONFIG_FILE": str(CHROMIUM / "fonts.conf"),
                    },
                )
                page = await browser.new_page(viewport={"width": 1120, "height": 900})
                await page.goto("http://{}:{}/".format(*daemon.address))
                picture = await shown(page)
                await browser.close()
    return picture


if __name__ == "__main__":
    (ROOT / "docs" / "page.png").write_bytes(asyncio.run(draw()))
