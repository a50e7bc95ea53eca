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
    age = _age(secret, text, now)
    return age is not None and FASTEST <= age <= OLDEST


def stamp_again(secret: bytes, text: str, now: datetime) -> str:
    """What a form that is shown once more carries: its first stamp while that is good, so that nobody waits anew."""
    age = _age(secret, text, now)
    return text if age is not None and timedelta() <= age < OLDEST else stamp(secret, now)


def _age(secret: bytes, text: str, now: datetime) -> timedelta | None:
    seconds, _, signature = text.partition(".")
    if not hmac.compare_digest(_sign(secret, seconds).encode(), signature.encode()):
        return None
    # What is signed was written by `stamp`.
    return now - datetime.fromtimestamp(int(seconds), UTC)


def _sign(secret: bytes, seconds: str) -> str:
    return hmac.digest(secret, b"form\0" + seconds.encode(errors="replace"), hashlib.sha256).hex()[:_MAC]
