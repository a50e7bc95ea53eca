"""Letters: mails to one reader outside of issues. Whoever queues one does it in the transaction that gives it its reason."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from hairfeed.models import LetterState
from hairfeed.store.schema import letters


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished mail to one subscriber."""

    kind: str
    """`confirmation`."""
    subscriber_id: int
    newsletter: str
    """Empty where it is about several."""
    language: str
    subject: str
    text: str
    html: str


def queue(connection: Connection, letter: Letter, now: datetime) -> int:
    """Have the deliver stage submit the letter; its number."""
    made = insert(letters).values(asdict(letter) | {"created_at": now, "state": LetterState.PENDING}).returning(letters.c.id)
    return int(connection.execute(made).scalar_one())


def last_at(connection: Connection, subscriber: int, kind: str) -> datetime | None:
    """When the newest letter of this kind to the subscriber was queued."""
    query = select(func.max(letters.c.created_at)).where(letters.c.subscriber_id == subscriber, letters.c.kind == kind)
    newest: datetime | None = connection.execute(query).scalar()
    return newest


def forget(connection: Connection, subscriber: int) -> None:
    """Keep nothing written to the subscriber."""
    connection.execute(delete(letters).where(letters.c.subscriber_id == subscriber))
