"""Which feeds an article belongs in, and what its changes touch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from hairfeed.feeds.shown import SITE, addresses_of, kind_of
from hairfeed.settings import Settings
from hairfeed.store import feed_articles
from hairfeed.store.database import Connection
from hairfeed.store.feed_articles import FeedRow, Filing, Place
from hairfeed.text.slugs import category_path, slug

RELATED = 3
"""Older articles of its category that an article leads to."""

_PODCASTS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of the UUIDs of podcasts."""

Touched = Mapping[str, set[int]]
"""By a feed's path: the ordinals of articles that look different now."""


def author_path(author: str) -> str:
    """The path of an author's feed."""
    return f"author/{slug(author)}/"


def feeds_of(article: Filing) -> dict[str, str]:
    """The paths of the feeds that an article belongs in, each with its label; none for one that readers may not see."""
    if not article.is_live:
        return {}
    categories = {category_path(topic): topic for topic in reversed(article.topics)}
    return {SITE: ""} | categories | {author_path(author): author for author in reversed(article.authors)}


def podcast_guid(address: str) -> str:
    """What directories call a podcast that begins at this address (https://podcasting2.org/docs/podcast-namespace/tags/guid)."""
    return str(uuid5(_PODCASTS, address.partition("://")[2].rstrip("/")))


def begin(path: str, label: str, settings: Settings, now: datetime) -> FeedRow:
    """A feed without articles. Its ids are made of the addresses that it begins with, and stay when the site moves."""
    return FeedRow(
        path=path,
        label=label,
        guid=uuid5(NAMESPACE_URL, f"{settings.site.url}/{path}").urn,
        podcast_guid=podcast_guid(addresses_of(f"{path}feed", settings.feeds).rss),
        ordinals=0,
        present=0,
        changed_at=now,
    )


def file_changes(connection: Connection, settings: Settings, revision: int) -> Touched:
    """Put what changed after `revision` into its feeds and take it out of others; what that touches.

    `settings` say what new feeds begin with.

    Doing it again, after a pass that was killed, changes nothing and tells the same.
    """
    feeds = feed_articles.all_feeds(connection)
    touched: defaultdict[str, set[int]] = defaultdict(set)
    followed: list[Place] = []
    for filings in feed_articles.changed_since(connection, revision):
        known = feed_articles.places_of(connection, [article.id for article in filings])
        followed += known
        new, moved = _new_places(filings, known, feeds, settings), _moved_places(filings, known)
        for place in moved:
            feeds[place.feed] = _counted(feeds[place.feed], 1 if place.present else -1)
        changed_at = {article.id: article.changed_at for article in filings}
        for place in (*known, *new):
            touched[place.feed].add(place.ordinal)
            row = feeds[place.feed]
            feeds[place.feed] = replace(row, changed_at=max(row.changed_at, changed_at[place.article_id]))
        feed_articles.save_feeds(connection, {path: feeds[path] for path in {place.feed for place in (*known, *new)}})
        feed_articles.save_places(connection, new, moved)
    feed_articles.save_feeds(connection, _with_heirs(connection, [feeds[path] for path in touched]))
    for place in _that_relate_to(connection, followed):
        touched[place.feed].add(place.ordinal)
    return touched


def _new_places(filings: Iterable[Filing], known: Iterable[Place], feeds: dict[str, FeedRow], settings: Settings) -> list[Place]:
    """A place for every article in every feed that never had it; `feeds` counts them."""
    has = {(place.article_id, place.feed) for place in known}
    new = []
    for article in filings:
        for path, label in feeds_of(article).items():
            if (article.id, path) in has:
                continue
            row = feeds.get(path) or begin(path, label, settings, article.changed_at)
            new.append(Place(path, row.ordinals, article.id, present=True))
            feeds[path] = _counted(replace(row, ordinals=row.ordinals + 1), 1)
    return new


def _counted(row: FeedRow, more: int) -> FeedRow:
    return replace(row, present=row.present + more)


def _moved_places(filings: Iterable[Filing], known: Iterable[Place]) -> list[Place]:
    """The places that articles left or came back to."""
    known = list(known)
    wanted = {article.id: feeds_of(article).keys() for article in filings}
    entered = {id_: set(paths) for id_, paths in wanted.items()}
    for place in known:
        if place.present:
            entered[place.article_id].discard(place.feed)
    return [
        replace(place, present=not place.present, moved_to=_heir(place.feed, entered[place.article_id]) if place.present else None)
        for place in known
        if place.present != (place.feed in wanted[place.article_id])
    ]


def _heir(left: str, entered: Iterable[str]) -> str | None:
    """Of the feeds that an article entered as it left one: the one that took its place."""
    alike = [path for path in entered if kind_of(path) == kind_of(left)]
    return alike[0] if len(alike) == 1 else None


def _with_heirs(connection: Connection, rows: Iterable[FeedRow]) -> dict[str, FeedRow]:
    """The feeds that have another heir than was known, by path. One without articles keeps its heir, whatever becomes of them."""
    heirs = {row: None if row.present else row.moved_to or feed_articles.heir_of(connection, row.path) for row in rows}
    return {row.path: replace(row, moved_to=heir) for row, heir in heirs.items() if heir != row.moved_to}


def _that_relate_to(connection: Connection, changed: Iterable[Place]) -> list[Place]:
    """The places of articles that lead to one of those at `changed`: they show its title and address."""
    leading = {
        id_
        for place in changed
        if place.feed.startswith("category/")
        for id_ in feed_articles.after(connection, place.feed, place.ordinal, RELATED)
    }
    return feed_articles.places_of(connection, leading)
