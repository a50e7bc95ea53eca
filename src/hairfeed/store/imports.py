"""An import under way: read piece by piece into tables of its own, until one update decides that all of it counts (`decide`).

Each piece moves the position of the import by a conditional update: of two processes at one file, one finds it moved and stops.
What was decided on `incoming` brings in. A dry run happens in temporary tables, which hide those of the ledger (`in_private`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, text, update
from sqlalchemy.schema import CreateTable

from hairfeed.models.imports import ImportCounts, RefusedRow, StagedRow
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import sign_ups
from hairfeed.store.inserts import load
from hairfeed.store.schema.imports import import_piece, import_refusals, import_rows, imports
from hairfeed.store.schema.subscribers import suppressions

_TABLES = (imports, import_rows, import_piece, import_refusals)
_RANKS = {SubscriptionState.UNSUBSCRIBED: 0, SubscriptionState.CONFIRMED: 1, SubscriptionState.PENDING: 2}
_FIELDS = tuple(one.name for one in fields(StagedRow))
_values = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Import:
    """How far an import is."""

    key: str
    file: str
    fingerprint: str
    began_at: datetime
    they_prove: bool
    """Whether each of several rows for one subscription brings a proof of its own, as in an export of HairFeed."""
    position: int = 0
    """Rows of the file that were read."""
    erased: int = 0
    decided_at: datetime | None = None
    """Since when all of it counts; None while it is read."""
    taken: str = ""
    """Everybody up to this address has come in."""
    asks_a_day: int = 0
    """Of those who wait for their own word; zero: nobody is asked for it."""
    ask_next_at: datetime | None = None
    """When the next of them is to be asked; None where nobody is."""
    counts: ImportCounts = field(default_factory=ImportCounts)
    """What became of those who have come in."""
    done: bool = False
    """Everybody has."""

    @property
    def between_letters(self) -> timedelta:
        """From one who is asked to the next."""
        return timedelta(days=1) / self.asks_a_day


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that were read at once."""

    read: int
    rows: Sequence[StagedRow]
    refused: Sequence[RefusedRow] = ()
    erased: int = 0
    """Rows of addresses that were erased here."""


def in_private(connection: Connection) -> None:
    """Have all that follows on this connection in tables that nobody else sees, and that end with it."""
    for table in _TABLES:
        made = str(CreateTable(table).compile(dialect=connection.dialect))
        connection.execute(text(made.replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1)))


def under_way(connection: Connection, *, hold: bool = False) -> Import | None:
    """The import that was begun and of which nobody has heard that it came to its end; `hold` keeps others from changing it."""
    query = select(*(imports.c[one.name] for one in fields(Import)))
    row = connection.execute(query.with_for_update() if hold else query).first()
    return None if row is None else Import(**dict(row._mapping) | {"counts": _counts(row.counts)})


def begin(connection: Connection, file: str, fingerprint: str, now: datetime, *, they_prove: bool) -> Import:
    """A new import; there is no other one."""
    begun = Import(uuid4().hex, file, fingerprint, now, they_prove)
    values = {one.name: getattr(begun, one.name) for one in fields(Import)}
    connection.execute(insert(imports).values(values | {"counts": _json(begun.counts)}))
    return begun


def decide(connection: Connection, begun: Import, asks_a_day: int, now: datetime) -> Import | None:
    """Let all that was read count from now on; None when another process did so before, or dropped it.

    That is the moment in which the import happens. Of those who wait for their own word `asks_a_day` are asked by mail.
    """
    ask_next_at = _first_asked_at(connection, asks_a_day, now) if asks_a_day else None
    counts = ImportCounts(suppressed=begun.erased, refused=count_refusals(connection))
    decided = replace(begun, decided_at=now, asks_a_day=asks_a_day, ask_next_at=ask_next_at, counts=counts)
    here = _is(begun) & (imports.c.position == begun.position) & imports.c.decided_at.is_(None)
    return decided if _change(connection, decided, here) else None


def move_on(connection: Connection, taken_on: Import) -> None:
    """Note who has come in by now."""
    _change(connection, taken_on, _is(taken_on))


def shed(connection: Connection, most: int) -> bool:
    """Forget some of what was read of an import that has come in; False when there is nothing left."""
    for table in (import_rows, import_refusals):
        oldest = select(table.c.id).order_by(table.c.id).limit(most)
        if connection.execute(delete(table).where(table.c.id.in_(oldest))).rowcount:
            return True
    return False


