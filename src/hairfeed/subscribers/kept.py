"""All that is kept of one reader: for the operator, and for the reader who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hairfeed.errors import SubscriberError
from hairfeed.models.events import MailEvent
from hairfeed.models.subscribers import SignUp
from hairfeed.store import consents, events, letters, recipients, sign_ups, subscribers, tracking
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.store.subscribers import Subscription
from hairfeed.subscribers.addresses import suppression_reason

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """An issue that was opened, or followed to an address."""

    newsletter: str
    number: int
    url: str | None
    """None: opened."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """An issue that was for them."""

    newsletter: str
    number: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger has of an address, and of the reader behind it; each in the order of time."""

    email: str
    name: str
    time_zone: str
    known_since: datetime | None
    """None: nobody has it; something is known of the address alone."""
    suppressed: str | None
    """Why it is never mailed."""
    subscriptions: Sequence[Subscription]
    consents: Sequence[Consent]
    sign_ups: Sequence[SignUp]
    letters: Sequence[Written]
    events: Sequence[MailEvent]
    hits: Sequence[Hit]
    issues: Sequence[Owed]


def kept_of(connection: Connection, email: str) -> Kept:
    """Everything that is known of an address, as the ledger spells it.

    Raises:
        SubscriberError: nothing is.
    """
    found = subscribers.find(connection, email)
    number = found.id if found else None
    kept = Kept(
        email=email,
        name=found.name if found else "",
        time_zone=found.time_zone if found else "",
        known_since=found.created_at if found else None,
        suppressed=suppression_reason(connection, email),
        subscriptions=subscribers.subscriptions_of(connection, number) if number else (),
        consents=consents.consents_of(connection, number) if number else (),
        sign_ups=sign_ups.of(connection, email),
        letters=[Written(kind, at) for kind, at in letters.written_to(connection, email)],
        events=events.about(connection, [email], _EVER)[email],
        hits=[Hit(*one) for one in tracking.of(connection, number)] if number else (),
        issues=[Owed(*one) for one in recipients.issues_of(connection, number)] if number else (),
    )
    if not any((found, kept.suppressed, kept.sign_ups, kept.letters, kept.events)):
        raise SubscriberError(f"{email}: nothing is known of this address")
    return kept
