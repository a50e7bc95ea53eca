"""What a pass that mailed came to and only a person can mend; here while it stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.deliveries import troubles

ACCOUNT = "account "
"""Begins the key of a provider that refuses our account; its name follows."""
HELD = "held "
"""Begins the key of an issue with batches in doubt that are held; newsletter and number follow."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them. `what` is in words, with what to do."""

    key: str
    what: str
    since_at: datetime


def keep(connection: Connection, found: Mapping[str, str], now: datetime, judged: Collection[str] | None = None) -> None:
    """By key all that the pass came to; what stood there since an earlier one keeps its beginning, and what is mended goes.

    Of those who look at a part of the work, `judged` are the keys that they can tell of; None: all.
    """
    mended = troubles.c.key.not_in(list(found))
    connection.execute(delete(troubles).where(mended if judged is None else mended & troubles.c.key.in_(list(judged))))
    rows = [{"key": key, "what": what, "since_at": now} for key, what in found.items()]
    if rows:
        connection.execute(insert_into(connection, troubles).on_conflict_do_nothing(), rows)


def standing(connection: Connection) -> list[Trouble]:
    """All that stands since the last pass that mailed."""
    return [Trouble(*row) for row in connection.execute(select(troubles).order_by(troubles.c.key))]
