"""Which article is in which feed, and in which order articles entered it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, insert, literal, or_, select, update

from hairfeed.models.articles import Article, ArticleState, Mailing
from hairfeed.store.articles import NEWEST_FIRST, in_pieces, shown_by_ids, topics_of
from hairfeed.store.schema.articles import articles
from hairfeed.store.schema.feeds import feed_articles, feeds

_FEW = 500
"""Articles that one statement may name."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed: `path` is its folder, `ordinals` counts the articles that ever were in it, `present` those that are."""

    path: str
    label: str
    """The category or author as first spelt; empty for the site's own."""
    guid: str
    """A URI that is the feed's own for ever."""
    podcast_guid: str
    """The same for players and directories of podcasts: a UUID."""
    ordinals: int
    present: int
    changed_at: datetime
    """The newest change that its readers can see, removals included."""
    moved_to: str | None = None
    """The path of the feed that all its articles went to."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What tells in which feeds an article belongs."""

    id: int
    is_live: bool
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """An article's place in a feed; `ordinal` is its own for ever."""

    feed: str
    ordinal: int
    article_id: int
    present: bool
    moved_to: str | None = None
    """The path of the feed that the article left this one for, if it is one and of the same kind."""


def all_feeds(connection: Connection) -> dict[str, FeedRow]:
    """Every feed there ever was, by path."""
    rows = connection.execute(select(*(feeds.c[name] for name in FeedRow.__slots__)).order_by(feeds.c.path))
    return {row.path: FeedRow(*row) for row in rows}


def changed_since(connection: Connection, revision: int) -> Iterator[list[Filing]]:
    """The articles that changed after `revision` and that readers have seen, oldest first, some at a time."""
    order = [column.asc() for column in (articles.c.published_at, articles.c.first_seen_at, articles.c.id)]
    query = select(articles.c.id).where(articles.c.revision > revision, articles.c.live_at.is_not(None)).order_by(*order)
    for ids in in_pieces(connection.execute(query).scalars().all()):
        columns = (articles.c.id, articles.c.state, articles.c.authors, articles.c.changed_at)
        rows = {row.id: row for row in connection.execute(select(*columns).where(articles.c.id.in_(ids)))}
        topics = topics_of(connection, ids)
        yield [
            Filing(id_, row.state == ArticleState.LIVE, tuple(row.authors), topics.get(id_, ()), row.changed_at)
            for id_, row in ((id_, rows[id_]) for id_ in ids)
        ]


def places_of(connection: Connection, ids: Collection[int]) -> list[Place]:
    """Every place that these articles have or had."""
    columns = [feed_articles.c[name] for name in Place.__slots__]
    return [
        Place(*row)
        for some in in_pieces(sorted(ids))
        for row in connection.execute(select(*columns).where(feed_articles.c.article_id.in_(some)))
    ]


def save_places(connection: Connection, new: Sequence[Place], moved: Sequence[Place]) -> None:
    """Enter new places, and note who came or went at known ones; their feeds must be saved before."""
    if new:
        connection.execute(insert(feed_articles), [{name: getattr(place, name) for name in Place.__slots__} for place in new])
    if moved:
        statement = update(feed_articles).where(
            feed_articles.c.feed == bindparam("its_feed"), feed_articles.c.ordinal == bindparam("its_ordinal")
        )
        rows = [
            {"its_feed": place.feed, "its_ordinal": place.ordinal, "is_in": place.present, "went_to": place.moved_to}
            for place in moved
        ]
        connection.execute(statement.values(present=bindparam("is_in"), moved_to=bindparam("went_to")), rows)


def heir_of(connection: Connection, feed: str) -> str | None:
    """The path of the one feed that all live articles left this one for; None where there is none, or several."""
    heirs = (
        select(feed_articles.c.moved_to)
        .join(articles, articles.c.id == feed_articles.c.article_id)
        .where(feed_articles.c.feed == feed, articles.c.state == ArticleState.LIVE)
        .distinct()
        .limit(2)
    )
    found = connection.execute(heirs).scalars().all()
    return found[0] if len(found) == 1 else None


