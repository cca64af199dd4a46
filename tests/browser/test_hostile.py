"""Nothing out of a ledger or a site runs in the page."""

import json

from playwright.async_api import expect

from browser.ferry import Line, Visits, Watch

SCRIPT = "<script>window.owned=1;alert(1)</script>"
IMAGE = '"\'><img src=x onerror="window.owned=1;alert(2)">'
STYLE = "<style>body{display:none}</style><svg onload=alert(3)>"
TEMPLATE = "{{7*7}}{% raw %}"

LEDGER = f"""# State

## CLOSED

- **Sails {IMAGE}**: [x](javascript:alert(4)), https://a.example/{IMAGE} (Closed: 2026-10-02)

## STABLE

- **Deck {SCRIPT}**: /deck returns 200 {STYLE} {TEMPLATE} \u202etxt
<!-- id: {IMAGE} -->

## NEXT

### 1) Rigging {SCRIPT}
- **DoD**:
  - tight {IMAGE}
"""


async def test_nothing_runs(watch: Watch, visit: Visits, line: Line) -> None:
    body = f"</pre>{SCRIPT}{IMAGE}{STYLE}"
    line.fail("/deck", body, {"Server": f"{SCRIPT}{IMAGE}"})
    async with watch(LEDGER, checks=[]) as watching:
        one = await visit(watching.url)
        await expect(one.page.locator("h1")).to_have_text("1 claim contradicted")
        await expect(one.page.locator(".broken h2")).to_contain_text("Deck <script>")
        text = await one.page.locator("body").inner_text()
        assert IMAGE in text
        assert TEMPLATE in text
        assert "\u202e" not in text
        for title in ("Deck", "Sails"):
            await one.page.goto(watching.url)
            await one.page.locator(".claim h3 a", has_text=title).click()
            await expect(one.page.locator("h1")).to_contain_text(title)
            await expect(one.page.locator("#live")).to_have_text("live")
            assert await one.violations() == []
            assert await one.page.evaluate("window.owned") is None
            links = await one.page.locator("main a").evaluate_all("all => all.map(a => a.href)")
            assert not [link for link in links if not link.startswith("http")]
        deck = await one.page.context.new_page()
        await deck.goto(watching.url)
        await deck.locator(".claim h3 a", has_text="Deck").click()
        proof = deck.locator("details pre").first
        await expect(proof).to_contain_text("</pre><script>")
        await expect(proof).to_contain_text("Server: <script>")
        assert one.complaints == []
        assert {url.split("/")[2] for url in one.asked} == {watching.url.split("/")[2]}


async def test_a_search_is_only_shown(watch: Watch, visit: Visits) -> None:
    async with watch() as watching:
        one = await visit(f"{watching.url}/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        shown = await one.page.get_by_label("Search").input_value()
        assert shown == json.loads('"\\"><script>alert(1)</script>"')
        assert await one.violations() == []
        assert one.complaints == []