def finish(connection: Connection, key: str) -> None:
    """Everybody has come in; what became of them is kept until somebody has heard."""
    connection.execute(update(imports).where(imports.c.key == key).values(done=True, taken=""))


def was_heard(connection: Connection, key: str) -> None:
    """Forget an import that has come in."""
    connection.execute(delete(imports).where(imports.c.key == key))


def drop(connection: Connection) -> bool:
    """Forget an import that is under way, and has not been decided on; False when there is none."""
    found = under_way(connection)
    if found is None or (found.decided_at is not None and not found.done):
        return False
    for table in _TABLES:
        connection.execute(delete(table))
    return not found.done


def drop_begun_before(connection: Connection, before: datetime) -> bool:
    """Forget an import that was begun before, and never came to its end; False when there is none."""
    found = under_way(connection)
    return found is not None and found.began_at < before and drop(connection)


def forget(connection: Connection, email: str) -> None:
    """Keep nothing of an address in an import that is under way: who has not come in by then does not."""
    # On a server a piece may be coming in.
    under_way(connection, hold=True)
    connection.execute(delete(import_rows).where(import_rows.c.email == email))
    named = func.lower(import_refusals.c.cells).contains(email, autoescape=True)
    connection.execute(delete(import_refusals).where(named))


def stage(connection: Connection, begun: Import, piece: Piece) -> Import | None:
    """Keep what was read, and the position after it; None when another process was faster, and nothing may be kept."""
    moved = replace(begun, position=begun.position + piece.read, erased=begun.erased + piece.erased)
    if not _change(connection, moved, _is(begun) & (imports.c.position == begun.position) & imports.c.decided_at.is_(None)):
        return None
    if piece.rows:
        rows = [(*_values(row), _RANKS[row.state], True, True) for row in piece.rows]
        load(connection, import_rows, (*_FIELDS, "rank", "decides", "proves"), rows)
    if piece.refused:
        connection.execute(insert(import_refusals), [_refusal_values(row) for row in piece.refused])
    return moved


def refusals(connection: Connection, most: int | None = None) -> Iterator[RefusedRow]:
    """Rows that cannot be taken in, in the order of the file; the first ones, or all."""
    query = select(import_refusals).order_by(import_refusals.c.id).limit(most).execution_options(yield_per=500)
    for row in connection.execute(query):
        yield RefusedRow(row.part, row.line, row.column, row.reason, row.detail, json.loads(row.cells))


def count_refusals(connection: Connection) -> dict[tuple[str, str], int]:
    """By column and reason, the most frequent first."""
    many = func.count().label("many")
    query = select(import_refusals.c.column, import_refusals.c.reason, many).group_by(
        import_refusals.c.column, import_refusals.c.reason
    )
    rows = connection.execute(query.order_by(many.desc(), import_refusals.c.column, import_refusals.c.reason))
    return {(row.column, row.reason): row.many for row in rows}


def erased_among(connection: Connection, seals: Sequence[str]) -> set[str]:
    """Which of these stand for erased addresses here."""
    return set(connection.execute(select(suppressions.c.email).where(suppressions.c.email.in_(seals))).scalars())


def _first_asked_at(connection: Connection, asks_a_day: int, now: datetime) -> datetime:
    """After those of a list before, not beside them."""
    last = sign_ups.last_due_at(connection)
    return now if last is None or last < now else last + timedelta(days=1) / asks_a_day


def _is(one: Import) -> ColumnElement[bool]:
    return imports.c.key == one.key


def _change(connection: Connection, changed: Import, where: ColumnElement[bool]) -> bool:
    values = {one.name: getattr(changed, one.name) for one in fields(Import)} | {"counts": _json(changed.counts)}
    return connection.execute(update(imports).where(where).values(values)).rowcount == 1


def _json(counts: ImportCounts) -> dict[str, Any]:
    return asdict(counts) | {"refused": [[*what, many] for what, many in counts.refused.items()]}


def _counts(kept: dict[str, Any]) -> ImportCounts:
    new = {SubscriptionState(state): many for state, many in kept["new"].items()}
    return ImportCounts(**kept | {"new": new, "refused": {(column, reason): many for column, reason, many in kept["refused"]}})


def _refusal_values(row: RefusedRow) -> dict[str, object]:
    # Half a character, which JSON can hold, no database takes.
    cells = json.dumps(dict(row.cells), ensure_ascii=False).encode(errors="replace").decode()
    return {"part": row.part, "line": row.line, "column": row.column, "reason": row.reason, "detail": row.detail, "cells": cells}
