"""Batches: one provider call each, and what is known of it. Every change is conditional on what its author last saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, bindparam, exists, func, insert, literal, or_, select, update

from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issues

_BEYOND = (1 << 31) - 1
"""No batch has this number."""
CLAIMABLE = (BatchState.PENDING, BatchState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Batch:
    """One provider call's worth of recipients: those of its `number` from `first_id` to `last_id`."""

    id: int
    issue_id: int
    number: int
    first_id: int
    last_id: int
    size: int
    """How many they were at first."""
    variant_id: int
    state: BatchState
    key: str
    """The same at every attempt."""
    attempt: int
    """How many attempts there were; whoever has an older count may not change the batch any more."""
    next_try_at: datetime | None = None
    claimed_at: datetime | None = None
    """When the last attempt was made; of a batch in doubt, the first attempt that nobody knows the outcome of."""
    called_at: datetime | None = None
    """When the last attempt was made."""
    provider: str | None = None
    """Whom the last attempt went to."""
    body_hash: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        """As people know it."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a batch that is split: subscribers `first_id` to `last_id`, of whom `size` are in it."""

    first_id: int
    last_id: int
    size: int
    state: BatchState
    next_try_at: datetime | None = None
    note: str | None = None
    """Why, where it is not why the batch was split."""
    keeps_key: bool = False
    """Whether its people may have been taken under the batch's key: then it is theirs for good, with what is known of its calls."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Batches that a pass or a worker is submitting, or left so when it was killed."""

    batches: int
    until: datetime
    """When the last of their leases is over."""

    def __str__(self) -> str:
        """As people read it."""
        are = "batch is" if self.batches == 1 else "batches are"
        return f"{self.batches} {are} under way elsewhere; if nobody comes back, settled after {self.until:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is about to submit a batch, where to, and in which bytes."""

    owner: str
    leased_until: datetime
    provider: str
    body_hash: str


def batches_in(connection: Connection, issue_id: int, *states: BatchState) -> list[Batch]:
    """The issue's batches in one of `states`, in their order."""
    return _read(connection, _IN_STATES, issue=issue_id, states=states)


def batch_numbered(connection: Connection, batch_id: int) -> Batch | None:
    """The batch with this id; None when there is none."""
    found = _read(connection, _NUMBERED, id=batch_id)
    return found[0] if found else None


def due_batches(connection: Connection, issue_id: int, now: datetime, limit: int, begin_at: int = 0) -> list[Batch]:
    """The next pending batches whose time has come, from the one numbered `begin_at` on and then from the first."""
    found = _read(connection, _DUE, issue=issue_id, now=now, first=begin_at, end=_BEYOND, limit=limit)
    if begin_at and len(found) < limit:
        found += _read(connection, _DUE, issue=issue_id, now=now, first=0, end=begin_at, limit=limit - len(found))
    return found


def count_numbers(connection: Connection, issue_id: int) -> int:
    """How many batches the issue was frozen into; they are numbered from 0 on."""
    highest = connection.execute(select(func.max(batches.c.number)).where(batches.c.issue_id == issue_id)).scalar()
    return 0 if highest is None else int(highest) + 1


