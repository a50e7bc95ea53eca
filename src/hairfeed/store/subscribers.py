"""Subscribers, their subscriptions, the proof of their consent, and the addresses never to be mailed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from hairfeed.models import SubscriptionState
from hairfeed.store.schema import consents, subscribers, subscriptions, suppressions


@dataclass(frozen=True, slots=True)
class Subscription:
    """One address and one newsletter."""

    email: str
    newsletter: str
    state: SubscriptionState
    changed_at: datetime


def subscriber_id(connection: Connection, email: str, now: datetime) -> int:
    """The subscriber with this address, made if need be."""
    known = connection.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar()
    if known is not None:
        return int(known)
    made = insert(subscribers).values(email=email, created_at=now).returning(subscribers.c.id)
    return int(connection.execute(made).scalar_one())


def rename(connection: Connection, subscriber: int, name: str) -> None:
    """What mails call the subscriber from now on."""
    connection.execute(update(subscribers).where(subscribers.c.id == subscriber).values(name=name or None))


def subscription_state(connection: Connection, subscriber: int, newsletter: str) -> SubscriptionState | None:
    """How the subscriber stands with the newsletter; None when they never had to do with it."""
    query = select(subscriptions.c.state).where(
        subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter == newsletter
    )
    state = connection.execute(query).scalar()
    return None if state is None else SubscriptionState(state)


def set_subscription(connection: Connection, subscriber: int, newsletter: str, state: SubscriptionState, now: datetime) -> None:
    """Change how the subscriber stands with the newsletter."""
    values = {"state": state, "changed_at": now}
    if subscription_state(connection, subscriber, newsletter) is None:
        connection.execute(insert(subscriptions).values(subscriber_id=subscriber, newsletter=newsletter, **values))
        return
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter == newsletter)
        .values(values)
    )


def choose(connection: Connection, subscriber: int, newsletter: str, topics: str, language: str) -> bool:
    """Change what the subscriber gets of a newsletter that they have to do with; False when they have not."""
    changed = connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber, subscriptions.c.newsletter == newsletter)
        .values(topics=topics, language=language)
    )
    return changed.rowcount == 1


def record_consent(connection: Connection, subscriber: int, newsletter: str, now: datetime, source: str, wording: str) -> None:
    """Keep the proof that the subscriber asked: when, how, and what they agreed to."""
    values = {"given_at": now, "source": source, "wording": wording}
    connection.execute(insert(consents).values(subscriber_id=subscriber, newsletter=newsletter, **values))


def suppression_reason(connection: Connection, email: str) -> str | None:
    """Why the address must never be mailed; None when it may."""
    reason: str | None = connection.execute(select(suppressions.c.reason).where(suppressions.c.email == email)).scalar()
    return reason


def suppress(connection: Connection, email: str, reason: str, now: datetime) -> None:
    """Never mail this address again; the first reason stays."""
    if suppression_reason(connection, email) is None:
        connection.execute(insert(suppressions).values(email=email, reason=reason, since_at=now))


def all_subscriptions(connection: Connection) -> list[Subscription]:
    """Every subscription, by newsletter and address."""
    query = (
        select(subscribers.c.email, subscriptions.c.newsletter, subscriptions.c.state, subscriptions.c.changed_at)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .order_by(subscriptions.c.newsletter, subscribers.c.email)
    )
    return [
        Subscription(row.email, row.newsletter, SubscriptionState(row.state), row.changed_at) for row in connection.execute(query)
    ]
