"""Pictures that mails show: of articles, and of the look. What became of each, so that it is fetched once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, func, insert, or_, select

from hairfeed.models.articles import ArticleState, LeadImage, Mailing, PictureState
from hairfeed.store.articles import in_pieces
from hairfeed.store.schema.articles import articles, sources
from hairfeed.store.schema.issues import issue_articles
from hairfeed.store.schema.pictures import article_pictures, look_pictures


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """What is known of a picture. `path` is below the feeds directory; `width` and `height` are CSS pixels, as it is shown."""

    source: str
    """Its address; of a file of the config also which version of it."""
    state: PictureState
    path: str | None = None
    width: int | None = None
    height: int | None = None
    size: int | None = None
    """Of the file, in bytes."""
    fault: str | None = None
    """Why there is none."""
    tries: int = 0
    """In a row that failed."""
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """The lead picture of an article that may be mailed; `tries` at it have failed."""

    article_id: int
    article_url: str
    source: str
    """The name of the article's source."""
    url: str
    tries: int


def wanted(connection: Connection, newsletters: Collection[str], since: datetime, now: datetime) -> list[WantedPicture]:
    """Pictures that have still to be fetched, those of the newest articles first.

    They are the lead pictures of articles that went live after `since` and that not all of these newsletters have mailed yet.
    """
    mailed = (
        select(func.count())
        .where(issue_articles.c.article_id == articles.c.id, issue_articles.c.newsletter.in_(newsletters))
        .scalar_subquery()
    )
    query = (
        _joined()
        .where(
            articles.c.state == ArticleState.LIVE,
            articles.c.mailing == Mailing.ELIGIBLE,
            articles.c.live_at >= since,
            _url().is_not(None),
            or_(
                article_pictures.c.article_id.is_(None),
                article_pictures.c.source != _url(),
                (article_pictures.c.state == PictureState.WAITING) & (article_pictures.c.next_try_at <= now),
            ),
            mailed < len(newsletters),
        )
        .order_by(articles.c.id.desc())
    )
    return [
        WantedPicture(row.id, row.url, row.name, row.image["url"], row.tries if row.source == row.image["url"] else 0)
        for row in connection.execute(query)
    ]


def in_place(connection: Connection) -> dict[int, str]:
    """The paths of all pictures of articles that are ready, by article id."""
    query = select(article_pictures.c.article_id, article_pictures.c.path).where(article_pictures.c.state == PictureState.READY)
    return {row.article_id: row.path for row in connection.execute(query)}


def wanted_again(connection: Connection, article_ids: Collection[int]) -> list[WantedPicture]:
    """The pictures of these articles as they were fetched the first time."""
    return [
        WantedPicture(row.id, row.url, row.name, row.source, 0)
        for some in in_pieces(article_ids)
        for row in connection.execute(_joined().where(articles.c.id.in_(some)).order_by(articles.c.id))
    ]


def ready(connection: Connection, article_ids: Collection[int]) -> dict[int, tuple[KeptPicture, LeadImage]]:
    """By article id, its picture that is ready, and what its source says of it; articles without one are left out."""
    found = {}
    for some in in_pieces(article_ids):
        query = _joined().where(articles.c.id.in_(some), article_pictures.c.state == PictureState.READY)
        for row in connection.execute(query.where(article_pictures.c.source == _url())):
            found[row.id] = _kept(row), LeadImage(**row.image)
    return found


def keep(connection: Connection, article_id: int, picture: KeptPicture) -> None:
    """Write down what became of an article's picture."""
    _keep(connection, article_pictures, {"article_id": article_id}, picture)


def of_the_look(connection: Connection) -> dict[str, KeptPicture]:
    """The pictures of the look, by the names of their keys in the config."""
    return {row.name: _kept(row) for row in connection.execute(select(look_pictures))}


def look_source(address: str, width: int) -> str:
    """What the `source` of a picture of the look begins with."""
    return f"{address} at {width} "


def keep_of_the_look(connection: Connection, name: str, picture: KeptPicture) -> None:
    """Write down what became of a picture of the look."""
    _keep(connection, look_pictures, {"name": name}, picture)


def _joined() -> Select[Any]:
    columns = (articles.c.id, articles.c.url, articles.c.image, sources.c.name)
    kept = (article_pictures.c[name] for name in KeptPicture.__slots__)
    return select(*columns, *kept).join(sources, sources.c.id == articles.c.source_id).outerjoin(article_pictures)


def _url() -> ColumnElement[str]:
    """The address of an article's lead picture."""
    address: ColumnElement[str] = articles.c.image["url"].as_string()
    return address


def _kept(row: Row[Any]) -> KeptPicture:
    values = {name: getattr(row, name) for name in KeptPicture.__slots__}
    return KeptPicture(**values | {"state": PictureState(values["state"])})


def _keep(connection: Connection, table: Table, key: dict[str, object], picture: KeptPicture) -> None:
    (column, value), *_ = key.items()
    connection.execute(delete(table).where(table.c[column] == value))
    connection.execute(insert(table).values(key | {name: getattr(picture, name) for name in KeptPicture.__slots__}))
