"""Be forgotten: nothing of a person stays but a keyed hash, by which the address is still never mailed."""

from datetime import datetime

from hairfeed.store import consents, events, imports, letters, recipients, sign_ups, subscribers
from hairfeed.store.database import Connection
from hairfeed.subscribers import hits
from hairfeed.subscribers.addresses import Seals, sealed, suppression_reason

ERASED = "erased at the reader's wish"


def erase(connection: Connection, email: str, now: datetime) -> bool:
    """Forget an address and everyone behind it; False when nothing was known of it. It is never mailed again, known or not.

    What a provider, an outbox or a backup keeps is beyond the ledger.
    """
    imports.forget(connection, email)
    found = subscribers.find(connection, email)
    reason = suppression_reason(connection, email)
    sign_ups.forget(connection, email)
    events.forget(connection, email)
    letters.forget(connection, email, found.id if found else None)
    if found is not None:
        consents.forget(connection, found.id)
        hits.only_count_of(connection, found.id)
        recipients.forget_words(connection, found.id, email)
        subscribers.forget(connection, found.id, now)
    subscribers.allow(connection, [email, *Seals(connection).of(email)], now)
    subscribers.suppress(connection, sealed(connection, email), reason or ERASED, now)
    return found is not None or reason is not None


def allow(connection: Connection, email: str, now: datetime) -> bool:
    """Let an address be mailed again if its reader asks for it; False when that was not forbidden. Old bounces count no more."""
    events.forget(connection, email)
    return subscribers.allow(connection, [email, *Seals(connection).of(email)], now)
