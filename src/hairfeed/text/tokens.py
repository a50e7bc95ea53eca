"""Links that prove who follows them: signed, for one purpose, and without a word about the reader. Pure.

A token is 24 bytes in base64 (RFC 4648 §5): the hour at which it expires or 0 (3 bytes), the subscriber's number (5), and a
signature over both (16). The newsletter itself is not in it, since names tell what a reader is interested in: whoever reads a token
tries the newsletters there are.

The signature is AES-256 of one block, those eight bytes and eight zeros, under a key for this purpose and newsletter alone:
HMAC-SHA-256 (RFC 2104) of both by the installation's secret. For messages that are one block each, a block cipher is a MAC: it is
CBC-MAC at its shortest (Bellare, Kilian and Rogaway, "The Security of Cipher Block Chaining", 1994). HMAC alone would do as well,
but link by link; AES signs the links of a whole batch in one call.
"""

import hashlib
import hmac
import sys
from array import array
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hairfeed.errors import ExpiredTokenError, ForgedTokenError

TOKEN_LENGTH = 32
"""Characters of every token: letters, digits, `-` and `_`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER_BITS = 40
_BYTES, _SIGNED_BYTES = 24, 8


class Purpose(StrEnum):
    """What a link is for; a token for one is worth nothing for another."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    STAY = "stay"
    TRACK = "track"
    """To be counted on the way to an article; made for an issue instead of a newsletter."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for; `newsletter` is empty where it is for all of theirs."""

    subscriber_id: int
    newsletter: str = ""
    expires_at: datetime | None = field(default=None, compare=False)
    """Of one that was read, the full hour until which its token is good; it tells which mail the token came by."""


def sign(secret: bytes, purpose: Purpose, bearer: Bearer, expires_at: datetime | None = None) -> str:
    """A token that is good until the full hour after `expires_at`, or for ever."""
    (token,) = sign_all(secret, purpose, bearer.newsletter, [bearer.subscriber_id], expires_at)
    return token


def sign_all(
    secret: bytes, purpose: Purpose, newsletter: str, subscribers: Sequence[int], expires_at: datetime | None = None
) -> list[str]:
    """Tokens of these subscribers, in their order, as `sign` makes them one by one.

    Raises:
        OverflowError: a subscriber's number is below 0, or has more than 40 bits.
    """
    if max(subscribers, default=0) >> _NUMBER_BITS:
        raise OverflowError("a subscriber's number is too large for a link")
    if expires_at is not None:
        hours = _hours(expires_at) << _NUMBER_BITS
        subscribers = [hours | number for number in subscribers]
    raw = _signed(_key(secret, purpose, newsletter), subscribers)
    text = urlsafe_b64encode(raw).decode()
    return [text[start : start + TOKEN_LENGTH] for start in range(0, len(text), TOKEN_LENGTH)]


def read(secret: bytes, purpose: Purpose, token: str, newsletters: Iterable[str], now: datetime) -> Bearer:
    """Whom the token stands for. `newsletters` are those that it may be for; an empty name among them allows one for all.

    Raises:
        ForgedTokenError: we did not make it, or not for this purpose and these newsletters.
        ExpiredTokenError: we made it, and its time is over.
    """
    raw = _bytes(token)
    said = int.from_bytes(raw[:_SIGNED_BYTES])
    for newsletter in newsletters:
        if hmac.compare_digest(raw, _signed(_key(secret, purpose, newsletter), [said])):
            break
    else:
        raise ForgedTokenError("this link is not complete, or not one of ours")
    hours = said >> _NUMBER_BITS
    if hours and hours <= now.timestamp() // 3600:
        raise ExpiredTokenError("this link is too old")
    number = said & ((1 << _NUMBER_BITS) - 1)
    return Bearer(number, newsletter, _EPOCH + timedelta(hours=hours) if hours else None)


def full_hour(instant: datetime) -> datetime:
    """Until when a token is good that is to be good until then."""
    return _EPOCH + timedelta(hours=_hours(instant))


def _hours(instant: datetime) -> int:
    """The first full hour at or after the instant, since 1970."""
    return -((_EPOCH - instant) // timedelta(hours=1))


def _key(secret: bytes, purpose: Purpose, newsletter: str) -> bytes:
    # No purpose holds a zero byte: what is hashed can be read in one way only.
    return hmac.digest(secret, f"{purpose}\0{newsletter}".encode(), hashlib.sha256)


def _signed(key: bytes, said: Sequence[int]) -> bytes:
    """What tokens say, each with its signature: 24 bytes a token."""
    # It takes its time to import: only who makes or reads a link pays.
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    words = array("Q", said)
    if sys.byteorder == "little":
        words.byteswap()
    count = len(said)
    blocks, signed = array("Q", bytes(16 * count)), array("Q", bytes(_BYTES * count))
    blocks[::2] = words
    # Block by block, each a message of its own: nothing is encrypted here that anyone would want to read.
    cipher = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()  # noqa: S305
    signatures = array("Q", cipher.update(blocks.tobytes()))
    signed[::3], signed[1::3], signed[2::3] = words, signatures[::2], signatures[1::2]
    return signed.tobytes()


def _bytes(token: str) -> bytes:
    """The token's bytes.

    Raises:
        ForgedTokenError: it is none, whatever it says.
    """
    try:
        raw = urlsafe_b64decode(token) if len(token) == TOKEN_LENGTH else b""
    except (Error, ValueError):
        raw = b""
    if len(raw) != _BYTES:
        raise ForgedTokenError("this link is not complete, or not one of ours")
    return raw
