"""Turns at the hosts that are fetched from: one row a host, shared by everyone who fetches."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.articles import hosts

_LONGEST_LINE = 10
"""So many pauses ahead nobody waits: that is the word of a clock that was set back."""


def take_turn(connection: Connection, host: str, pause: timedelta, now: datetime) -> timedelta:
    """How long to wait before the host is asked: `pause` lies between two who ask. The turn is taken."""
    whose = hosts.c.name == host
    query = select(hosts.c.asked_at).where(whose).with_for_update()
    asked_at: datetime | None = connection.execute(query).scalar()
    if asked_at is None:
        first = insert_into(connection, hosts).values(name=host, asked_at=now).on_conflict_do_nothing().returning(hosts.c.name)
        if connection.execute(first).scalar():
            return timedelta(0)
        # Another has asked it for the first time at this very moment.
        asked_at = connection.execute(query).scalar_one()
    assert asked_at is not None, "the column is not nullable"  # noqa: S101 - for mypy
    wait = max(timedelta(0), asked_at + pause - now)
    wait = min(wait, pause) if wait > _LONGEST_LINE * pause else wait
    connection.execute(update(hosts).where(whose).values(asked_at=now + wait))
    return wait
