"""The proof of consent: who asked, when, how and to what, and when they confirmed it; until then it is a request."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.subscribers import consents, subscriptions


@dataclass(frozen=True, slots=True)
class Consent:
    """What a reader agreed to, once they confirmed it."""

    newsletter: str
    asked_at: datetime
    given_at: datetime | None
    """None until it is confirmed."""
    source: str
    """How: a form, an import, the operator's word."""
    wording: str
    """What they agreed to, word for word."""
    form: str = ""
    """Which version of the form; empty where there was none."""
    network_address: str | None = None
    topics: str = ""
    """What was chosen with it, as subscriptions keep it."""
    language: str = ""
    expires_at: datetime | None = None
    """Of a request, until when the link of the mail about it is good. No two mails to a reader end in the same hour."""


_COLUMNS = [consents.c[field.name] for field in fields(Consent)]


def record(connection: Connection, subscriber: int, consent: Consent) -> None:
    """Keep the proof, or the request that may become one."""
    connection.execute(insert(consents).values(subscriber_id=subscriber, **asdict(consent)))


def waiting(connection: Connection, subscriber: int, expires_at: datetime | None = None) -> list[Consent]:
    """What the subscriber asked for and has not confirmed, by newsletter; of one mail alone, whose link ends at `expires_at`.

    A request from before they left is none.
    """
    query = (
        select(*_COLUMNS)
        .join(
            subscriptions,
            (subscriptions.c.subscriber_id == consents.c.subscriber_id) & (subscriptions.c.newsletter == consents.c.newsletter),
        )
        .where(
            consents.c.subscriber_id == subscriber,
            consents.c.given_at.is_(None),
            (subscriptions.c.state == SubscriptionState.PENDING)
            | ((subscriptions.c.state == SubscriptionState.UNSUBSCRIBED) & (consents.c.asked_at > subscriptions.c.changed_at)),
        )
        .order_by(consents.c.newsletter, consents.c.id)
    )
    if expires_at is not None:
        query = query.where(consents.c.expires_at == expires_at)
    return [Consent(*row) for row in connection.execute(query)]


def confirm(connection: Connection, subscriber: int, request: Consent, now: datetime) -> None:
    """The subscriber wants what this request asked for: it becomes the proof; what other mails asked about the newsletter goes."""
    mine = (consents.c.subscriber_id == subscriber, consents.c.newsletter == request.newsletter, consents.c.given_at.is_(None))
    connection.execute(update(consents).where(*mine, consents.c.expires_at == request.expires_at).values(given_at=now))
    connection.execute(delete(consents).where(*mine))


def consents_of(connection: Connection, subscriber: int) -> list[Consent]:
    """All that is kept of the subscriber, in the order of asking."""
    query = select(*_COLUMNS).where(consents.c.subscriber_id == subscriber).order_by(consents.c.asked_at, consents.c.id)
    return [Consent(*row) for row in connection.execute(query)]


def forget(connection: Connection, subscriber: int) -> None:
    """Keep nothing of the subscriber."""
    connection.execute(delete(consents).where(consents.c.subscriber_id == subscriber))
