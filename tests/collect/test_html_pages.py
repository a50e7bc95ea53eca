"""Whole HTML pages of many kinds: each stands in `html_pages/` with what must be read off it in a TOML file beside it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hairfeed.collect.html import page as html_page
from hairfeed.collect.pages import Page
from hairfeed.text import markup
from hairfeed.text.blocks import paragraphs, plain_text

PAGES = sorted((Path(__file__).parent / "html_pages").glob("*.html"))


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def read(request: pytest.FixtureRequest) -> tuple[Page, dict[str, Any]]:
    """A page as parsed, and what is expected of it."""
    path: Path = request.param
    expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    return html_page.parse(path.read_text("utf-8"), expected["url"]), expected


def test_the_head_of_a_page_is_read(read: tuple[Page, dict[str, Any]]) -> None:
    page, expected = read
    assert page.title == expected["title"]
    assert list(page.authors) == expected.get("authors", [])
    assert list(page.topics) == expected.get("topics", [])
    assert page.summary == expected.get("summary")
    assert page.language == expected.get("language")


def test_the_dates_of_a_page_are_its_own(read: tuple[Page, dict[str, Any]]) -> None:
    page, expected = read
    if not expected.get("any_date"):
        assert page.date_text == expected.get("date")
    assert page.updated_text == expected.get("updated")
    assert page.date_is_guess is expected.get("is_guess", False)


def test_the_lead_image_of_a_page_is_found(read: tuple[Page, dict[str, Any]]) -> None:
    page, expected = read
    image = expected.get("image")
    assert (page.image and page.image.url) == (image and image["url"])
    if page.image and image:
        assert (page.image.width, page.image.height) == (image.get("width"), image.get("height"))
        assert "alt" not in image or page.image.alt == image["alt"]


def test_the_text_of_a_page_has_all_of_the_article_and_nothing_else(read: tuple[Page, dict[str, Any]]) -> None:
    page, expected = read
    text = plain_text(markup.sanitise(page.html, expected["url"]))
    assert text.startswith(expected.get("begins", ""))
    assert text.endswith(expected.get("ends", ""))
    assert [piece for piece in expected.get("holds", []) if piece not in page.html] == []
    assert [piece for piece in expected.get("lacks", []) if piece in page.html] == []
    assert len(paragraphs(markup.sanitise(page.html, expected["url"]))) >= expected.get("prose", 1)


def test_a_page_is_known_for_an_article_or_not(read: tuple[Page, dict[str, Any]]) -> None:
    page, expected = read
    assert page.is_article is expected.get("is_article", True)
