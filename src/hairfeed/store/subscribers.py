"""Subscribers, their subscriptions, and the addresses never to be mailed. The proof of consent is in `consents`."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.issues import newsletters
from hairfeed.store.schema.subscribers import subscribers, subscriptions, suppressions

_ERASED = "erased-"
"""What stands in the place of an erased address; no address has no @."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One address and one newsletter."""

    email: str
    newsletter: str
    state: SubscriptionState
    changed_at: datetime
    topics: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is behind a number, or behind an address."""

    id: int
    email: str
    name: str
    created_at: datetime


def subscriber_id(connection: Connection, email: str, now: datetime) -> int:
    """The subscriber with this address, made if need be."""
    known = connection.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar()
    if known is not None:
        return int(known)
    made = insert(subscribers).values(email=email, created_at=now).returning(subscribers.c.id)
    return int(connection.execute(made).scalar_one())


def subscriber(connection: Connection, number: int) -> Subscriber | None:
    """The subscriber by this number; None when there is none, or they were erased."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).first()
    if row is None or row.email.startswith(_ERASED):
        return None
    return Subscriber(row.id, row.email, row.name or "", row.created_at)


def find(connection: Connection, email: str) -> Subscriber | None:
    """The subscriber with this address."""
    number = connection.execute(select(subscribers.c.id).where(subscribers.c.email == email)).scalar()
    return None if number is None else subscriber(connection, number)


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


def confirm(connection: Connection, subscriber: int, newsletters: Collection[str], now: datetime) -> int:
    """Have these subscriptions confirmed, whatever they were; how many were not."""
    return _move(connection, subscriber, newsletters, SubscriptionState.CONFIRMED, now)


def leave(connection: Connection, subscriber: int, newsletters: Collection[str] | None, now: datetime) -> int:
    """End these subscriptions, or all for None; how many were not ended before."""
    return _move(connection, subscriber, newsletters, SubscriptionState.UNSUBSCRIBED, now)


def _move(
    connection: Connection, subscriber: int, newsletters: Collection[str] | None, state: SubscriptionState, now: datetime
) -> int:
    moved = (
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber, subscriptions.c.state != state)
        .values(state=state, changed_at=now)
    )
    if newsletters is not None:
        moved = moved.where(subscriptions.c.newsletter.in_(newsletters))
    return connection.execute(moved).rowcount


def suppression_reason(connection: Connection, *names: str) -> str | None:
    """Why an address must never be mailed; None when it may. `names` are the address, and what stands for it once it is erased."""
    query = select(suppressions.c.reason).where(suppressions.c.email.in_(names)).limit(1)
    reason: str | None = connection.execute(query).scalar()
    return reason


def suppress(connection: Connection, email: str, reason: str, now: datetime) -> bool:
    """Never mail this address again; False when that was so before, and the first reason stays."""
    if suppression_reason(connection, email) is not None:
        return False
    connection.execute(insert(suppressions).values(email=email, reason=reason, since_at=now))
    return True


def allow(connection: Connection, names: Iterable[str]) -> bool:
    """Take an address off the list of those never to be mailed; False when it is not on it."""
    return connection.execute(delete(suppressions).where(suppressions.c.email.in_(list(names)))).rowcount > 0


def forget(connection: Connection, number: int) -> None:
    """Leave nothing of a subscriber but a number that nobody else will get: links carry numbers."""
    connection.execute(delete(subscriptions).where(subscriptions.c.subscriber_id == number))
    connection.execute(update(subscribers).where(subscribers.c.id == number).values(email=f"{_ERASED}{number}", name=None))


def subscriptions_of(connection: Connection, number: int) -> list[Subscription]:
    """All of one subscriber's subscriptions, by newsletter."""
    return _subscriptions(connection, number)


def all_subscriptions(connection: Connection) -> list[Subscription]:
    """Every subscription, by newsletter and address."""
    return _subscriptions(connection, None)


def listed(connection: Connection, newsletter: str | None, state: SubscriptionState | None) -> Iterator[Subscription]:
    """Subscriptions by newsletter and address, some at a time; where they are not None, of one newsletter or in one state only."""
    query = _query()
    if newsletter is not None:
        query = query.where(subscriptions.c.newsletter == newsletter)
    if state is not None:
        query = query.where(subscriptions.c.state == state)
    return map(_subscription, connection.execute(query.execution_options(yield_per=1000)))


def _subscriptions(connection: Connection, number: int | None) -> list[Subscription]:
    query = _query() if number is None else _query().where(subscriptions.c.subscriber_id == number)
    return list(map(_subscription, connection.execute(query)))


def _query() -> Select[Any]:
    columns = (subscriptions.c.newsletter, subscriptions.c.state, subscriptions.c.changed_at, subscriptions.c.topics)
    return (
        select(subscribers.c.email, *columns, subscriptions.c.language)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .order_by(subscriptions.c.newsletter, subscribers.c.email)
    )


def _subscription(row: Any) -> Subscription:
    return Subscription(row.email, row.newsletter, SubscriptionState(row.state), row.changed_at, row.topics, row.language)


def newsletter_names(connection: Connection) -> list[str]:
    """Every newsletter that a pass ever saw in the config: links of one that is no longer there still lead out of it."""
    return list(connection.execute(select(newsletters.c.name)).scalars())
