import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp.plugin import AiohttpClient

from evidenced.evidence.records import Run, Span
from evidenced.evidence.store import Store
from evidenced.probes.attempt import Attempt
from evidenced.publish.badge import BadgeDoor, percent, span_of
from evidenced.publish.badge_past import MOST, Past, Pasts, reckoned, worst
from evidenced.publish.badge_svg import LABEL_COLOUR, SHIELDS, Badge, Colour, cut, svg, text_width
from evidenced.watch.board import Board

SVG = "{http://www.w3.org/2000/svg}"
Ask = Callable[..., Awaitable[tuple[int, Any, str]]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        yield store


@pytest.fixture
async def ask(board: Board, store: Store, aiohttp_client: AiohttpClient) -> Ask:
    application = web.Application()
    application.add_routes(BadgeDoor(board, store).routes())
    client = await aiohttp_client(application)

    async def ask(path: str, **headers: str) -> tuple[int, Any, str]:
        async with client.get(f"/badge/{path}", headers=headers) as response:
            return response.status, response.headers, await response.text()

    return ask


def texts(document: str) -> list[str]:
    return [one.text or "" for one in fromstring(document).iter(f"{SVG}text")]  # noqa: S314  our own


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [*Colour, LABEL_COLOUR])
def test_white_letters_can_be_read(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= 4.5


def test_every_colour_has_a_name_at_shields() -> None:
    assert set(SHIELDS) == set(Colour)


async def test_the_standing_of_a_claim(
    ask: Ask, observe: Callable[..., None], good: Attempt, bad: Attempt
) -> None:
    status, headers, body = await ask("stable-2.svg")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert texts(body) == ["Bicycle 2 of stable", "unverified"]
    observe("bells", good)
    _, _, body = await ask("stable-2.svg")
    assert texts(body)[1] == "verified"
    assert Colour.GOOD in body
    observe("bells", bad, at=60)
    observe("bells", bad, at=120)
    _, _, body = await ask("stable-2.json?label=bells")
    assert json.loads(body) == {
        "schemaVersion": 1,
        "label": "bells",
        "message": "contradicted",
        "color": "red",
        "cacheSeconds": 60,
    }


async def test_it_is_asked_for_again_but_sent_once(
    ask: Ask, observe: Callable[..., None], good: Attempt
) -> None:
    _, headers, _ = await ask("stable-2.svg")
    assert headers["Cache-Control"] == "no-cache"
    tag = headers["ETag"]
    assert (await ask("stable-2.svg", **{"If-None-Match": tag}))[0] == 304
    observe("bells", good)
    assert (await ask("stable-2.svg", **{"If-None-Match": tag}))[0] == 200


async def test_uptime_and_latency(ask: Ask, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    start = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: start + 1000)
    for n in range(10):
        ended = "failure" if n == 9 else "success"
        store.put(Run(check="bells", status=ended, at=start + 100 * n, duration=0.25, reach=150))
    async with asyncio.timeout(30):
        await store.flush()
    status, headers, body = await ask("stable-2/uptime.svg?period=7d")
    assert (status, headers["Cache-Control"]) == (200, "max-age=60")
    assert texts(body) == ["uptime 7d", "99.97%"]
    assert Colour.GOOD in body
    assert texts((await ask("stable-2/latency.svg"))[2]) == ["latency 30d", "250 ms"]
    told = json.loads((await ask("stable-2/latency.json?period=1d&label=Bells"))[2])
    assert (told["label"], told["message"], told["color"]) == ("Bells", "250 ms", "blue")
    assert texts((await ask("stable-9/uptime.svg"))[2]) == ["uptime 30d", "no data"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("none.svg", 404),
        ("none/uptime.json", 404),
        ("stable-2/uptime.svg?period=soon", 400),
        ("stable-2.svg?period=1d", 400),
        ("stable-2.svg?label=", 400),
        ("stable-2.png", 404),
    ],
)
async def test_what_is_refused(path: str, status: int, ask: Ask) -> None:
    found, headers, body = await ask(path)
    assert found == status
    if status == 404 and path.startswith("none.svg"):
        assert texts(body) == ["evidenced", "no such claim"]
    if status == 400:
        assert headers["Content-Type"].startswith("application/problem+json")


