"""When a form was made: a signed instant in it, so that one that comes back too fast, or years later, is known. Pure."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

FASTEST = timedelta(seconds=2)
"""Nobody reads and fills in a form in less."""
OLDEST = timedelta(days=1)

_MAC = 32
"""Hexadecimal digits of the signature."""


def stamp(secret: bytes, now: datetime) -> str:
    """What a form made now carries."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{_sign(secret, seconds)}"


def is_in_time(secret: bytes, text: str, now: datetime) -> bool:
    """Whether the form was made by us, neither just now nor too long ago."""
    seconds, _, signature = text.partition(".")
    if not hmac.compare_digest(_sign(secret, seconds).encode(), signature.encode()):
        return False
    # What is signed was written by `stamp`.
    return FASTEST <= now - datetime.fromtimestamp(int(seconds), UTC) <= OLDEST


def _sign(secret: bytes, seconds: str) -> str:
    return hmac.digest(secret, b"form\0" + seconds.encode(errors="replace"), hashlib.sha256).hex()[:_MAC]
