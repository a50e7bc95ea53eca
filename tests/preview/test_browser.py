"""Pictures of a page, made by a real browser."""

import struct
from pathlib import Path

import pytest

from hairfeed.errors import IssueError
from hairfeed.preview.browser import BROWSERS, Browser, find_browser

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body { margin: 0; } div { height: 1234px; } @media (max-width: 400px) { div { height: 2345px; } }
@media (prefers-color-scheme: dark) { body { background: #171512; } }</style>
</head><body><div>Größe</div></body></html>
"""

needs_browser = pytest.mark.skipif(find_browser() is None, reason=f"no browser is installed: {', '.join(BROWSERS)}")


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG (its IHDR chunk)."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@needs_browser
def test_a_page_is_pictured_whole_by_screen_and_scheme(tmp_path: Path) -> None:
    page = tmp_path / "weekly 1.html"
    page.write_text(PAGE, encoding="utf-8")
    pictures = list(Browser(find_browser() or "").take_pictures(page))
    assert [picture.name for picture in pictures] == [
        f"weekly 1-{screen}-{scheme}.png" for screen in ("phone", "desktop") for scheme in ("light", "dark")
    ]
    assert [size_of(picture) for picture in pictures] == [(375, 2345), (375, 2345), (1000, 1234), (1000, 1234)]
    assert len({picture.read_bytes() for picture in pictures}) == 4
    assert sorted(tmp_path.iterdir()) == sorted([page, *pictures])


@pytest.mark.parametrize(("program", "said"), [("#!/bin/sh\nexit 3\n", "could not show"), ("#!/bin/sh\n", "made no picture of")])
def test_a_browser_that_fails_is_named(tmp_path: Path, program: str, said: str) -> None:
    browser = tmp_path / "chromium"
    browser.write_text(program)
    browser.chmod(0o755)
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    with pytest.raises(IssueError, match=f"{browser}: {said}"):
        list(Browser(str(browser)).take_pictures(page))