@given(st.text(), st.text())
def test_whatever_it_says_it_is_xml_and_can_be_read_out(label: str, message: str) -> None:
    root = fromstring(svg(Badge(label, message, Colour.GOOD)))  # noqa: S314  our own
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert {one.tag.removeprefix(SVG) for one in root.iter()} == {
        "svg",
        "title",
        "clipPath",
        "rect",
        "g",
        "text",
    }
    width = int(root.get("width") or 0)
    assert width == sum(int(one.get("textLength") or 0) + 12 for one in root.iter(f"{SVG}text"))


def test_hostile_titles_run_nothing() -> None:
    title = "</title><script>alert(1)</script>\" onload='x' \x00\ud800"
    text = svg(Badge(title, "verified", Colour.GOOD)).decode()
    assert "<script" not in text
    root = fromstring(text.encode())  # noqa: S314  our own
    assert set(root.attrib) == {"width", "height", "role", "aria-label"}
    assert root.findtext(f"{SVG}title") == title.replace("\x00", "�").replace("\ud800", "�") + (
        ": verified"
    )


def test_widths_are_near_those_of_verdana() -> None:
    assert text_width("") == 0
    assert 40 <= text_width("verified") <= 48
    assert text_width("iiii") < text_width("mmmm") / 2
    assert text_width("茶") == 11
    assert text_width("e\u0301") == text_width("e")


def test_long_texts_are_cut() -> None:
    assert cut("  a\n b ") == "a b"
    assert cut("x" * 41) == "x" * 39 + "…"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.0, "100%"),
        (0.99999, "99.99%"),
        (0.9997, "99.97%"),
        (0.5, "50%"),
        (0.0, "0%"),
        (0.995, "99.5%"),
    ],
)
def test_a_part_is_never_rounded_up(ratio: float, said: str) -> None:
    assert percent(ratio) == said


@pytest.mark.parametrize(("seconds", "said"), [(0.0042, "4 ms"), (0.25, "250 ms"), (1.5, "1.50 s")])
def test_latency_is_said_as_people_do(seconds: float, said: str) -> None:
    assert span_of(seconds) == said


SPAN = Span(
    check="x", status="success", start=0, end=100, count=10, shortest=1, mean=2.0, longest=3
)


def test_a_span_counts_by_its_part_inside() -> None:
    slow = replace(SPAN, start=100, end=150, mean=6.0, count=5)
    down = replace(SPAN, status="failure", start=150, end=200, mean=60.0)
    past = reckoned([SPAN, slow, down], 50, 200)
    assert past == Past(100 / 150, (5 * 2 + 5 * 6) / 10)
    assert reckoned([], 0, 100) == Past(None, None)
    assert reckoned([replace(SPAN, end=0, count=1)], 0, 9).latency == 2


def test_of_several_checks_the_worst_counts() -> None:
    assert worst([Past(0.9, 1.0), Past(0.8, None), Past(None, 2.0)]) == Past(0.8, 2.0)
    assert worst([]) == Past(None, None)


async def test_the_store_is_looked_into_once_for_many(store: Store) -> None:
    asked: list[str] = []

    class Counting(Store):
        async def spans(self, check: str, since: float = 0.0) -> tuple[Span, ...]:
            asked.append(check)
            return await store.spans(check, since)

    pasts = Pasts(Counting("sqlite:///other.db", Path()))
    await asyncio.gather(*(pasts.of("bells", 60.0) for _ in range(50)))
    assert asked == ["bells"]
    await pasts.of("bells", 61.0)
    assert asked == ["bells", "bells"]
    for period in range(MOST + 50):
        pasts._known["x", period] = (0.0, Past(None, None))
    await pasts.of("hub", 60.0)
    assert len(pasts._known) == MOST
