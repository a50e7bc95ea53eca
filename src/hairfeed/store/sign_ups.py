"""What was asked for on forms and not worked off yet.

A form's answer comes from one new row, whoever asks: what is known of the address is looked up later, by a pass, so that neither
the answer nor its time tells it.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from hairfeed.models.subscribers import SignUp
from hairfeed.store.schema.subscribers import sign_ups

_COLUMNS = [sign_ups.c[field.name] for field in fields(SignUp)]


def add(connection: Connection, asked: SignUp) -> None:
    """Write down what was asked for."""
    connection.execute(insert(sign_ups).values(asdict(asked)))


def add_all(connection: Connection, asked: Iterable[tuple[SignUp, datetime]]) -> None:
    """Write down what several asked for, each with when a mail may go to them."""
    rows = [asdict(one) | {"due_at": due_at} for one, due_at in asked]
    if rows:
        connection.execute(insert(sign_ups), rows)


def last_due_at(connection: Connection) -> datetime | None:
    """When the mail is due that waits longest; None when none waits for its time."""
    last: datetime | None = connection.execute(select(func.max(sign_ups.c.due_at))).scalar()
    return last


def due(connection: Connection, most: int, now: datetime) -> dict[int, SignUp]:
    """The oldest `most` whose time has come, by number; first those that never had to wait, whose readers look for the mail."""
    is_due = or_(sign_ups.c.due_at.is_(None), sign_ups.c.due_at <= now)
    query = select(sign_ups.c.id, *_COLUMNS).where(is_due).order_by(sign_ups.c.due_at.is_not(None), sign_ups.c.id).limit(most)
    return {row.id: SignUp(**{column.name: getattr(row, column.name) for column in _COLUMNS}) for row in connection.execute(query)}


def of(connection: Connection, email: str) -> list[SignUp]:
    """What was asked for with this address and waits, the oldest first."""
    query = select(*_COLUMNS).where(sign_ups.c.email == email).order_by(sign_ups.c.id)
    return [SignUp(**row._mapping) for row in connection.execute(query)]


def put_off(connection: Connection, numbers: Iterable[int], until: datetime) -> None:
    """Another mail went to the address lately: they wait."""
    connection.execute(update(sign_ups).where(sign_ups.c.id.in_(list(numbers))).values(due_at=until))


def remove(connection: Connection, numbers: Iterable[int]) -> None:
    """They are worked off."""
    connection.execute(delete(sign_ups).where(sign_ups.c.id.in_(list(numbers))))


def forget(connection: Connection, email: str) -> None:
    """Keep nothing of an address."""
    connection.execute(delete(sign_ups).where(sign_ups.c.email == email))
