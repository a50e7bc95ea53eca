"""Addresses as the ledger keeps them, and what stands for one that must be forgotten and still never mailed."""

import hashlib
import hmac

from email_validator import EmailNotValidError, validate_email

from hairfeed.errors import SubscriberError
from hairfeed.store import subscribers
from hairfeed.store.database import Connection
from hairfeed.store.secrets import secret

_SECRET = "suppressions"  # noqa: S105 - its name


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


def sealed(connection: Connection, email: str) -> str:
    """What stands for an erased address on the list of those that are never mailed; only the ledger's secret tells whose."""
    return "erased:" + hmac.digest(secret(connection, _SECRET), email.encode(), hashlib.sha256).hex()


def suppression_reason(connection: Connection, email: str) -> str | None:
    """Why the address must never be mailed, erased or not; None when it may."""
    return subscribers.suppression_reason(connection, email, sealed(connection, email))
