"""How long a web server asks to be left alone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = timedelta(days=7)
"""A host that asks for more is asked again after this: it may have meant milliseconds."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
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
