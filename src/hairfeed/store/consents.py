"""The proof of consent: who asked, when, how and to what, and when they confirmed it; until then it is a request."""

from dataclasses import dataclass
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


def record(connection: Connection, subscriber: int, consent: Consent) -> None:
    """Keep the proof. One request of a newsletter waits at a time: a newer one takes its place."""
    if consent.given_at is None:
        waiting = (consents.c.subscriber_id == subscriber) & (consents.c.newsletter == consent.newsletter)
        connection.execute(delete(consents).where(waiting, consents.c.given_at.is_(None)))
    connection.execute(
        insert(consents).values(
            subscriber_id=subscriber,
            newsletter=consent.newsletter,
            asked_at=consent.asked_at,
            given_at=consent.given_at,
            source=consent.source,
            form=consent.form,
            wording=consent.wording,
            network_address=consent.network_address,
        )
    )


def waiting(connection: Connection, subscriber: int) -> list[str]:
    """The newsletters that the subscriber asked for and has not confirmed; a request from before they left is none."""
    query = (
        select(consents.c.newsletter)
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
        .order_by(consents.c.newsletter)
    )
    return list(connection.execute(query).scalars())


def confirm(connection: Connection, subscriber: int, newsletter: str, now: datetime) -> bool:
    """Complete the proof that waits; False when none does."""
    given = connection.execute(
        update(consents)
        .where(consents.c.subscriber_id == subscriber, consents.c.newsletter == newsletter, consents.c.given_at.is_(None))
        .values(given_at=now)
    )
    return given.rowcount > 0


def consents_of(connection: Connection, subscriber: int) -> list[Consent]:
    """All that is kept of the subscriber, in the order of asking."""
    query = select(consents).where(consents.c.subscriber_id == subscriber).order_by(consents.c.asked_at, consents.c.id)
    return [
        Consent(row.newsletter, row.asked_at, row.given_at, row.source, row.wording, row.form, row.network_address)
        for row in connection.execute(query)
    ]


def forget(connection: Connection, subscriber: int) -> None:
    """Keep nothing of the subscriber."""
    connection.execute(delete(consents).where(consents.c.subscriber_id == subscriber))
