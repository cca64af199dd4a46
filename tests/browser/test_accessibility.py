"""axe-core finds nothing wrong with the pages."""

from typing import Any

from playwright.async_api import Page, expect

from browser.ferry import Line, Visits, Watch

OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


async def flaws(page: Page, axe: str) -> list[str]:
    """What axe-core finds, as lines: how grave, which rule, and where."""
    await page.evaluate(axe)
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


async def test_nothing_is_wrong(watch: Watch, visit: Visits, line: Line, axe: str) -> None:
    async with watch() as watching:
        line.fail("/timetable")
        paths = ("/claims/timetable", "/claims/double-bookings", "/claims/nowhere", "/?q=zz", "/")
        for scheme, width in (("light", 1280), ("dark", 375)):
            look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
            page = (await visit(watching.url, **look)).page
            await expect(page.locator("h1")).to_have_text("1 claim contradicted")
            for path in paths:
                await page.goto(watching.url + path)
                await page.evaluate(OPEN)
                assert await flaws(page, axe) == [], (path, scheme)


async def test_it_would_find_something(visit: Visits, watch: Watch, axe: str) -> None:
    async with watch() as watching:
        page = (await visit(watching.url)).page
        await page.evaluate("document.querySelector('label[for=q]').remove()")
        assert [flaw for flaw in await flaws(page, axe) if flaw.startswith("critical label")]
