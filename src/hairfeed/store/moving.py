"""A ledger copied into another database, row by row: from a file to a server or back.

All of it comes in one transaction, which is committed once counts and checksums of what was read and what is there are equal. So a
copy that is killed, or fails, leaves the new database as empty as it was.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Connection, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError

from hairfeed.errors import CopyError
from hairfeed.models.reports import Watch
from hairfeed.store.database import Ledger, existing_ledger, open_ledger, unprepared
from hairfeed.store.schema.whole import metadata

_ROWS = 5000
"""Read, written and kept in memory at a time."""
_UNFINISHED = "nothing was copied"


@dataclass(frozen=True, slots=True)
class _Proof:
    """What tells the rows of a table from others, in whatever order they come."""

    rows: int = 0
    checksum: int = 0

    def __add__(self, row: Sequence[Any]) -> "_Proof":
        digest = hashlib.blake2b(repr([_plain(value) for value in row]).encode(), digest_size=8).digest()
        return _Proof(self.rows + 1, (self.checksum + int.from_bytes(digest)) % (1 << 64))


def copy_ledger(source_url: str, target_url: str, lock_timeout: float, watch: Watch) -> dict[str, int]:
    """Copy all rows of the ledger at `source_url` into the empty database at `target_url`; how many each table has.

    Raises:
        CopyError: a pass is at work, the target is not empty, or does not take what it should.
        StoreError: one of them cannot be opened, or is of another release.
    """
    with ExitStack() as stack:
        source = stack.enter_context(closing(existing_ledger(source_url, lock_timeout)))
        with closing(unprepared(target_url, lock_timeout)) as ledger, ledger.read() as connection:
            _is_empty(ledger, connection)
        target = stack.enter_context(closing(open_ledger(target_url, lock_timeout)))
        for ledger in (source, target):
            if not stack.enter_context(ledger.pass_lock()):
                raise CopyError(f"{ledger.name}: a pass is at work; stop what makes passes, and start again: {_UNFINISHED}")
        # Whoever writes to the ledger meanwhile would write in vain.
        reading, writing = stack.enter_context(source.write()), stack.enter_context(target.write())
        _is_empty(target, writing)
        return _copy(target, reading, writing, watch)


def _is_empty(ledger: Ledger, connection: Connection) -> None:
    """Refuse a database that has rows of a ledger, or tables of something else."""
    known = {table.name: table for table in metadata.sorted_tables}
    there = set(inspect(connection).get_table_names()) - {"alembic_version"}
    full = [f"table {name}" for name in sorted(there - set(known))]
    full += [name for name in sorted(there & set(known)) if connection.execute(select(1).select_from(known[name]).limit(1)).first()]
    if full:
        shown = ", ".join(full[:3]) + (f" and {len(full) - 3} more" if len(full) > 3 else "")  # noqa: PLR2004 - enough to know it
        raise CopyError(f"{ledger.name}: is not empty ({shown}); name a new database: {_UNFINISHED}")


def _copy(target: Ledger, reading: Connection, writing: Connection, watch: Watch) -> dict[str, int]:
    tables = [_carrier(table) for table in metadata.sorted_tables]
    # Written once and read once more.
    total, done = 2 * sum(_count(reading, table) for table in tables), 0
    found = {}
    for table in tables:
        sent, arrived = _Proof(), _Proof()
        for rows in _chunks(reading, table):
            _put(target, writing, table, rows)
            for row in rows:
                sent += row
            done += len(rows)
            watch.step(f"Copying {table.name}", done, total)
        for rows in _chunks(writing, table):
            for row in rows:
                arrived += row
            done += len(rows)
            watch.step(f"Proving {table.name}", done, total)
        if sent != arrived:
            raise CopyError(
                f"{target.name}: table {table.name} has {arrived.rows} rows with another checksum than the {sent.rows} that "
                f"were read: {_UNFINISHED}"
            )
        _go_on_counting(writing, table.name)
        found[table.name] = sent.rows
    return found


def _carrier(table: Table) -> Table:
    """The table as it is for both databases, with no value for JSON kept as none."""
    kinds = [(column, JSON(none_as_null=True) if isinstance(column.type, JSON) else column.type) for column in table.columns]
    return Table(table.name, MetaData(), *(Column(column.name, kind, primary_key=column.primary_key) for column, kind in kinds))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """All rows, some at a time: in the order of their keys, so that a server's pages fill as they would have."""
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query.execution_options(yield_per=_ROWS)) as result:
        yield from result.partitions()


def _put(target: Ledger, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    names = [column.name for column in table.columns]
    try:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    except (DataError, IntegrityError) as error:
        # Without the statement's parameters: they are readers' data.
        raise CopyError(f"{target.name}: table {table.name}: {str(error.orig).splitlines()[0]}: {_UNFINISHED}") from None


def _go_on_counting(connection: Connection, table: str) -> None:
    """Let the server give new rows numbers above those that are there."""
    column = metadata.tables[table].autoincrement_column
    if connection.dialect.name != "postgresql" or column is None:
        return
    highest = connection.execute(select(func.max(column))).scalar()
    if highest is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
        connection.execute(sequence, {"table": table, "column": column.name, "highest": highest})


def _plain(value: Any) -> Any:
    """A value that is written alike wherever it comes from: the keys of JSON come in any order."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value
