"""The publish stage: reads articles; writes feeds and their files, what is in place, and proofs of HTML that no longer fit."""

import hashlib
from collections.abc import Collection
from datetime import datetime

import hairfeed
from hairfeed.files import template_contents
from hairfeed.models.reports import Problem, PublishReport, Watch
from hairfeed.settings import Settings
from hairfeed.shelf import FEED_FILES, MOVED, Shelf, url_of
from hairfeed.store import articles, feed_files, hub_pings
from hairfeed.store.database import Ledger
from hairfeed.store.feed_files import Publication


def publish(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> PublishReport:
    """Bring the published files up to date: all of them, or as far as the disk allows."""
    directory = str(settings.feeds.directory)
    with ledger.read() as connection:
        before = feed_files.publication(connection)
        made_from = Publication(_made_from(settings), articles.newest_revision(connection), settings.feeds.url)
        shelf = Shelf(settings.feeds.directory, feed_files.published_feeds(connection), settings.feeds.compress)
    lost = {file.feed for path, file in shelf.known.items() if not shelf.has(path)}
    if made_from == before and not lost:
        return PublishReport(directory=directory, feeds=_count_feeds(shelf.known), files=len(shelf.known))
    # Only a pass that has something to publish pays for what feeds are made with.
    from hairfeed.feeds.filing import file_changes
    from hairfeed.feeds.proofs import renew_proofs
    from hairfeed.feeds.publisher import Publisher

    warnings = _notice_move(before.url, settings)
    with ledger.write() as connection:
        touched = file_changes(connection, settings, before.revision)
    everything = made_from.made_from != before.made_from
    if everything and before.made_from:
        # The rules of sanitising, too, may be others than when articles were collected.
        renew_proofs(ledger)
    with ledger.read() as connection:
        publisher = Publisher(connection, settings, shelf, watch)
        publisher.publish(touched, None if everything else lost)
    with ledger.write() as connection:
        gone = shelf.known.keys() - shelf.placed.keys()
        changed = [file for path, file in shelf.placed.items() if shelf.known.get(path) != file]
        # What failed is tried again by the next pass, which must find it undone.
        feed_files.remember(connection, changed, gone, before if publisher.failures else made_from, now)
        topics = [url_of(path, settings.feeds) for path in _changed_feeds(shelf)]
        hub_pings.owe(connection, settings.feeds.hubs, topics, now)
    return PublishReport(
        directory=directory,
        feeds=_count_feeds(shelf.placed),
        files=len(shelf.placed),
        written=tuple(shelf.written),
        withdrawn=tuple(shelf.withdrawn),
        warnings=(*warnings, *publisher.problems),
        failures=tuple(publisher.failures),
    )


def _changed_feeds(shelf: Shelf) -> list[str]:
    """The feed files whose bytes are not those that the ledger knew: a pass that was killed may have written them already."""
    return [
        path
        for path, file in shelf.placed.items()
        if path.rpartition("/")[2] in FEED_FILES and (path not in shelf.known or shelf.known[path].hash != file.hash)
    ]


def _count_feeds(paths: Collection[str]) -> int:
    """How many feeds have these files; what lies where one has moved from is none."""
    return sum(path.endswith("feed.rss") and path + MOVED not in paths for path in paths)


def _notice_move(before: str, settings: Settings) -> list[Problem]:
    """That the feeds are at another address than at the last pass, unless the config knows."""
    if before in ("", settings.feeds.url, *settings.feeds.former_urls):
        return []
    what = f"was {before}, where readers ask still; name it in feeds.former_urls, and send them on ('hairfeed feeds moved')"
    return [Problem("feeds.url", what)]


def _made_from(settings: Settings) -> str:
    """A name for all settings that published files depend on: while it is the same, only articles change them."""
    templates = template_contents(settings.site.templates, "web")
    feeds = (settings.feeds.model_dump(exclude={"push"}), settings.subscribe_page)
    parts = (hairfeed.__version__, settings.site.model_dump(), feeds, templates)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
