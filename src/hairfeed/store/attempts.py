"""How often something was tried lately: kept in the ledger, so that all processes count together."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.subscribers import attempts


def count(connection: Connection, key: str, period: timedelta, now: datetime) -> int:
    """Count one more attempt; how many there were since the period began, this one included. Periods begin with a first attempt."""
    first = insert_into(connection, attempts).values(key=key, ends_at=now + period, count=1)
    is_over = attempts.c.ends_at <= now
    counted = first.on_conflict_do_update(
        index_elements=[attempts.c.key],
        set_={
            "count": case((is_over, 1), else_=attempts.c.count + 1),
            "ends_at": case((is_over, first.excluded.ends_at), else_=attempts.c.ends_at),
        },
    ).returning(attempts.c.count)
    return int(connection.execute(counted).scalar_one())


def counted(connection: Connection, key: str, now: datetime) -> tuple[int, datetime]:
    """The attempts of the period under way, and when it ends; now when there is none."""
    query = select(attempts.c.count, attempts.c.ends_at).where(attempts.c.key == key, attempts.c.ends_at > now)
    found = connection.execute(query).first()
    return (0, now) if found is None else (found[0], found[1])


def forget_old(connection: Connection, now: datetime) -> None:
    """Periods that are over count for nothing."""
    connection.execute(delete(attempts).where(attempts.c.ends_at <= now))
