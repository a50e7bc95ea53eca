"""Sources and articles: what is known, and what changes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from hairfeed.models.articles import Article, ArticleState, ChangedArticle, Enclosure, KnownArticle, LeadImage, Mailing, NewArticle
from hairfeed.store.schema.articles import article_topics, articles, sources

_SHOWN = (
    articles.c.id,
    articles.c.guid,
    articles.c.url,
    articles.c.title,
    articles.c.authors,
    articles.c.summary,
    articles.c.html,
    articles.c.html_proof,
    articles.c.published_at,
    articles.c.published_on,
    articles.c.updated_at,
    articles.c.image,
    articles.c.enclosure,
)
NEWEST_FIRST = (articles.c.published_at.desc(), articles.c.first_seen_at.desc(), articles.c.id.desc())
# SQLite and PostgreSQL both take at least this many values in one statement.
_MANY = 500

T = TypeVar("T")


def stamps(connection: Connection, source_id: int) -> dict[str, str]:
    """The stamp of every article that the source had at the last look, by upstream id; one that was missed has none."""
    columns = select(articles.c.upstream_id, articles.c.stamp, articles.c.misses)
    rows = connection.execute(columns.where(articles.c.source_id == source_id, articles.c.state != ArticleState.GONE))
    return {upstream_id: stamp if misses == 0 else "" for upstream_id, stamp, misses in rows}


def known_articles(connection: Connection, source_id: int) -> list[KnownArticle]:
    """All that was ever collected from the source, gone ones too."""
    columns = (articles.c[name] for name in KnownArticle.__slots__)
    rows = connection.execute(select(*columns).where(articles.c.source_id == source_id)).mappings()
    return [KnownArticle(**{**row, "state": ArticleState(row["state"])}) for row in rows]


def known_elsewhere(connection: Connection, source_id: int, addresses: Sequence[str]) -> list[tuple[str, KnownArticle]]:
    """The articles at one of these addresses that are not from the source, with the name of theirs."""
    columns = [articles.c[name] for name in KnownArticle.__slots__]
    query = select(sources.c.name.label("source"), *columns).join(sources, sources.c.id == articles.c.source_id)
    found = []
    for some in in_pieces(addresses):
        for row in connection.execute(query.where(articles.c.url.in_(some), articles.c.source_id != source_id)).mappings():
            values = {name: row[name] for name in KnownArticle.__slots__}
            found.append((row["source"], KnownArticle(**{**values, "state": ArticleState(row["state"])})))
    return found


def add(connection: Connection, source_id: int, new: Sequence[NewArticle], now: datetime, revision: int) -> dict[str, int]:
    """Put new articles into the ledger; their ids by guid."""
    numbers: dict[str, int] = {}
    for some in in_pieces(new):
        rows = [
            _values(article.found)
            | {
                "guid": article.guid,
                "source_id": source_id,
                "published_at": article.found.published_at,
                "published_on": article.found.published_on,
                "first_seen_at": article.first_seen_at,
                "live_at": now if article.state is ArticleState.LIVE else None,
                "changed_at": now,
                "state": article.state,
                "mailing": article.mailing,
                "misses": 0,
                "revision": revision,
            }
            for article in some
        ]
        connection.execute(insert(articles), rows)
        guids = [article.guid for article in some]
        entered = connection.execute(select(articles.c.guid, articles.c.id).where(articles.c.guid.in_(guids)))
        ids = dict(entered.all())
        _set_topics(connection, {ids[article.guid]: article.found.topics for article in some})
        numbers |= ids
    return numbers


def change(connection: Connection, source_id: int, changed: Iterable[ChangedArticle], now: datetime, revision: int) -> None:
    """Let known articles take over what was found; from now on they are the source's."""
    for article in changed:
        values = _values(article.found) | {
            "source_id": source_id,
            "state": article.state,
            "misses": 0,
            "revision": revision,
            "changed_at": now,
        }
        if article.significant:
            values["updated_at"] = now
        if article.republish:
            values |= {"published_at": article.found.published_at, "published_on": article.found.published_on, "updated_at": None}
        connection.execute(update(articles).where(articles.c.id == article.id).values(values))
        connection.execute(delete(article_topics).where(article_topics.c.article_id == article.id))
        _set_topics(connection, {article.id: article.found.topics})


