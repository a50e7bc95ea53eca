"""What was asked for on forms and not worked off yet.

A form's answer comes from one new row, whoever asks: what is known of the address is looked up later, by a pass, so that neither
the answer nor its time tells it.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from itertools import islice

from sqlalchemy import Connection, delete, insert, select

from hairfeed.models.subscribers import SignUp
from hairfeed.store.schema.subscribers import sign_ups

_AT_ONCE = 1000
_COLUMNS = [sign_ups.c[field.name] for field in fields(SignUp)]


def add(connection: Connection, asked: SignUp) -> None:
    """Write down what was asked for."""
    connection.execute(insert(sign_ups).values(asdict(asked)))


def add_all(connection: Connection, asked: Iterable[SignUp]) -> None:
    """Write down what many asked for, whoever they are; `asked` may be long."""
    left = iter(asked)
    while some := [asdict(one) for one in islice(left, _AT_ONCE)]:
        connection.execute(insert(sign_ups), some)


def waiting(connection: Connection, most: int) -> dict[int, SignUp]:
    """The oldest `most` that wait, by number."""
    query = select(sign_ups.c.id, *_COLUMNS).order_by(sign_ups.c.id).limit(most)
    return {row.id: SignUp(**{column.name: getattr(row, column.name) for column in _COLUMNS}) for row in connection.execute(query)}


def of(connection: Connection, email: str) -> list[SignUp]:
    """What was asked for with this address and waits, the oldest first."""
    query = select(*_COLUMNS).where(sign_ups.c.email == email).order_by(sign_ups.c.id)
    return [SignUp(**row._mapping) for row in connection.execute(query)]


def remove(connection: Connection, numbers: Iterable[int]) -> None:
    """They are worked off."""
    connection.execute(delete(sign_ups).where(sign_ups.c.id.in_(list(numbers))))


def forget(connection: Connection, email: str) -> None:
    """Keep nothing of an address."""
    connection.execute(delete(sign_ups).where(sign_ups.c.email == email))
