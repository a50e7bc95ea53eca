"""What the header fields of an answer say."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Headers = Mapping[str, str]

LONGEST_RETRY_AFTER = timedelta(days=7)
"""A host that asks for more is asked again after this: it may have meant milliseconds."""

_MEDIA_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:[;,]|$)", re.ASCII)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?\s*([\w.:+-]+)""", re.ASCII | re.IGNORECASE)


def media_type(headers: Headers) -> str:
    """Lower case, without parameters (RFC 9110 §8.3); empty when none is stated."""
    stated = _MEDIA_TYPE.match(headers.get("Content-Type", ""))
    return stated[1].lower() if stated else ""


def charset(headers: Headers) -> str | None:
    """The charset of Content-Type, lower case, in whatever quotes; None when none is stated."""
    stated = _CHARSET.search(headers.get("Content-Type", ""))
    return stated[1].lower() if stated else None


def sendable(value: str | None) -> str | None:
    """A field's value, if it can be sent back as it came."""
    value = (value or "").strip()
    return value if value and value.isascii() and value.isprintable() else None


def location(headers: Headers) -> str | None:
    """Where a redirect leads. Many servers write UTF-8 here, which HTTP hands on as Latin-1."""
    stated = headers.get("Location", "").strip()
    try:
        return stated.encode("latin-1").decode() or None
    except UnicodeError:
        return stated


def retry_after(headers: Headers, now: datetime) -> timedelta | None:
    """How long the server asks to be left alone: seconds, or a date (RFC 9110 §10.2.3); None when it does not say.

    A date is read by the server's own clock, where its answer bears one, else by ours, `now`.
    """
    stated = headers.get("Retry-After", "").strip()
    if stated.isascii() and stated.isdecimal():
        # Twelve digits of seconds are beyond the limit and within what timedelta holds.
        return min(timedelta(seconds=int(stated[:12])), LONGEST_RETRY_AFTER)
    until = _date(stated)
    if until is None:
        return None
    wait = until - (_date(headers.get("Date", "")) or now)
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _date(text: str) -> datetime | None:
    """An HTTP date (RFC 9110 §5.6.7), which is always UTC."""
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
