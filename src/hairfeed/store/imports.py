"""An import under way: read piece by piece into tables of its own, until `import_end` lets all of it count at once.

Each piece moves the position of the import by a conditional update: of two processes at one file, one finds it moved and stops.
A dry run does the same in temporary tables, which hide those of the ledger (`in_private`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.schema import CreateTable

from hairfeed.models.imports import RefusedRow, StagedRow
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.inserts import load
from hairfeed.store.schema.imports import import_refusals, import_rows, imports
from hairfeed.store.schema.subscribers import suppressions

_TABLES = (imports, import_rows, import_refusals)
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
    position: int = 0
    """Rows of the file that were read."""
    erased: int = 0


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


def under_way(connection: Connection) -> Import | None:
    """The import that was begun and has not come to its end."""
    row = connection.execute(select(*(imports.c[one.name] for one in fields(Import)))).first()
    return None if row is None else Import(**row._mapping)


def begin(connection: Connection, file: str, fingerprint: str, now: datetime) -> Import:
    """A new import; there is no other one."""
    begun = Import(uuid4().hex, file, fingerprint, now)
    connection.execute(insert(imports).values(**{one.name: getattr(begun, one.name) for one in fields(Import)}))
    return begun


def drop(connection: Connection) -> bool:
    """Forget an import that is under way; False when there is none."""
    found = under_way(connection) is not None
    for table in _TABLES:
        connection.execute(delete(table))
    return found


def drop_begun_before(connection: Connection, before: datetime) -> bool:
    """Forget an import that was begun before, and never came to its end; False when there is none."""
    found = under_way(connection)
    return found is not None and found.began_at < before and drop(connection)


def forget(connection: Connection, email: str) -> None:
    """Keep nothing of an address in an import that is under way."""
    connection.execute(delete(import_rows).where(import_rows.c.email == email))
    named = func.lower(import_refusals.c.cells).contains(email, autoescape=True)
    connection.execute(delete(import_refusals).where(named))


def stage(connection: Connection, begun: Import, piece: Piece) -> Import | None:
    """Keep what was read, and the position after it; None when another process was faster, and nothing may be kept."""
    moved = replace(begun, position=begun.position + piece.read, erased=begun.erased + piece.erased)
    if not _move(connection, begun, moved):
        return None
    if piece.rows:
        rows = [(*_values(row), _RANKS[row.state], True, True) for row in piece.rows]
        load(connection, import_rows, (*_FIELDS, "rank", "decides", "proves"), rows)
    if piece.refused:
        connection.execute(insert(import_refusals), [_refusal_values(row) for row in piece.refused])
    return moved


def claim(connection: Connection, begun: Import) -> bool:
    """Whether this process may take the import in: nobody has since it was read to its end."""
    here = (imports.c.key == begun.key) & (imports.c.position == begun.position)
    return connection.execute(delete(imports).where(here)).rowcount == 1


def mark_repetitions(connection: Connection, *, they_prove: bool) -> int:
    """Let one row decide for each subscription: that of who left, else the first one with a proof; how many do not decide.

    `they_prove` says whether a repetition brings a proof of its own: in an export of HairFeed a row is a proof.
    """
    place = func.row_number().over(
        partition_by=(import_rows.c.email, import_rows.c.newsletter), order_by=(import_rows.c.rank, import_rows.c.id)
    )
    placed = select(import_rows.c.id, place.label("place")).where(import_rows.c.newsletter != "").subquery()
    repeated = update(import_rows).where(import_rows.c.id.in_(select(placed.c.id).where(placed.c.place > 1)))
    values = {"decides": False} if they_prove else {"decides": False, "proves": False}
    repetitions = connection.execute(repeated.values(values)).rowcount
    if connection.dialect.name == "postgresql":
        # Else it takes the table for a small one, and joins row by row.
        connection.execute(text("ANALYZE import_rows"))
    return repetitions


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


def _move(connection: Connection, begun: Import, moved: Import) -> bool:
    here = (imports.c.key == begun.key) & (imports.c.position == begun.position)
    changed = connection.execute(update(imports).where(here).values(position=moved.position, erased=moved.erased))
    return changed.rowcount == 1


def _refusal_values(row: RefusedRow) -> dict[str, object]:
    # Half a character, which JSON can hold, no database takes.
    cells = json.dumps(dict(row.cells), ensure_ascii=False).encode(errors="replace").decode()
    return {"part": row.part, "line": row.line, "column": row.column, "reason": row.reason, "detail": row.detail, "cells": cells}
