"""What changes comes to an open page by itself."""

from playwright.async_api import expect

from browser.ferry import Line, Visits, Watch

HOLDS = "All 4 claims hold"


async def test_a_claim_turns_red_and_green_by_itself(
    watch: Watch, visit: Visits, line: Line
) -> None:
    async with watch() as watching:
        one = await visit(watching.url)
        page = one.page
        await expect(page.locator("h1")).to_have_text(HOLDS)
        await page.evaluate("window.same = true")
        row = page.locator("[data-claim=timetable]")
        await expect(row.locator(".standing")).to_have_text("verified")
        line.fail("/timetable")
        await expect(page.locator("h1")).to_have_text("1 claim contradicted")
        await expect(row.locator(".standing")).to_have_text("contradicted")
        await expect(row.locator(".why")).to_contain_text("expected status 200, found 500")
        await expect(page.locator(".broken h2")).to_have_text("Timetable")
        await expect(page.locator("#said")).to_contain_text("Timetable: contradicted")
        await expect(page).to_have_title("1 claim contradicted · evidenced")
        red = await row.locator(".standing").evaluate("one => getComputedStyle(one).color")
        assert red == "rgb(191, 30, 45)"
        line.mend()
        await expect(page.locator("h1")).to_have_text(HOLDS)
        await expect(row.locator(".standing")).to_have_text("verified")
        assert await page.evaluate("window.same") is True
        assert one.complaints == []


async def test_the_page_of_a_claim_follows_too(watch: Watch, visit: Visits, line: Line) -> None:
    async with watch() as watching:
        page = (await visit(f"{watching.url}/claims/fares")).page
        await expect(page.locator("h1")).to_have_text("Fares: verified")
        line.fail("/fares", headers={"Server": "lower deck"})
        await expect(page.locator("h1")).to_have_text("Fares: contradicted")
        proof = page.locator("details").first
        await expect(proof.locator("summary")).to_contain_text("verified → contradicted")
        await expect(proof.locator("pre").first).to_contain_text("> GET /fares HTTP/1.1")
        await expect(proof.locator("pre").first).to_contain_text("< Server: lower deck")
        await expect(proof.locator("pre").last).to_contain_text(f"{line.url}/fares")
        await expect(page.locator(".timeline li").first).to_contain_text("contradicted")


async def test_it_says_that_it_is_cut_off_and_comes_back(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        one = await visit(watching.url)
        await expect(one.page.locator("#live")).to_have_text("live")
        await watching.daemon.site().page.close()
        await expect(one.page.locator("#live")).to_contain_text("not connected")
