"""Inserts that may meet a row that is there already: SQLAlchemy has them by database only."""

from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table


def insert_into(connection: Connection, table: Table) -> Any:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, alike on SQLite and PostgreSQL."""
    # That of the database at hand alone: the other one takes longer to load than a pass that finds nothing.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
