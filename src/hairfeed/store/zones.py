"""Readers' time zones, and the batches of an issue that wait for the hour in them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from hairfeed.models.issues import BatchState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.subscribers import subscribers, subscriptions


def move(connection: Connection, subscriber: int, time_zone: str) -> None:
    """Where the subscriber is from now on: an IANA name; empty: nobody knows."""
    connection.execute(update(subscribers).where(subscribers.c.id == subscriber).values(time_zone=time_zone or None))


def readers_zones(connection: Connection, newsletter: str) -> list[str]:
    """The time zones that readers of the newsletter gave."""
    query = (
        select(subscribers.c.time_zone)
        .distinct()
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(
            subscribers.c.time_zone.is_not(None),
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
        )
    )
    return sorted(connection.execute(query).scalars())


def newsletter_and_hour(connection: Connection, issue_id: int) -> tuple[str, datetime]:
    """Whose issue it is, and when it was due."""
    row = connection.execute(select(issues.c.newsletter, issues.c.due_at).where(issues.c.id == issue_id)).one()
    return row.newsletter, row.due_at


def hold(connection: Connection, issue_id: int, may_begin: Callable[[str], datetime]) -> None:
    """Let every batch of an issue that was frozen by zone wait for the hour in its zone, which is empty where none was given."""
    # All of a batch are in the zone of its first.
    query = select(batches.c.id, subscribers.c.time_zone).join(subscribers, subscribers.c.id == batches.c.first_id)
    rows = connection.execute(query.where(batches.c.issue_id == issue_id)).all()
    hours = {zone: may_begin(zone or "") for zone in {row.time_zone for row in rows}}
    if rows:
        waits = update(batches).where(batches.c.id == bindparam("batch")).values(next_try_at=bindparam("at"))
        connection.execute(waits, [{"batch": row.id, "at": hours[row.time_zone]} for row in rows])


def hours_to_come(connection: Connection, issue_id: int, now: datetime) -> tuple[int, datetime, datetime] | None:
    """How many recipients wait for their time, and when the next and the last of them go out; None when nobody does."""
    first, last = func.min(batches.c.next_try_at), func.max(batches.c.next_try_at)
    query = select(func.sum(batches.c.size), first, last).where(
        batches.c.issue_id == issue_id, batches.c.state == BatchState.PENDING, batches.c.next_try_at > now
    )
    size, next_at, last_at = connection.execute(query).one()
    return (int(size), next_at, last_at) if size else None
