"""Links that prove who follows them: signed, for one purpose, and without a word about the reader. Pure.

A token is the subscriber's number, the hour at which it expires where it does, and half of an HMAC-SHA-256 (RFC 2104) over these,
the purpose and the newsletter's name. The newsletter itself is not in it, since names tell what a reader is interested in: whoever
reads a token tries the newsletters there are.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hairfeed.errors import ExpiredTokenError, ForgedTokenError

_MAC, _HOURS, _LONGEST = 16, 4, 12
"""Bytes of the signature, of the hour, and of a subscriber's number at most with the hour."""

LONGEST_TOKEN = 40
"""Characters; whatever is longer is none."""


class Purpose(StrEnum):
    """What a link is for; a token for one is worth nothing for another."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    TRACK = "track"
    """To be counted on the way to an article; made for an issue instead of a newsletter."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for; `newsletter` is empty where it is for all of theirs."""

    subscriber_id: int
    newsletter: str = ""


def sign(secret: bytes, purpose: Purpose, bearer: Bearer, expires_at: datetime | None = None) -> str:
    """A token of at most `LONGEST_TOKEN` letters, digits, `-` and `_`; good until the full hour after `expires_at`, or for ever."""
    hours = b"" if expires_at is None else _hours(expires_at).to_bytes(_HOURS)
    number = bearer.subscriber_id.to_bytes(_LONGEST - _HOURS).lstrip(b"\0") or b"\0"
    payload = bytes([len(hours)]) + hours + number
    return urlsafe_b64encode(payload + _mac(secret, purpose, bearer.newsletter, payload)).rstrip(b"=").decode()


def read(secret: bytes, purpose: Purpose, token: str, newsletters: Iterable[str], now: datetime) -> Bearer:
    """Whom the token stands for. `newsletters` are those that it may be for; an empty name among them allows one for all.

    Raises:
        ForgedTokenError: we did not make it, or not for this purpose and these newsletters.
        ExpiredTokenError: we made it, and its time is over.
    """
    payload, mac = _parts(token)
    for newsletter in newsletters:
        if hmac.compare_digest(mac, _mac(secret, purpose, newsletter, payload)):
            break
    else:
        raise ForgedTokenError("this link is not complete, or not one of ours")
    length = payload[0]
    if length and int.from_bytes(payload[1 : 1 + length]) <= now.timestamp() // 3600:
        raise ExpiredTokenError("this link is too old")
    return Bearer(int.from_bytes(payload[1 + length :]), newsletter)


def _hours(instant: datetime) -> int:
    """The first full hour at or after the instant, since 1970."""
    return -((datetime(1970, 1, 1, tzinfo=UTC) - instant) // timedelta(hours=1))


def _mac(secret: bytes, purpose: Purpose, newsletter: str, payload: bytes) -> bytes:
    # Neither a purpose nor a newsletter's name holds a zero byte: what is signed can be read in one way only.
    return hmac.digest(secret, b"\0".join([purpose.encode(), newsletter.encode(), payload]), hashlib.sha256)[:_MAC]


def _parts(token: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) <= LONGEST_TOKEN and token.isascii() else b""
    except (Error, ValueError):
        raw = b""
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if len(payload) < 2 or payload[0] not in {0, _HOURS} or len(payload) < 2 + payload[0]:  # noqa: PLR2004 - a length and a number
        raise ForgedTokenError("this link is not complete, or not one of ours")
    return payload, mac
