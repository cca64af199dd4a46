"""The pages hang together: all are in the index, links lead somewhere, the README is whole."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from docs.blocks import PAGES, ROOT, blocks, text_of
from evidenced.ledger.parse import parse

EVERY = (*PAGES, "CONFIGURATION.md", "METRICS.md", "CLI.md", "CONTRIBUTING.md")
FENCE = re.compile(r"(?ms)^ *```.*?^ *```$")


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text_of(page)))


def anchors(page: str) -> set[str]:
    """The anchors of the headings of a page, as code hosts make them."""
    headings = re.findall(r"(?m)^#+ (.*)$", FENCE.sub("", text_of(page)))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", EVERY)
def test_its_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        url = urlsplit(link)
        if url.scheme:
            assert url.scheme == "https", link
            continue
        path = (ROOT / page).parent / unquote(url.path) if url.path else ROOT / page
        assert path.exists(), f"{page}: {link}"
        if url.fragment:
            assert url.fragment in anchors(str(path.resolve().relative_to(ROOT))), f"{page}: {link}"


def test_the_index_has_every_page() -> None:
    listed = {link.partition("#")[0] for link in links("docs/README.md")}
    for page in ROOT.glob("docs/*.md"):
        assert page.name in listed | {"README.md"}, f"docs/README.md does not list {page.name}"


def test_the_readme_has_what_a_reader_looks_for() -> None:
    page = text_of("README.md")
    commands, config, _ = blocks("README.md")
    assert [line.split()[:2] for line in commands.text.splitlines()] == [
        ["make", "demo"],
        ["make", "test"],
    ]
    assert (config.language, config.text.count("\n")) == ("yaml", 10)
    for part in ("## Why\n", "## Two commands\n", "![", "(docs/README.md)", "(docs/tutorial.md)"):
        assert part in page
    assert page.count("\n") < 150


def test_the_way_of_reading_the_pages_sees_what_is_there() -> None:
    assert len(PAGES) > 30
    assert sum(len(blocks(page)) for page in PAGES) > 120
    assert sum(text_of(page).count("```") for page in PAGES) == 2 * sum(
        len(blocks(page)) for page in PAGES
    )
    assert parse(blocks("docs/tutorial.md", "markdown")[0].text).claims[0].id == "cart"
