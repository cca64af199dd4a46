"""How the page is read: on a phone, in the dark, without a script, in any zone, by keyboard."""

from playwright.async_api import Page, expect

from browser.ferry import Line, Visits, Watch


async def seen(page: Page, url: str, text: str) -> None:
    """Ask again until the page says so; for pages without a script."""
    for _ in range(60):
        await page.goto(url)
        if await page.locator("h1").inner_text() == text:
            return
        await page.wait_for_timeout(250)
    raise AssertionError(await page.locator("h1").inner_text())


async def test_search_as_one_types(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        page = (await visit(watching.url)).page
        await expect(page.locator(".claim")).to_have_count(4)
        await page.get_by_label("Search").fill("HARBOUR")
        await expect(page.locator(".claim h3")).to_have_text(["Harbour map"])
        assert page.url == f"{watching.url}/?q=HARBOUR"
        await page.get_by_label("Search").fill("")
        await page.get_by_label("Section").select_option("closed")
        await expect(page.locator(".claim h3")).to_have_text(["Double bookings"])
        await page.get_by_label("Standing").select_option("contradicted")
        await expect(page.locator("#results")).to_contain_text("Nothing in the ledger matches.")
        await page.reload()
        await expect(page.get_by_label("Standing")).to_have_value("contradicted")


async def test_without_a_script_all_is_there(watch: Watch, visit: Visits, line: Line) -> None:
    async with watch() as watching:
        line.fail("/map")
        page = (await visit(watching.url, java_script_enabled=False)).page
        await seen(page, watching.url, "1 claim contradicted")
        headings = [
            text.split()[0] for text in await page.locator(".section > h2").all_inner_texts()
        ]
        assert headings == ["CLOSED", "STABLE", "IN", "BLOCKED", "NEXT"]
        assert (await page.locator(".broken time").last.inner_text()).endswith(" UTC")
        await page.get_by_label("Standing").select_option("contradicted")
        await page.get_by_role("button", name="Show").click()
        assert await page.locator(".claim h3").all_inner_texts() == ["Harbour map"]
        await page.locator(".claim h3 a").click()
        assert await page.locator("h1").inner_text() == "Harbour map: contradicted"
        text = await page.locator("main").inner_text()
        for part in ("/map returns 200", "status 200", "500", "curl ", "refused"):
            assert part in text


async def test_a_phone_needs_no_scrolling_sideways(watch: Watch, visit: Visits, line: Line) -> None:
    async with watch() as watching:
        line.fail("/timetable", "x" * 300, {"Server": "y" * 300})
        page = (await visit(watching.url, viewport={"width": 375, "height": 700})).page
        await expect(page.locator("h1")).to_have_text("1 claim contradicted")
        for path in ("/", "/claims/timetable", "/?q=nothing+like+it"):
            await page.goto(watching.url + path)
            assert await page.evaluate("document.documentElement.scrollWidth") == 375, path


async def test_light_and_dark(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        for scheme, back in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 22, 27)")):
            page = (await visit(watching.url, color_scheme=scheme)).page
            assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == back


async def test_times_are_those_of_the_reader(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        there = {"timezone_id": "Asia/Tokyo", "locale": "en-GB"}
        page = (await visit(watching.url, **there)).page
        updated = page.locator(".fresh time").last
        assert await updated.get_attribute("datetime") == "2026-11-20T08:15:00Z"
        await expect(updated).to_contain_text("17:15")
        exact = "Friday, 20 November 2026 at 17:15:00 GMT+9"
        await expect(updated).to_have_attribute("title", exact)


async def test_by_keyboard(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        page = (await visit(watching.url)).page
        await expect(page.locator("h1")).to_have_text("All 4 claims hold")
        focused = "document.activeElement"
        order = []
        for _ in range(9):
            await page.keyboard.press("Tab")
            order.append(
                await page.evaluate(f"{focused}.id || {focused}.innerText.trim().split('\\n')[0]")
            )
        skip, name, counts, search, section, standing, show, *claims = order
        assert (skip, name, counts) == ("Skip to the content", "evidenced", "4 verified")
        assert (search, section, standing, show) == ("q", "section", "standing", "Show")
        assert claims == ["Double bookings", "Timetable"]
        outline = await page.evaluate(f"getComputedStyle({focused}).outlineStyle")
        assert outline == "solid"
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Timetable: verified")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.evaluate(f"{focused}.id") == "main"
