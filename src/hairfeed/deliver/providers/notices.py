"""What webhooks share: whether a notice is the provider's, and how it becomes an event. Pure.

Whoever finds our address may post to it. So a notice is believed only with a secret in the config, only while it is of the size
and the age that the provider's are, and secrets are compared in a time that does not tell how much of them was right.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER
from hairfeed.models.events import EventKind, MailEvent

_LONGEST_NUMBER = 18
"""Digits of a subscriber's number: what a database's integer holds."""
_LONGEST_REASON = 1000


def has_login(headers: Mapping[str, str], secret: str | None) -> bool:
    """Whether the request bears `secret`, a `user:password`, as its login (RFC 7617)."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    wanted = base64.b64encode((secret or "").encode())
    return secret is not None and scheme.lower() == "basic" and compare_digest(given.strip().encode(), wanted)


def is_recent(timestamp: str, now: datetime, tolerance: timedelta) -> bool:
    """Whether `timestamp`, seconds since 1970 in digits, is no further from `now` than `tolerance`, to either side."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= len("9999999999")):
        return False
    return abs(now.timestamp() - int(timestamp)) <= tolerance.total_seconds()


def moment(stated: Any) -> datetime:
    """An instant, stated as seconds since 1970 or as a date of ISO 8601.

    Raises:
        ValueError: it is neither.
    """
    try:
        if isinstance(stated, str) and not stated.replace(".", "", 1).isdecimal():
            date = datetime.fromisoformat(stated)
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
        return datetime.fromtimestamp(float(stated), UTC)
    except (TypeError, OverflowError, OSError) as error:
        raise ValueError(f"no instant: {stated!r:.40}") from error


def mail_event(
    provider: str, identity: str, kind: EventKind, at: datetime, email: str, metadata: Mapping[str, Any], reason: object = ""
) -> MailEvent:
    """An event; `metadata` is what came back of ours, among other things perhaps."""
    number = str(metadata.get(SUBSCRIBER) or "")
    known = number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER
    return MailEvent(
        provider=provider,
        id=identity,
        kind=kind,
        at=at,
        email=email,
        batch_key=str(metadata.get(BATCH) or ""),
        subscriber_id=int(number) if known else None,
        reason=" ".join(str(reason or "").split())[:_LONGEST_REASON],
    )
