"""The publish stage: reads articles; writes feed files, and what is in place."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import hairfeed
from hairfeed.errors import PublishError
from hairfeed.feeds.feed import Feed, FeedAddresses, slug
from hairfeed.files import sync_folder, write_whole
from hairfeed.models import Problem, PublishReport, Watch
from hairfeed.settings import Settings
from hairfeed.store import articles, feed_files
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.feed_files import FeedFile

FORMATS = ("rss", "atom", "json")


def publish(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> PublishReport:
    """Bring the feed files up to date: all of them, or as far as the disk allows."""
    directory = settings.feeds.directory
    with ledger.read() as connection:
        made_from = _made_from(settings, articles.newest_revision(connection))
        known = feed_files.published(connection)
        if known and all(file.made_from == made_from and _is_there(directory, file) for file in known):
            return PublishReport(directory=str(directory), feeds=len(known))
        feeds = list(_feeds(connection, settings))
    before = {file.path: file for file in known}
    try:
        files = [_write(directory, path, content, before.get(path), made_from, now) for path, content in _build(feeds, watch)]
    except PublishError as error:
        return PublishReport(directory=str(directory), failures=(Problem("feeds", str(error)),))
    with ledger.write() as connection:
        feed_files.remember(connection, [file for file, _ in files])
    written = tuple(file.path for file, fresh in files if fresh)
    return PublishReport(directory=str(directory), feeds=len(files), written=written)


def _made_from(settings: Settings, revision: int) -> str:
    """A name for everything that the feeds depend on: while it is the same, so are they."""
    parts = (hairfeed.__version__, settings.site.model_dump(), settings.feeds.model_dump(), revision)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _is_there(directory: Path, file: FeedFile) -> bool:
    try:
        return (directory / file.path).stat().st_size == file.size
    except OSError:
        return False


def _feeds(connection: Connection, settings: Settings) -> Iterator[tuple[str, Feed]]:
    """Every feed with its folder below the directory: the site's, and one for each category.

    A category whose last article has gone keeps its feed, empty: its readers ask for it still.
    """
    if articles.last_change(connection) is None:
        return
    yield "", _feed(connection, settings, "", settings.site.title, None)
    groups: dict[str, list[str]] = {}
    for topic in articles.all_topics(connection):
        groups.setdefault(slug(topic), []).append(topic)
    for name, topics in sorted(groups.items()):
        yield f"category/{name}/", _feed(connection, settings, f"category/{name}/", f"{settings.site.title}: {topics[0]}", topics)


def _feed(connection: Connection, settings: Settings, folder: str, title: str, topics: Collection[str] | None) -> Feed:
    site, base = settings.site, f"{settings.feeds.url}/{folder}"
    changed_at = articles.last_change(connection, topics)
    if changed_at is None:
        raise AssertionError(f"the feed {folder or '/'} is of articles that never were live")
    return Feed(
        guid=uuid5(NAMESPACE_URL, f"{site.url}/{folder}").urn,
        title=title,
        description=site.description or f"Articles of {site.title}",
        home_url=site.url + "/",
        addresses=FeedAddresses(*(f"{base}feed.{format_}" for format_ in FORMATS)),
        language=site.language,
        author=site.author,
        zone=site.timezone,
        updated_at=changed_at,
        category_scheme=f"{settings.feeds.url}/category/",
        articles=articles.live(connection, settings.feeds.items, topics),
    )


def _build(feeds: list[tuple[str, Feed]], watch: Watch) -> Iterator[tuple[str, bytes]]:
    """The path and the bytes of every file."""
    # Only a pass that has something to publish pays for the XML library.
    from hairfeed.feeds.json_feed import build_json
    from hairfeed.feeds.rss_atom import build_atom, build_rss

    for done, (folder, feed) in enumerate(feeds):
        watch.step("Building feeds", done, len(feeds))
        yield f"{folder}feed.rss", build_rss(feed)
        yield f"{folder}feed.atom", build_atom(feed)
        yield f"{folder}feed.json", build_json(feed)


def _write(
    directory: Path, path: str, content: bytes, before: FeedFile | None, made_from: str, now: datetime
) -> tuple[FeedFile, bool]:
    """The file in place, and whether its bytes are new."""
    target = directory / path
    try:
        fresh = write_whole(target, content)
        if fresh:
            sync_folder(target.parent)
    except OSError as error:
        where = error.filename or target
        raise PublishError(
            f"{where}: cannot be written: {error.strerror}; the feeds that are in place stay. "
            "Give this user the right to write there, or name another feeds.directory"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    changed_at = before.changed_at if before and before.hash == digest else now
    return FeedFile(path, digest, len(content), made_from, changed_at), fresh