def save_feeds(connection: Connection, rows: Mapping[str, FeedRow]) -> None:
    """Write down these feeds, new or known."""
    known = set(connection.execute(select(feeds.c.path)).scalars())
    values = [{name: getattr(row, name) for name in FeedRow.__slots__} for row in rows.values()]
    if new := [row for row in values if row["path"] not in known]:
        connection.execute(insert(feeds), new)
    if old := [row | {"its_path": row.pop("path")} for row in values if row["path"] in known]:
        connection.execute(update(feeds).where(feeds.c.path == bindparam("its_path")), old)


def between(connection: Connection, feed: str, first: int, end: int) -> list[Article]:
    """The articles that are in a feed with an ordinal from `first` up to but not with `end`, newest first."""
    query = (
        select(feed_articles.c.article_id)
        .join(articles, articles.c.id == feed_articles.c.article_id)
        .where(feed_articles.c.feed == feed, feed_articles.c.present, feed_articles.c.ordinal.between(first, end - 1))
        .order_by(*NEWEST_FIRST)
    )
    return shown_by_ids(connection, connection.execute(query).scalars().all())


def newest(connection: Connection, feed: str, limit: int, news_since: int, all_since: int) -> list[Article]:
    """The newest `limit` articles of a feed by date, and what entered it lately, whatever its date; newest first.

    That is everything from the ordinal `all_since` on, and from `news_since` on what was no archive when it came.
    """
    members = select(feed_articles.c.article_id).where(feed_articles.c.feed == feed, feed_articles.c.present)
    few = connection.execute(members.limit(_FEW + 1)).scalars().all()
    if len(few) <= _FEW:
        query = select(articles.c.id).where(articles.c.id.in_(few))
    else:
        # Probed article by article, from the newest on: a list of all members would be made first.
        is_member = exists(literal(1)).where(
            feed_articles.c.article_id == articles.c.id, feed_articles.c.feed == feed, feed_articles.c.present
        )
        query = select(articles.c.id).where(articles.c.state == ArticleState.LIVE, is_member)
    ids = list(connection.execute(query.order_by(*NEWEST_FIRST).limit(limit)).scalars())
    is_news = and_(feed_articles.c.ordinal >= news_since, articles.c.mailing != Mailing.BASELINE)
    entered = members.join(articles, articles.c.id == feed_articles.c.article_id)
    ids += connection.execute(entered.where(or_(feed_articles.c.ordinal >= all_since, is_news))).scalars()
    shown = {article.id: article for article in shown_by_ids(connection, sorted(set(ids)))}
    ordered = select(articles.c.id).where(articles.c.id.in_(shown)).order_by(*NEWEST_FIRST)
    return [shown[id_] for id_ in connection.execute(ordered).scalars()]


# Made once: making it takes longer than asking.
_BEFORE = (
    select(articles.c.title, articles.c.url)
    .join(feed_articles, articles.c.id == feed_articles.c.article_id)
    .where(feed_articles.c.feed == bindparam("feed"), feed_articles.c.present, feed_articles.c.ordinal < bindparam("ordinal"))
    .order_by(feed_articles.c.ordinal.desc())
    .limit(bindparam("count"))
)


def before(connection: Connection, feed: str, ordinal: int, count: int) -> list[tuple[str, str]]:
    """Title and address of the `count` articles that entered a feed last before `ordinal` and are in it still, newest first."""
    rows = connection.execute(_BEFORE, {"feed": feed, "ordinal": ordinal, "count": count})
    return [(row.title, row.url) for row in rows]


def after(connection: Connection, feed: str, ordinal: int, count: int) -> list[int]:
    """The ids of the `count` articles that entered a feed next after `ordinal` and are in it still."""
    query = (
        select(feed_articles.c.article_id)
        .where(feed_articles.c.feed == feed, feed_articles.c.present, feed_articles.c.ordinal > ordinal)
        .order_by(feed_articles.c.ordinal)
        .limit(count)
    )
    return list(connection.execute(query).scalars())