def next_try(connection: Connection, issue_ids: Sequence[int], now: datetime) -> datetime | None:
    """When the next pending batch of these issues will be due; None when none is waiting for its time."""
    query = select(func.min(batches.c.next_try_at)).where(
        batches.c.issue_id.in_(issue_ids), batches.c.state == BatchState.PENDING, batches.c.next_try_at > now
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def open_sizes(connection: Connection, issue_id: int) -> dict[BatchState, tuple[int, int]]:
    """By state, how many of the issue's batches are in it, and the recipients in them as they were frozen."""
    query = (
        select(batches.c.state, func.count(), func.sum(batches.c.size))
        .where(batches.c.issue_id == issue_id)
        .group_by(batches.c.state)
    )
    return {BatchState(state): (count, int(size)) for state, count, size in connection.execute(query)}


def count_open(connection: Connection, issue_id: int) -> int:
    """How many of the issue's batches have still to be settled."""
    query = select(func.count()).where(batches.c.issue_id == issue_id, batches.c.state.in_(OPEN))
    return int(connection.execute(query).scalar_one())


def is_proven(connection: Connection, issue_id: int) -> bool:
    """Whether anything of the issue was taken by anybody."""
    taken = exists(literal(1)).where(batches.c.issue_id == issue_id, batches.c.state == BatchState.ACCEPTED)
    return bool(connection.execute(select(taken)).scalar())


def orphans(connection: Connection, now: datetime, *, alone: bool) -> int:
    """Batches whose owner is gone are in doubt from now on; how many.

    An owner is gone when its lease is over; when the caller knows that it is `alone`, whoever it was.
    """
    condition: ColumnElement[bool] = batches.c.state == BatchState.SUBMITTING
    if not alone:
        condition &= batches.c.leased_until < now
    # By issue, as the index has it: of a large ledger only what is on its way is looked at.
    on_its_way = select(issues.c.id).where(issues.c.state.not_in(["done", "draft", "approved"]))
    changed = connection.execute(
        update(batches)
        .where(batches.c.issue_id.in_(on_its_way), condition)
        .values(state=BatchState.IN_DOUBT, note="was under way when its process ended", next_try_at=None)
    )
    return int(changed.rowcount)


def left_under_way(connection: Connection, issue_id: int) -> UnderWay | None:
    """What somebody has under way of the issue; None when nobody has anything."""
    of_it = (batches.c.issue_id == issue_id, batches.c.state == BatchState.SUBMITTING)
    count, until = connection.execute(select(func.count(), func.max(batches.c.leased_until)).where(*of_it)).one()
    return UnderWay(count, until) if count and until else None


def cancel_pending(connection: Connection) -> int:
    """What came back from a call after its issue was cancelled, or stayed of a batch that was split, is not sent; how many."""
    cancelled = select(issues.c.id).where(issues.c.state == IssueState.CANCELLED)
    changed = connection.execute(
        update(batches)
        .where(batches.c.issue_id.in_(cancelled), batches.c.state == BatchState.PENDING)
        .values(state=BatchState.CANCELLED, note="the issue was cancelled", next_try_at=None)
    )
    return int(changed.rowcount)


def claim(connection: Connection, batch: Batch, intent: Claim, now: datetime) -> Batch | None:
    """Commit the intent to submit a pending batch, or to repeat one in doubt.

    None when another has it, or its issue was paused or cancelled meanwhile.
    """
    if batch.state not in CLAIMABLE:
        return None
    # A provider remembers a key from its first use on: what counts is the first attempt in doubt, not the last.
    claimed_at = (batch.claimed_at or now) if batch.state is BatchState.IN_DOUBT else now
    claimed = replace(
        batch,
        state=BatchState.SUBMITTING,
        attempt=batch.attempt + 1,
        claimed_at=claimed_at,
        called_at=now,
        provider=intent.provider,
        body_hash=intent.body_hash,
    )
    values: dict[str, object] = {
        "state": claimed.state,
        "attempt": claimed.attempt,
        "owner": intent.owner,
        "leased_until": intent.leased_until,
        "claimed_at": claimed_at,
        "called_at": now,
        "provider": intent.provider,
        "body_hash": intent.body_hash,
    }
    return claimed if _change(connection, batch, values, (batch.state,), _CLAIM) else None


def accept(connection: Connection, batch: Batch, provider_id: str = "") -> bool:
    """The provider took the batch, or its part that is left."""
    return settle(connection, batch, BatchState.ACCEPTED, None, provider_id=provider_id)


def settle(
    connection: Connection,
    batch: Batch,
    state: BatchState,
    note: str | None,
    *,
    next_try_at: datetime | None = None,
    provider_id: str | None = None,
) -> bool:
    """An open batch comes to another state; `note` says why. False when somebody else has changed it since."""
    values: dict[str, object] = {"state": state, "note": note, "next_try_at": next_try_at, "owner": None, "leased_until": None}
    if provider_id is not None:
        values["provider_id"] = provider_id
    return _change(connection, batch, values, OPEN)


def send_again(connection: Connection, batch: Batch, note: str) -> bool:
    """A batch in doubt is to be sent as if it had never been. False when somebody else has changed it since.

    If others have the same key, since all of them are parts of one that was called, it gets its own: see `deliver.bisect`.
    """
    if not settle(connection, batch, BatchState.PENDING, note):
        return False
    with_its_key = select(func.count()).where(batches.c.key == batch.key)
    if connection.execute(with_its_key).scalar_one() > 1:
        connection.execute(
            update(batches).where(batches.c.id == batch.id).values(key=_own_key(batch, batch.first_id, batch.last_id))
        )
    return True


def split(connection: Connection, batch: Batch, parts: Iterable[Part], note: str) -> bool:
    """Let parts stand for an open batch. False when somebody else has changed it since."""
    if not settle(connection, batch, BatchState.SPLIT, note):
        return False
    columns: dict[str, object] = {
        "issue_id": batch.issue_id,
        "number": batch.number,
        "variant_id": batch.variant_id,
        "provider": batch.provider,
    }
    known = {"key": batch.key, "attempt": batch.attempt, "claimed_at": batch.claimed_at, "called_at": batch.called_at}
    rows = [
        columns
        | {
            "first_id": part.first_id,
            "last_id": part.last_id,
            "size": part.size,
            "state": part.state,
            "next_try_at": part.next_try_at,
            "note": part.note or note,
        }
        | (known if part.keeps_key else _new(_own_key(batch, part.first_id, part.last_id)))
        # Whoever was taken has their mail from this call on.
        | ({"called_at": batch.called_at} if part.state is BatchState.ACCEPTED else {})
        for part in parts
    ]
    connection.execute(insert(batches), rows)
    return True


def _own_key(batch: Batch, first_id: int, last_id: int) -> str:
    """Of a part of the batch: `hf-7-20240816090000000000-12`, which is the whole's, and behind it whom the part is for."""
    return f"{'-'.join(batch.key.split('-')[:4])}-{first_id}-{last_id}"


def _new(key: str) -> dict[str, object]:
    return {"key": key, "attempt": 0, "claimed_at": None, "called_at": None}


# Statements are made once: making one takes several times as long as running it, and these run for every call.
_COLUMNS = [batches.c[field.name] for field in fields(Batch)]
_IN_ORDER = select(*_COLUMNS).order_by(batches.c.issue_id, batches.c.number, batches.c.first_id, batches.c.id)
_NUMBERED = _IN_ORDER.where(batches.c.id == bindparam("id"))
_IN_STATES = _IN_ORDER.where(batches.c.issue_id == bindparam("issue"), batches.c.state.in_(bindparam("states", expanding=True)))
_DUE = _IN_ORDER.where(
    batches.c.issue_id == bindparam("issue"),
    batches.c.state == BatchState.PENDING,
    or_(batches.c.next_try_at.is_(None), batches.c.next_try_at <= bindparam("now")),
    batches.c.number >= bindparam("first"),
    batches.c.number < bindparam("end"),
    # Somebody, or a storm, may have paused the issue since the pass began.
    exists(literal(1)).where(issues.c.id == bindparam("issue"), issues.c.state == IssueState.SENDING),
).limit(bindparam("limit"))
_CHANGE = update(batches).where(
    batches.c.id == bindparam("changed"),
    batches.c.state.in_(bindparam("states", expanding=True)),
    batches.c.attempt == bindparam("seen"),
)
_CLAIM = _CHANGE.where(exists(literal(1)).where(issues.c.id == batches.c.issue_id, issues.c.state == IssueState.SENDING))
"""Only of an issue that goes on."""


def _read(connection: Connection, query: Select[Any], **values: object) -> list[Batch]:
    return [Batch(**dict(row._mapping) | {"state": BatchState(row.state)}) for row in connection.execute(query, values)]


def _change(
    connection: Connection, batch: Batch, values: dict[str, object], states: Iterable[BatchState], change: Update = _CHANGE
) -> bool:
    """Change a batch that is still in one of `states` and of which no attempt was made since it was seen."""
    seen = {"changed": batch.id, "states": tuple(states), "seen": batch.attempt}
    return connection.execute(change, seen | values).rowcount == 1
