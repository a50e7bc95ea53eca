"""What providers told of mails: kept once each, and worked off by a pass."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import IS_WAITING, events

MOST_ID, MOST_EMAIL, MOST_KEY, MOST_REASON = 255, 320, 128, 1000
"""Characters that there is room for."""


def keep(connection: Connection, found: Sequence[MailEvent], now: datetime) -> None:
    """Write down the events that are not known yet: the same one may come a hundred times, and twice at once."""
    if not found:
        return
    rows = [
        {
            "provider": event.provider,
            "event_id": event.id,
            "kind": event.kind,
            "happened_at": event.at,
            "email": event.email,
            "batch_key": event.batch_key,
            "subscriber_id": event.subscriber_id,
            "reason": event.reason,
            "received_at": now,
        }
        for event in found
    ]
    connection.execute(insert_into(connection, events).on_conflict_do_nothing(), rows)


def waiting(connection: Connection) -> tuple[int, int] | None:
    """The numbers of the oldest and of the newest that are not worked off; None when all are."""
    first, last = connection.execute(select(func.min(events.c.id), func.max(events.c.id)).where(IS_WAITING)).one()
    return None if first is None else (first, last)


def some_waiting(
    connection: Connection, kinds: Collection[EventKind], first: int, last: int, most: int
) -> tuple[list[MailEvent], int]:
    """Of the oldest `most` from `first` to `last` that are not worked off, those of these kinds; and the number of the last of all.

    Both numbers are needed: whichever way the database looks for them, it does not pass over those of months.
    """
    oldest = select(events.c.id).where(IS_WAITING, events.c.id.between(first, last)).order_by(events.c.id).limit(most)
    reached: int | None = connection.execute(select(func.max(oldest.subquery().c.id))).scalar()
    query = select(events).where(events.c.id.in_(oldest), events.c.kind.in_(kinds)).order_by(events.c.id)
    return [_event(row) for row in connection.execute(query)], last if reached is None else reached


def about(connection: Connection, emails: Collection[str], since: datetime) -> dict[str, list[MailEvent]]:
    """What is known of addresses since then, each in the order in which it happened."""
    query = select(events).where(events.c.email.in_(emails), events.c.happened_at >= since)
    found: dict[str, list[MailEvent]] = {email: [] for email in emails}
    for row in connection.execute(query.order_by(events.c.happened_at, events.c.id)):
        found[row.email].append(_event(row))
    return found


def work_off(connection: Connection, first: int, last: int, now: datetime) -> int:
    """All from `first` to `last` are worked off; how many were not."""
    done = update(events).where(IS_WAITING, events.c.id.between(first, last)).values(worked_off_at=now)
    return connection.execute(done).rowcount


def forget(connection: Connection, email: str) -> None:
    """Keep nothing about an address."""
    connection.execute(delete(events).where(events.c.email == email))


def _event(row: Any) -> MailEvent:
    return MailEvent(
        provider=row.provider,
        id=row.event_id,
        kind=EventKind(row.kind),
        at=row.happened_at,
        email=row.email,
        batch_key=row.batch_key,
        subscriber_id=row.subscriber_id,
        reason=row.reason,
    )
