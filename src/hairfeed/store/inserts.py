"""Inserts that SQLAlchemy has by database only: of rows that may be there already, and of very many."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table

from hairfeed.store.schema.base import Instant


def load(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows by the thousand, in the way that is fastest for the driver: SQLAlchemy's own costs more than the database."""
    columns = ", ".join(f'"{name}"' for name in names)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(names))
    # As `Instant` has them in SQLite.
    instants = [place for place, name in enumerate(names) if isinstance(table.c[name].type, Instant)]
    kept = []
    for row in rows:
        values = list(row)
        for place in instants:
            moment = values[place]
            if isinstance(moment, datetime):
                values[place] = _in_sqlite(moment)
        kept.append(tuple(values))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", kept)  # noqa: S608 - our own names


@lru_cache(maxsize=1024)
def _in_sqlite(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def insert_into(connection: Connection, table: Table) -> Any:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, alike on SQLite and PostgreSQL."""
    # That of the database at hand alone: the other one takes longer to load than a pass that finds nothing.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
