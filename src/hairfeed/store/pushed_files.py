"""What was copied to other places, and which version of it."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select

from hairfeed.store.articles import in_pieces
from hairfeed.store.schema.feeds import pushed_files


def places(connection: Connection) -> set[str]:
    """Wherever something was copied to."""
    return set(connection.execute(select(pushed_files.c.target).distinct()).scalars())


def pushed(connection: Connection, place: str) -> dict[str, str]:
    """The files that were copied there, by path, each with the hash of the version that is there."""
    query = select(pushed_files.c.path, pushed_files.c.hash).where(pushed_files.c.target == place)
    return {row.path: row.hash for row in connection.execute(query)}


def remember(connection: Connection, place: str, copied: Mapping[str, str]) -> None:
    """These versions are there now."""
    forget(connection, place, copied)
    if copied:
        rows = [{"target": place, "path": path, "hash": hash_} for path, hash_ in copied.items()]
        connection.execute(insert(pushed_files), rows)


def forget(connection: Connection, place: str, paths: Collection[str]) -> None:
    """These files are there no more."""
    for some in in_pieces(sorted(paths)):
        connection.execute(delete(pushed_files).where(pushed_files.c.target == place, pushed_files.c.path.in_(some)))


def forget_places(connection: Connection, gone: Collection[str]) -> None:
    """Nothing is known of these places any more."""
    connection.execute(delete(pushed_files).where(pushed_files.c.target.in_(gone)))
