"""Whether readers of a list are coming in: all that most passes ask of imports."""

from sqlalchemy import Connection, exists, literal, select

from hairfeed.store.schema.imports import imports


def is_coming_in(connection: Connection) -> bool:
    """Whether an import counts and not everybody in it has come in: of its readers some are there, and others are not."""
    found = exists(literal(1)).where(imports.c.decided_at.is_not(None), ~imports.c.done)
    return bool(connection.execute(select(found)).scalar())
