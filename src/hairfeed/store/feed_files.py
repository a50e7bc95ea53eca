"""What was published: the feed files that are in place, and what they were built from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from hairfeed.store.schema import feed_files


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A file in place: `path` below the feeds directory, `size` in bytes, `made_from` names its settings and articles."""

    path: str
    hash: str
    size: int
    made_from: str
    changed_at: datetime


def published(connection: Connection) -> list[FeedFile]:
    """Every feed file, by path."""
    return [FeedFile(*row) for row in connection.execute(select(*feed_files.c).order_by(feed_files.c.path))]


def remember(connection: Connection, files: Sequence[FeedFile]) -> None:
    """These files, and no others, are in place."""
    connection.execute(delete(feed_files))
    rows = [{name: getattr(file, name) for name in FeedFile.__slots__} for file in files]
    if rows:
        connection.execute(insert(feed_files), rows)
