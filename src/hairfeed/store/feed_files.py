"""What was published: the files that are in place, and what they were made from."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select, true

from hairfeed.store.articles import in_pieces
from hairfeed.store.schema.feeds import feed_files, publications

ABOUT_ALL = "/"
"""In place of a feed's path: what is about all feeds."""

ISSUES, PICTURES = "issues/", "pictures/"
"""In place of a feed's path, and the folder: what mails lead to and show. The publish stage leaves it alone."""


class FeedFile(NamedTuple):
    """A file in place: `path` below the feeds directory, `feed` whose it is, `size` in bytes, `hash` SHA-256 in hexadecimal.

    `feed` is a feed's path, or one of the names above. No dataclass: a large site has twenty thousand, and every pass reads them.
    """

    path: str
    feed: str
    hash: str
    size: int


@dataclass(frozen=True, slots=True)
class Publication:
    """What the files in place were made from: settings, and articles up to a revision; and where they were published."""

    made_from: str = ""
    revision: int = 0
    url: str = ""
    """`feeds.url`; empty for what is not about feeds."""


def publication(connection: Connection, name: str = "feeds") -> Publication:
    """What the files in place were made from; nothing, before the first time. `name` is `feeds`, or `ISSUES`."""
    query = select(*(publications.c[part] for part in Publication.__slots__)).where(publications.c.name == name)
    row = connection.execute(query).one_or_none()
    return Publication(*row) if row else Publication()


def is_there(connection: Connection, path: str) -> bool:
    """Whether a file is in place."""
    return connection.execute(select(feed_files.c.path).where(feed_files.c.path == path)).first() is not None


def published(connection: Connection) -> dict[str, FeedFile]:
    """Every file in place, by path."""
    return _found(connection, true())


def published_feeds(connection: Connection) -> dict[str, FeedFile]:
    """The files of feeds and about them, by path."""
    return _found(connection, feed_files.c.feed.not_in([ISSUES, PICTURES]))


def published_for_mail(connection: Connection, folder: str) -> dict[str, FeedFile]:
    """The files in `ISSUES` or `PICTURES`, by path."""
    return _found(connection, feed_files.c.feed == folder)


def _found(connection: Connection, condition: ColumnElement[bool]) -> dict[str, FeedFile]:
    columns = (feed_files.c[name] for name in FeedFile._fields)
    rows = connection.execute(select(*columns).where(condition).order_by(feed_files.c.path))
    return {row[0]: FeedFile._make(row) for row in rows}


def remember(
    connection: Connection,
    files: Sequence[FeedFile],
    withdrawn: Collection[str],
    made_from: Publication,
    now: datetime,
    name: str = "feeds",
) -> None:
    """As `place`; and what all that `name` stands for was made from."""
    place(connection, files, now, withdrawn)
    connection.execute(delete(publications).where(publications.c.name == name))
    connection.execute(insert(publications).values(name=name, **asdict(made_from)))


def place(connection: Connection, files: Sequence[FeedFile], now: datetime, withdrawn: Collection[str] = ()) -> None:
    """These files are in place, new or changed `now`; the withdrawn ones no longer are; the others stay as they are known."""
    for some in in_pieces(sorted({file.path for file in files} | set(withdrawn))):
        connection.execute(delete(feed_files).where(feed_files.c.path.in_(some)))
    rows = [file._asdict() | {"changed_at": now} for file in files]
    if rows:
        connection.execute(insert(feed_files), rows)
