"""Header fields in the forms that servers write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.collect.network import headers
from hairfeed.text.retry_after import LONGEST_RETRY_AFTER, retry_after

NOW = datetime(2024, 8, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content_type", "media_type", "charset"),
    [
        ("text/html", "text/html", None),
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ("Text/HTML;CHARSET=UTF-8", "text/html", "utf-8"),
        ('text/html; charset="utf-8"', "text/html", "utf-8"),
        ("text/html; charset='utf-8'", "text/html", "utf-8"),
        ("text/html; charset = utf-8 ;", "text/html", "utf-8"),
        ("text/html;; charset=utf-8; charset=latin-1", "text/html", "utf-8"),
        ("text/html; version=1; charset=windows-1252", "text/html", "windows-1252"),
        ("text/html, text/html; charset=utf-8", "text/html", "utf-8"),
        ("application/rss+xml; charset=", "application/rss+xml", None),
        ("application/vnd.x-y.z+json", "application/vnd.x-y.z+json", None),
        ("text/html charset=utf-8", "", None),
        ("; charset=utf-8", "", "utf-8"),
        ("html", "", None),
        ("text/", "", None),
        ("", "", None),
    ],
)
def test_content_types_are_read(content_type: str, media_type: str, charset: str | None) -> None:
    fields = {"Content-Type": content_type}
    assert headers.media_type(fields) == media_type
    assert headers.charset(fields) == charset


def test_no_content_type_is_no_type() -> None:
    assert headers.media_type({}) == ""
    assert headers.charset({}) is None


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("Thu, 08 Aug 2024 10:02:00 GMT", 120),
        ("Thursday, 08-Aug-24 10:02:00 GMT", 120),
        ("Thu Aug  8 10:02:00 2024", 120),
        ("Thu, 08 Aug 2024 12:02:00 +0200", 120),
        ("Thu, 08 Aug 2024 09:00:00 GMT", 0),
        ("Fri, 08 Aug 2025 10:00:00 GMT", 7 * 86_400),
        ("99999999999999999999999999", 7 * 86_400),
    ],
)
def test_retry_after_is_seconds_or_a_date(stated: str, seconds: int) -> None:
    assert retry_after({"Retry-After": stated}, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("stated", ["", "soon", "-5", "1.5", "٣", "Thu, 08 Aug 20244 10:02:00", "Thu, 32 Aug 2024 10:02:00 GMT"])
def test_nonsense_is_no_retry_after(stated: str) -> None:
    assert retry_after({"Retry-After": stated}, NOW) is None


def test_a_date_is_read_by_the_clock_of_its_server() -> None:
    fields = {"Retry-After": "Thu, 08 Aug 2024 10:00:30 GMT", "Date": "Thu, 08 Aug 2024 10:00:00 GMT"}
    assert retry_after(fields, NOW + timedelta(hours=3)) == timedelta(seconds=30)


@given(st.text(max_size=40))
def test_no_header_field_upsets_the_readers(value: str) -> None:
    fields = dict.fromkeys(("Content-Type", "Retry-After", "Date", "Location"), value)
    headers.media_type(fields)
    headers.charset(fields)
    headers.location(fields)
    wait = retry_after(fields, NOW)
    assert wait is None or timedelta(0) <= wait <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("value", "kept"),
    [('"v1"', '"v1"'), (' W/"v1" ', 'W/"v1"'), ("", None), (None, None), ("a\r\nX: b", None), ("\x00", None), ("gr\xfcn", None)],
)
def test_only_what_can_be_sent_back_is_kept(value: str | None, kept: str | None) -> None:
    assert headers.sendable(value) == kept
