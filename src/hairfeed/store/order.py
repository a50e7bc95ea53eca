"""An order of texts that is the same on every database, and in Python."""

from sqlalchemy import Column, ColumnElement, Connection


def by_characters(connection: Connection, column: Column[str]) -> ColumnElement[str]:
    """SQLite compares so by itself; a server does as its language does, unless told."""
    return column.collate("C") if connection.dialect.name == "postgresql" else column
