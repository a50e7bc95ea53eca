"""Fetched pages as text."""

import pytest

from hairfeed.collect.network.fetch import Fetched, Validators
from hairfeed.collect.website.page import decoded


def fetched(content: bytes, charset: str | None = None) -> Fetched:
    return Fetched("https://hair.example.org/", None, content, "text/html", charset, Validators())


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("größe".encode(), None, "größe"),
        ("größe".encode(), "utf-8", "größe"),
        ("größe".encode("latin-1"), None, "größe"),
        ("größe".encode("latin-1"), "iso-8859-1", "größe"),
        ("größe".encode("utf-8-sig"), "iso-8859-1", "größe"),
        ("größe".encode("utf-16"), "utf-8", "größe"),
        (b'<meta charset="cp1251">' + "да".encode("cp1251"), None, '<meta charset="cp1251">да'),
        (b'<meta charset="cp1251">' + "да".encode(), "utf-8", '<meta charset="cp1251">да'),
    ],
)
def test_what_a_page_is_written_in_is_found_out(content: bytes, charset: str | None, text: str) -> None:
    assert decoded(fetched(content, charset)) == text


@pytest.mark.parametrize("charset", ["no-such-charset", "undefined", "idna", "base64", "a\0b", "utf-8; x"])
def test_a_charset_that_is_none_does_not_count(charset: str) -> None:
    assert decoded(fetched("größe..".encode(), charset)) == "größe.."


def test_a_character_that_is_none_does_not_spoil_a_page() -> None:
    assert decoded(fetched(b"a+2AA-b", "utf-7")) == "a?b"