def restamp(connection: Connection, fresh: Mapping[int, str]) -> None:
    """Note new stamps, by article id, of pages that say what they said before; nothing that readers see changes."""
    if fresh:
        statement = update(articles).where(articles.c.id == bindparam("article")).values(stamp=bindparam("fresh"), misses=0)
        connection.execute(statement, [{"article": article, "fresh": stamp} for article, stamp in fresh.items()])


def miss(connection: Connection, ids: Collection[int]) -> None:
    """Note that the source did not have these articles this time."""
    for some in in_pieces(sorted(ids)):
        connection.execute(update(articles).where(articles.c.id.in_(some)).values(misses=articles.c.misses + 1))


def let_go(connection: Connection, ids: Collection[int], now: datetime, revision: int) -> None:
    """Take articles that left their source out of the feeds."""
    for some in in_pieces(sorted(ids)):
        values = {"state": ArticleState.GONE, "misses": articles.c.misses + 1, "changed_at": now, "revision": revision}
        connection.execute(update(articles).where(articles.c.id.in_(some)).values(values))


def release_due(connection: Connection, now: datetime, revision: int) -> int:
    """Let held articles go live whose publication date has come; how many. Those of a flood wait for the operator."""
    released = connection.execute(
        update(articles)
        .where(articles.c.state == ArticleState.HELD, articles.c.published_at <= now, articles.c.mailing != Mailing.FLOOD)
        .values(state=ArticleState.LIVE, live_at=now, changed_at=now, revision=revision)
    )
    return released.rowcount


def count_held(connection: Connection) -> int:
    """Articles that wait for their publication date."""
    return connection.execute(select(func.count()).where(articles.c.state == ArticleState.HELD)).scalar_one()


def newest_revision(connection: Connection) -> int:
    """That of the last change of any article; 0 while there are none."""
    return connection.execute(select(func.max(articles.c.revision))).scalar_one() or 0


def live(connection: Connection, limit: int) -> list[Article]:
    """The newest `limit` articles that readers may see, newest first."""
    return _shown(connection, select(*_SHOWN).where(articles.c.state == ArticleState.LIVE).order_by(*NEWEST_FIRST).limit(limit))


def _shown(connection: Connection, query: Select[Any]) -> list[Article]:
    rows = connection.execute(query).all()
    topics = topics_of(connection, [row.id for row in rows])
    return [_article(row, topics.get(row.id, ())) for row in rows]


def shown_by_ids(connection: Connection, ids: Sequence[int]) -> list[Article]:
    """The articles with these ids, in their order."""
    found = {
        article.id: article
        for some in in_pieces(ids)
        for article in _shown(connection, select(*_SHOWN).where(articles.c.id.in_(some)))
    }
    return [found[article_id] for article_id in ids]


def _article(row: Row[Any], topics: tuple[str, ...]) -> Article:
    return Article(
        id=row.id,
        guid=row.guid,
        url=row.url,
        title=row.title,
        authors=tuple(row.authors),
        topics=topics,
        summary=row.summary,
        html=row.html,
        html_proof=row.html_proof,
        published_at=row.published_at,
        published_on=row.published_on,
        updated_at=row.updated_at,
        image=LeadImage(**row.image) if row.image else None,
        enclosure=Enclosure(**row.enclosure) if row.enclosure else None,
    )


def topics_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The topics of these articles, by article id; the first is the category."""
    topics: dict[int, tuple[str, ...]] = {}
    for some in in_pieces(ids):
        query = select(article_topics).where(article_topics.c.article_id.in_(some))
        for row in connection.execute(query.order_by(article_topics.c.article_id, article_topics.c.place)):
            topics[row.article_id] = (*topics.get(row.article_id, ()), row.topic)
    return topics


def _set_topics(connection: Connection, topics: Mapping[int, tuple[str, ...]]) -> None:
    rows = [
        {"article_id": article, "place": place, "topic": topic}
        for article, names in topics.items()
        for place, topic in enumerate(names)
    ]
    if rows:
        connection.execute(insert(article_topics), rows)


def _values(found: Any) -> dict[str, Any]:
    names = ("upstream_id", "stamp", "url", "title", "summary", "html", "html_proof", "content_hash", "form_hash")
    return {name: getattr(found, name) for name in names} | {
        "authors": list(found.authors),
        "image": asdict(found.image) if found.image else None,
        "enclosure": asdict(found.enclosure) if found.enclosure else None,
    }


def in_pieces(things: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as one statement takes."""
    remaining = iter(things)
    while some := list(islice(remaining, _MANY)):
        yield some
