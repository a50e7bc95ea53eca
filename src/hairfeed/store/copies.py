"""Pages of a source whose article another source has: while one shows it, the article has not left the publication."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from hairfeed.models.articles import ArticleState, KnownArticle
from hairfeed.store.schema.articles import articles, copies, sources


@dataclass(frozen=True, slots=True)
class Copy:
    """A page as it was last read, and the number of its article."""

    article: int
    stamp: str


def stamps(connection: Connection, source_id: int) -> dict[str, str]:
    """By upstream id: the stamps of the source's copies; empty where the article's own source missed it, so that it is read."""
    query = select(copies.c.upstream_id, copies.c.stamp, articles.c.misses).join(articles, articles.c.id == copies.c.article_id)
    rows = connection.execute(query.where(copies.c.source_id == source_id))
    return {upstream_id: stamp if misses == 0 else "" for upstream_id, stamp, misses in rows}


def originals(connection: Connection, source_id: int) -> dict[str, tuple[str, KnownArticle]]:
    """By upstream id of the source's copies: their article, behind the name of the source that has it."""
    columns = [articles.c[name] for name in KnownArticle.__slots__]
    query = select(copies.c.upstream_id.label("copy"), sources.c.name.label("source"), *columns)
    query = query.join(articles, articles.c.id == copies.c.article_id).join(sources, sources.c.id == articles.c.source_id)
    found = {}
    for row in connection.execute(query.where(copies.c.source_id == source_id)).mappings():
        values = {name: row[name] for name in KnownArticle.__slots__}
        found[row["copy"]] = (row["source"], KnownArticle(**{**values, "state": ArticleState(row["state"])}))
    return found


def shown_elsewhere(connection: Connection, source_id: int, names: Collection[str]) -> frozenset[int]:
    """The ids of the source's articles that one of the other sources with these `names` shows, too."""
    of_others = and_(articles.c.source_id == source_id, copies.c.source_id != source_id, sources.c.name.in_(sorted(names)))
    query = select(copies.c.article_id).join(articles, articles.c.id == copies.c.article_id)
    query = query.join(sources, sources.c.id == copies.c.source_id)
    return frozenset(connection.execute(query.where(of_others)).scalars())


def leave_behind(connection: Connection, source_id: int, ids: Collection[int]) -> None:
    """Note that the sources that have these articles now will show copies of them: the articles become those of `source_id`."""
    query = select(articles.c.source_id, articles.c.upstream_id, articles.c.id, articles.c.stamp)
    is_shown = and_(
        articles.c.id == bindparam("number"),
        articles.c.source_id != source_id,
        articles.c.misses == 0,
        articles.c.state.in_((ArticleState.LIVE, ArticleState.HELD)),
    )
    for number in ids:
        row = connection.execute(query.where(is_shown), {"number": number}).one_or_none()
        if row is not None:
            _keep(connection, row.source_id, {row.upstream_id: Copy(row.id, row.stamp)})


def remember(
    connection: Connection, source_id: int, present: Collection[str], read: Mapping[str, Copy], own: Collection[str]
) -> None:
    """What the source shows of others' articles: what it showed and still has `present`, and what was `read` now; not its `own`."""
    rows = connection.execute(select(copies.c.upstream_id).where(copies.c.source_id == source_id)).scalars()
    left = [{"left": upstream_id} for upstream_id in rows if upstream_id not in present or upstream_id in own]
    if left:
        connection.execute(delete(copies).where(copies.c.source_id == source_id, copies.c.upstream_id == bindparam("left")), left)
    _keep(connection, source_id, read)


def _keep(connection: Connection, source_id: int, read: Mapping[str, Copy]) -> None:
    if not read:
        return
    old = delete(copies).where(copies.c.source_id == source_id, copies.c.upstream_id == bindparam("old"))
    connection.execute(old, [{"old": upstream_id} for upstream_id in read])
    rows = [
        {"source_id": source_id, "upstream_id": upstream_id, "article_id": copy.article, "stamp": copy.stamp}
        for upstream_id, copy in read.items()
    ]
    connection.execute(insert(copies), rows)
