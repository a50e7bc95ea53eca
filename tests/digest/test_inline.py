"""What inlining keeps, what it refuses, and that it opens nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hairfeed.digest.inline import inline
from hairfeed.errors import TemplateError

KEPT = "@media (min-width: 640px) { p > a { color: #222222 !important; } } [data-ogsc] p { color: #eeeeee !important; }"


def a_page(base: str = "p { color: #123456; }", kept: str = KEPT, body: str = "<p>Words</p>") -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><title>A page</title>
<!--[if mso]><style>td {{ color: #000001 !important; }}</style><![endif]-->
<style>{base}</style>
<style data-premailer="ignore">{kept}</style>
</head><body>{body}</body></html>"""


# An audit hook cannot be taken off again (PEP 578), so one stays for the whole run and listens only when asked to.
_heard: list[str] | None = None


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _heard is not None and event in {"open", "socket.connect", "socket.getaddrinfo", "urllib.Request"}:
        _heard.append(f"{event} {arguments}")


sys.addaudithook(_listen)


@contextmanager
def listening() -> Iterator[list[str]]:
    """The files opened and connections made meanwhile, as Python itself reports them."""
    global _heard  # noqa: PLW0603 - see above
    heard: list[str] = []
    _heard = heard
    try:
        yield heard
    finally:
        _heard = None


def test_a_rule_of_the_first_block_ends_up_in_the_element() -> None:
    assert '<p style="color:#123456">Words</p>' in inline(a_page())


def test_the_first_block_goes_and_the_ignored_one_stays_byte_for_byte() -> None:
    inlined = inline(a_page())
    assert f"<style>{KEPT}</style>" in inlined
    assert "p { color: #123456; }" not in inlined


def test_conditional_comments_stay_byte_for_byte() -> None:
    assert "<!--[if mso]><style>td { color: #000001 !important; }</style><![endif]-->" in inline(a_page())


def test_no_attribute_is_made_from_a_style() -> None:
    base = "td { width: 100%; height: auto; text-align: left; vertical-align: top; background-color: #222222; }"
    inlined = inline(a_page(base, body='<table width="600"><tr><td width="300">Words</td></tr></table>'))
    assert 'align="' not in inlined
    assert 'bgcolor="' not in inlined
    assert 'height="' not in inlined
    assert 'td width="300" style=' in inlined


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (a_page(body='<link rel="stylesheet" href="https://example.com/x.css">'), "<link>"),
        (a_page(base="@import url(https://example.com/x.css);"), "@import"),
        (a_page(kept="@import url(https://example.com/x.css);"), "@import"),
        (a_page().replace("<!DOCTYPE", "<!doctype"), "<!DOCTYPE html>"),
        (a_page().removeprefix("<!DOCTYPE html>"), "<!DOCTYPE html>"),
        (a_page(body="<![if !mso]><p>Words</p><![endif]>"), "conditional comment"),
        (a_page(base="a[title='b,c'] { color: #123456; }"), "cannot be inlined"),
        ("<!DOCTYPE html>", "cannot be inlined"),
        ("", "<!DOCTYPE html>"),
    ],
)
def test_a_page_that_cannot_be_trusted_is_refused(page: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        inline(page)


def test_words_about_imports_are_no_imports() -> None:
    assert "@import and &lt;link&gt;" in inline(a_page(body="<p>@import and &lt;link&gt;</p>"))


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("keyword", ["@import", "@\\69mport"])
def test_nothing_outside_the_page_is_opened(tmp_path: Path, scheme: str, keyword: str) -> None:
    other = tmp_path / "other.css"
    other.write_text("p { color: #333333; }")
    address = "http://127.0.0.1:9/other.css" if scheme == "http" else other.as_uri()
    inline(a_page())  # whatever is loaded once is loaded now
    with listening() as heard:
        try:
            inline(a_page(base=f'{keyword} url("{address}"); p {{ background-image: url("{address}"); }}'))
        except TemplateError as error:
            assert "@import" in str(error)  # noqa: PT017 - one of the spellings is refused, the other is not recognised
    assert heard == []


def test_the_same_page_gives_the_same_bytes() -> None:
    assert inline(a_page()) == inline(a_page())
