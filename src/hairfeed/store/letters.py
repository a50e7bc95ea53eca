"""Letters: single mails, like the confirmation of a subscription. Whoever wants one sent queues it in a transaction of their own.

They come to the same states as batches, in the same way, and are claimed as batches are.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, delete, exists, func, insert, literal, or_, select, update

from hairfeed.models.issues import OPEN, BatchState, LetterKind
from hairfeed.store.batches import CLAIMABLE, Claim
from hairfeed.store.schema.deliveries import letters
from hairfeed.store.schema.subscribers import suppressions
from hairfeed.store.wakeups import Task, WakeUp, wake


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person; its texts are final."""

    id: int
    kind: LetterKind
    email: str
    subscriber_id: int | None
    queued_at: datetime
    subject: str
    text: str
    html: str
    state: BatchState
    key: str
    attempt: int
    claimed_at: datetime | None = None
    called_at: datetime | None = None
    provider: str | None = None


_COLUMNS = [letters.c[field.name] for field in fields(Letter)]


def queue(
    connection: Connection,
    kind: LetterKind,
    email: str,
    now: datetime,
    *,
    subject: str,
    text: str,
    html: str,
    subscriber_id: int | None = None,
) -> int:
    """Have a letter sent by the next pass, if this transaction is committed; its id."""
    values = {"subject": subject, "text": text, "html": html, "state": BatchState.PENDING, "attempt": 0}
    # Random: unique at the provider, whatever ledgers there were before this one.
    made = insert(letters).values(
        kind=kind, email=email, subscriber_id=subscriber_id, queued_at=now, key=f"hf-letter-{token_hex(12)}", **values
    )
    number = int(connection.execute(made.returning(letters.c.id)).scalar_one())
    wake(connection, WakeUp(Task.LETTERS))
    return number


def last_at(connection: Connection, subscriber: int, kind: LetterKind) -> datetime | None:
    """When the newest letter of this kind to the subscriber was queued."""
    query = select(func.max(letters.c.queued_at)).where(letters.c.subscriber_id == subscriber, letters.c.kind == kind)
    newest: datetime | None = connection.execute(query).scalar()
    return newest


def address_of(connection: Connection, key: str) -> str:
    """Whom the letter by this key went to; empty when there is none."""
    return connection.execute(select(letters.c.email).where(letters.c.key == key)).scalar() or ""


def written_to(connection: Connection, email: str) -> list[tuple[LetterKind, datetime]]:
    """Every letter to this address that is kept, and when it was written, the oldest first."""
    query = select(letters.c.kind, letters.c.queued_at).where(func.lower(letters.c.email) == email).order_by(letters.c.id)
    return [(LetterKind(row.kind), row.queued_at) for row in connection.execute(query)]


def forget(connection: Connection, email: str, subscriber: int | None) -> None:
    """Keep nothing written to the subscriber, or as a test to their address."""
    theirs = func.lower(letters.c.email) == email
    connection.execute(delete(letters).where(theirs if subscriber is None else theirs | (letters.c.subscriber_id == subscriber)))


def count_open(connection: Connection) -> int:
    """How many letters have still to be settled."""
    return int(connection.execute(select(func.count()).where(letters.c.state.in_(OPEN))).scalar_one())


def letters_in(connection: Connection, *states: BatchState, now: datetime | None = None, only: int | None = None) -> list[Letter]:
    """Letters in one of `states`, the oldest first; with `now` those whose time has come, with `only` that one."""
    query = select(*_COLUMNS).where(letters.c.state.in_(states)).order_by(letters.c.id)
    if now is not None:
        query = query.where(or_(letters.c.next_try_at.is_(None), letters.c.next_try_at <= now))
    if only is not None:
        query = query.where(letters.c.id == only)
    return [
        Letter(**dict(row._mapping) | {"state": BatchState(row.state), "kind": LetterKind(row.kind)})
        for row in connection.execute(query)
    ]


def is_suppressed(connection: Connection, letter: Letter) -> bool:
    """Whether the address must never be mailed."""
    found = exists(literal(1)).where(suppressions.c.email == letter.email)
    return bool(connection.execute(select(found)).scalar())


def orphan_letters(connection: Connection, now: datetime, *, alone: bool) -> None:
    """Letters whose owner is gone are in doubt from now on; as with batches."""
    gone = letters.c.state == BatchState.SUBMITTING
    if not alone:
        gone &= letters.c.leased_until < now
    note = "was under way when its process ended"
    connection.execute(update(letters).where(gone).values(state=BatchState.IN_DOUBT, note=note, next_try_at=None))


def claim_letter(connection: Connection, letter: Letter, intent: Claim, now: datetime) -> Letter | None:
    """Commit the intent to submit it; None when another has it."""
    if letter.state not in CLAIMABLE:
        return None
    claimed_at = (letter.claimed_at or now) if letter.state is BatchState.IN_DOUBT else now
    claimed = replace(letter, state=BatchState.SUBMITTING, attempt=letter.attempt + 1, claimed_at=claimed_at, called_at=now)
    values = {
        "state": claimed.state,
        "attempt": claimed.attempt,
        "claimed_at": claimed_at,
        "called_at": now,
        "owner": intent.owner,
        "leased_until": intent.leased_until,
        "provider": intent.provider,
        "body_hash": intent.body_hash,
    }
    return replace(claimed, provider=intent.provider) if _change(connection, letter, values, (letter.state,)) else None


def settle_letter(
    connection: Connection,
    letter: Letter,
    state: BatchState,
    note: str | None,
    *,
    next_try_at: datetime | None = None,
    provider_id: str | None = None,
) -> bool:
    """An open letter comes to another state. What was taken is emptied: its link is worth something."""
    values: dict[str, object] = {"state": state, "note": note, "next_try_at": next_try_at, "provider_id": provider_id}
    if state not in OPEN:
        values |= {"text": "", "html": ""}
    return _change(connection, letter, values, OPEN)


def _change(connection: Connection, letter: Letter, values: dict[str, object], states: tuple[BatchState, ...]) -> bool:
    unchanged = (letters.c.id == letter.id) & letters.c.state.in_(states) & (letters.c.attempt == letter.attempt)
    return connection.execute(update(letters).where(unchanged).values(values)).rowcount == 1
