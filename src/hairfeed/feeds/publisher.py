"""One feed after the other, from the ledger to the shelf."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hairfeed.errors import PublishError, TemplateError
from hairfeed.feeds.archive import build_document, known_names
from hairfeed.feeds.feed import Feed, FeedAddresses, Related, SoundFeed, publishable
from hairfeed.feeds.filing import RELATED, Touched
from hairfeed.feeds.moves import moves
from hairfeed.feeds.opml import build_opml
from hairfeed.feeds.shown import SITE, addresses_of, is_shown, kind_of, shown_of, title_of
from hairfeed.files import shipped
from hairfeed.models.articles import Article
from hairfeed.models.reports import Problem, Watch
from hairfeed.settings import Settings
from hairfeed.shelf import COMPRESSED, FEED_FILES, GONE, MOVED, PAGE, Shelf, encoded, url_of
from hairfeed.store import feed_articles
from hairfeed.store.database import Connection
from hairfeed.store.feed_articles import FeedRow
from hairfeed.store.feed_files import ABOUT_ALL
from hairfeed.text.slugs import category_path

if TYPE_CHECKING:
    from hairfeed.feeds.feed_page import FeedPages

T = TypeVar("T")

STYLESHEET = "feed.css"
"""What browsers show the XML with."""

MOST_HTML = 200_000
"""Characters of HTML in a feed: more has readers load much for little. What is left out is in the archive."""


class Publisher:
    """Builds what changed; `problems` are articles that had to be left out, `failures` feeds that stay as they were."""

    def __init__(self, connection: Connection, settings: Settings, shelf: Shelf, watch: Watch) -> None:
        """The connection sees one state of the ledger from the first feed to the last."""
        self.problems: list[Problem] = []
        self.failures: list[Problem] = []
        self._connection = connection
        self._settings = settings
        self._shelf = shelf
        self._watch = watch
        self._formats = _formats()
        self._pages = _pages(settings)
        self._shown: list[Feed] = []
        self._heirs: Collection[str] = ()

    def publish(self, touched: Touched, anew: Collection[str] | None) -> None:
        """Bring feeds up to date: those with `touched` articles, and those of `anew` from the beginning; None means all."""
        rows = feed_articles.all_feeds(self._connection)
        moved = moves(rows, self._settings.feeds)
        self._heirs = frozenset(moved.values())
        self._shown = [self._feed(row, ()) for row in shown_of(rows.values(), self._settings.feeds)]
        for done, row in enumerate(rows.values()):
            self._watch.step("Building feeds", done, len(rows))
            if row.path in moved:
                continue
            is_new = (
                anew is None or row.path in anew or (is_shown(row, self._settings.feeds) and not self._shelf.known_of(row.path))
            )
            with self._failing_alone(row.path):
                if not is_new and row.path not in touched:
                    self._shelf.keep(self._shelf.known_of(row.path))
                elif is_shown(row, self._settings.feeds):
                    self._publish(row, min(touched.get(row.path, ()), default=row.ordinals), is_new=is_new)
                else:
                    self._withdraw(row)
        # Each after the feed that it is a copy of.
        for old, new in moved.items():
            with self._failing_alone(old):
                self._leave_copy(old, new)
        if self._shown:
            with self._failing_alone(ABOUT_ALL):
                self._publish_about_all()

    @contextmanager
    def _failing_alone(self, feed: str) -> Iterator[None]:
        """What belongs to one feed; when it fails, what is in place stays, and the others are built."""
        try:
            yield
            self._shelf.clear(feed)
        except PublishError as error:
            names = {SITE: "feed of the site", ABOUT_ALL: "list of all feeds"}
            self.failures.append(Problem(names.get(feed, f"feed {feed}"), str(error)))
            self._shelf.keep(path for path in self._shelf.known_of(feed) if path not in self._shelf.placed)

    def _publish(self, row: FeedRow, first_touched: int, *, is_new: bool) -> None:
        """A feed and its archive; documents before that of the first touched ordinal stay, unless all is new."""
        size = self._settings.feeds.items
        documents_due = row.ordinals // size if self._settings.feeds.history else 0
        first = 0 if is_new else min(first_touched // size, documents_due)
        previous = self._kept(row, first)
        for number in range(previous[0], documents_due):
            previous = number + 1, self._publish_document(row, number, previous[1])
        self._publish_feed(row, documents_due * size if self._settings.feeds.history else row.ordinals, previous[1])

    def _kept(self, row: FeedRow, end: int) -> tuple[int, FeedAddresses | None]:
        """How many documents before number `end` stay as they are, and the address of the last."""
        paths = self._shelf.known_of(row.path)
        names = known_names(path.removeprefix(row.path) for path in paths)
        count = next(number for number in range(end + 1) if number == end or number not in names)
        stems = {f"{row.path}{names[number]}" for number in range(count)}
        self._shelf.keep(path for path in paths if path[: path.find(".", len(row.path))] in stems)
        return count, addresses_of(f"{row.path}{names[count - 1]}", self._settings.feeds) if count else None

    def _publish_document(self, row: FeedRow, number: int, previous: FeedAddresses | None) -> FeedAddresses:
        size = self._settings.feeds.items
        shown = feed_articles.between(self._connection, row.path, number * size, (number + 1) * size)
        feed = self._feed(row, shown, previous)
        updated_at = max((article.modified_at for article in shown), default=feed.updated_at)
        document = replace(feed, archive_of=feed.addresses, updated_at=updated_at)
        base = url_of(row.path, self._settings.feeds)
        _, (name, built) = self._built(document, lambda feed: build_document(feed, base, number, self._formats))
        for kind, content in built.items():
            self._shelf.put(row.path, f"{row.path}{name}.{kind}", content)
        return addresses_of(f"{row.path}{name}", self._settings.feeds)

    def _publish_feed(self, row: FeedRow, open_since: int, previous: FeedAddresses | None) -> None:
        size = self._settings.feeds.items
        # Also the news that entered last, whatever their dates: they may have completed a document, which few readers look into.
        newest = feed_articles.newest(self._connection, row.path, size, max(row.ordinals - size, 0), open_since)
        places = feed_articles.places_of(self._connection, [article.id for article in newest])
        archived = {place.article_id for place in places if place.feed == row.path and place.ordinal < open_since}
        feed, built = self._built(self._feed(row, _that_fit(newest, archived), previous), self._formats)
        for kind, content in built.items():
            self._shelf.put(row.path, f"{row.path}feed.{kind}", content)
        self._put_page(row.path, f"{row.path}{PAGE}", lambda: self._pages.feed(feed, self._shown))

    def _put_page(self, feed: str, path: str, make: Callable[[], bytes]) -> None:
        """A page for people; one that its template does not allow for stays as it was, and costs nobody the feed."""
        try:
            self._shelf.put(feed, path, make())
        except TemplateError as error:
            # Once for all feeds: it is one template.
            if (failure := Problem("pages of feeds", str(error))) not in self.failures:
                self.failures.append(failure)
            self._shelf.keep(known for known in self._shelf.known_of(feed) if known in {path, f"{path}.gz", f"{path}.br"})

    def _withdraw(self, row: FeedRow) -> None:
        """Leave a mark where each file of a feed was, so that a web server can say that it is gone."""
        for path in self._shelf.known_of(row.path):
            if path.startswith((f"{row.path}feed.", f"{row.path}{PAGE}")) and not path.endswith((*COMPRESSED, MOVED)):
                self._shelf.put(row.path, path if path.endswith(GONE) else path + GONE, b"")

    def _leave_copy(self, old: str, new: str) -> None:
        """Leave the feed at `new` at the path of the one that moved there, and marks for servers that can send readers on.

        Not every server can, and a file that is not found, or found gone, would cost the feed its readers.
        """
        names = (*FEED_FILES, PAGE)
        if any(new + name not in self._shelf.placed for name in names):
            # It could not be built yet: until then readers keep what there was.
            self._shelf.keep(self._shelf.known_of(old))
            return
        for name in names:
            self._shelf.put_copy(old, old + name, new + name)
            self._shelf.put(old, old + name + MOVED, (new + name).encode())

    def _publish_about_all(self) -> None:
        self._shelf.put(ABOUT_ALL, "feeds.opml", build_opml(self._settings.site.title, self._shown))
        self._shelf.put(ABOUT_ALL, STYLESHEET, shipped(f"templates/web/{STYLESHEET}").read_bytes())
        self._put_page(ABOUT_ALL, "gone.html", lambda: self._pages.gone(self._shown[0]))

    def _feed(self, row: FeedRow, shown: Sequence[Article], previous: FeedAddresses | None = None) -> Feed:
        site, settings = self._settings.site, self._settings.feeds
        title = title_of(row.label, site)
        return Feed(
            guid=row.guid,
            title=title,
            description=(site.description if row.path == SITE else "") or f"Articles of {title}",
            home_url=encoded(f"{site.url}/"),
            addresses=addresses_of(f"{row.path}feed", settings),
            language=site.language,
            author=site.author,
            zone=site.timezone,
            updated_at=row.changed_at,
            category_scheme=url_of("category/", settings),
            articles=shown,
            related=self._related(shown),
            is_full=settings.content == "full",
            previous=previous,
            hubs=tuple(map(encoded, settings.hubs)),
            stylesheet=url_of(STYLESHEET, settings),
            podcast=settings.podcast,
            podcast_guid=row.podcast_guid,
            has_moved=bool(settings.former_urls) or row.path in self._heirs,
            kind=kind_of(row.path),
            label=row.label,
            page_url=url_of(row.path, settings),
        )

    def _related(self, shown: Sequence[Article]) -> dict[int, tuple[Related, ...]]:
        """What each article leads to: those that entered its category last before it. Later ones would change it for ever."""
        categories = {article.id: category_path(article.topics[0]) for article in shown if article.topics}
        places = feed_articles.places_of(self._connection, categories)
        return {
            place.article_id: tuple(
                Related(title, url) for title, url in feed_articles.before(self._connection, place.feed, place.ordinal, RELATED)
            )
            for place in places
            if place.feed == categories[place.article_id]
        }

    def _built(self, feed: Feed, build: Callable[[SoundFeed], T]) -> tuple[SoundFeed, T]:
        """The feed as it can be published, and what `build` makes of it; articles that forbid it are left out, and reported.

        Raises:
            PublishError: it cannot be built without them either.
        """
        try:
            return _sound_and_built(feed, build)
        except PublishError:
            raise
        except Exception as error:
            bad = {article.id: fault for article in feed.articles if (fault := _fault(build, replace(feed, articles=[article])))}
            # Where none can be written, it is no article's fault.
            if len(bad) in (0, len(feed.articles)):
                raise PublishError(f"cannot be built: {_named(error)}; what is in place stays. Please report it") from error
            self.problems += [
                Problem(article.url, f"is left out of the feeds, for it cannot be written: {bad[article.id]}")
                for article in feed.articles
                if article.id in bad
            ]
            return _sound_and_built(replace(feed, articles=[article for article in feed.articles if article.id not in bad]), build)


def _sound_and_built(feed: Feed, build: Callable[[SoundFeed], T]) -> tuple[SoundFeed, T]:
    sound = publishable(feed)
    return sound, build(sound)


def _fault(build: Callable[[SoundFeed], object], feed: Feed) -> str:
    """Why a feed cannot be built; empty when it can."""
    try:
        _sound_and_built(feed, build)
    except Exception as error:  # noqa: BLE001 - whatever one article makes a library raise, the others are published
        return _named(error)
    return ""


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _that_fit(newest: Sequence[Article], archived: Collection[int]) -> list[Article]:
    """The first of the articles that are not too much for one feed, and all that are in no archive document."""
    kept, html = [], 0
    for article in newest:
        html += len(article.html)
        if html <= MOST_HTML or article.id not in archived:
            kept.append(article)
    return kept


def _formats() -> Callable[[SoundFeed], dict[str, bytes]]:
    # Only a pass that has something to publish pays for the XML library.
    from hairfeed.feeds.formats import build_formats

    return build_formats


def _pages(settings: Settings) -> "FeedPages":
    # Nor does any other pass pay for the template library.
    from hairfeed.feeds.feed_page import FeedPages

    return FeedPages(settings)
