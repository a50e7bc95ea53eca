"""Addresses as the ledger keeps them, and what stands for one that must be forgotten and still never mailed."""

import hashlib
import hmac
import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from hairfeed.errors import SubscriberError
from hairfeed.store import subscribers
from hairfeed.store.database import Connection
from hairfeed.store.secrets import beginning_with, keep, secret

SEAL = "erased:"
"""What stands for an erased address begins with it; no address does."""
_SECRET = "suppressions"  # noqa: S105 - its name
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*")
"""What may stand before the @ without a doubt: fewer characters and forms than RFC 5322 allows."""
_LONGEST_PLAIN = 64
"""So short that neither part is longer than RFC 5321 §4.5.3.1 allows."""


def address(text: str) -> str:
    """The address as the ledger keeps it: lower case, because no provider tells cases apart, and two spellings are one reader.

    A domain in another script is kept in its ASCII form (RFC 5891), which every relay takes; before the @ there is no such form.

    Raises:
        SubscriberError: it is no address, or one that not every provider can mail.
    """
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True, allow_smtputf8=False, strict=True)
        return (found.ascii_email or found.normalized).lower()
    except EmailNotValidError as error:
        raise SubscriberError(f"{text!r} is no e-mail address: {error}") from error


@lru_cache(maxsize=4096)
def _domain(text: str) -> str | None:
    """A domain as the ledger keeps it; None for what is none. Those of many readers are few."""
    try:
        return address(f"a@{text}").removeprefix("a@")
    except SubscriberError:
        return None


def address_in_a_list(text: str) -> str:
    """What `address` says, at the pace that a list of a million needs: plain addresses of a domain that was seen before are known.

    Raises:
        SubscriberError: as `address`.
    """
    local, _, domain = text.rpartition("@")
    if _PLAIN.fullmatch(local) and len(text) <= _LONGEST_PLAIN and (known := _domain(domain)) is not None:
        return f"{local.lower()}@{known}"
    return address(text)


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def _seal(key: bytes, email: str) -> str:
    return f"{SEAL}{_key_id(key)}:{hmac.digest(key, email.encode(), hashlib.sha256).hex()}"


def sealed(connection: Connection, email: str) -> str:
    """What stands for an erased address on the list of those that are never mailed; only the ledger's secret tells whose."""
    return _seal(secret(connection, _SECRET), email)


class Seals:
    """All that may stand for an erased address: made with this ledger's key, or with that of one whose list was imported."""

    def __init__(self, connection: Connection) -> None:
        """Look the keys up; there are none where nobody was erased."""
        self._keys = list(beginning_with(connection, _SECRET).values())

    def of(self, email: str) -> list[str]:
        """What stands for the address, with each key."""
        return [_seal(key, email) for key in self._keys]

    def key_of(self, seal: str) -> str:
        """The key that a seal was made with, in hexadecimal; empty where it is not here."""
        return next((key.hex() for key in self._keys if seal.startswith(f"{SEAL}{_key_id(key)}:")), "")


def is_seal_of(key: bytes, seal: str) -> bool:
    """Whether this may have been made with the key."""
    return re.fullmatch(rf"{SEAL}{_key_id(key)}:[0-9a-f]{{64}}", seal) is not None


def keep_key(connection: Connection, key: bytes) -> None:
    """Know from now on whom another ledger has erased, by the key that it sealed them with."""
    if key not in beginning_with(connection, _SECRET).values():
        keep(connection, f"{_SECRET}:{_key_id(key)}", key)


def is_erased(connection: Connection, email: str) -> bool:
    """Whether the reader of this address was erased: it must not be written down."""
    seals = Seals(connection).of(email)
    return bool(seals) and subscribers.suppression_reason(connection, *seals) is not None


def suppression_reason(connection: Connection, email: str) -> str | None:
    """Why the address must never be mailed, erased or not; None when it may."""
    return subscribers.suppression_reason(connection, email, *Seals(connection).of(email))
