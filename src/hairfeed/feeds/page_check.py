"""What `hairfeed check` looks at in the pages of feeds: their templates, filled with samples."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from hairfeed.feeds.feed import Feed, FeedKind, publishable
from hairfeed.feeds.feed_page import FeedPages
from hairfeed.feeds.shown import addresses_of
from hairfeed.models.articles import Article
from hairfeed.settings import Settings
from hairfeed.templates import faults_of

_AT = datetime(2024, 8, 8, tzinfo=UTC)


def feed_page_faults(settings: Settings) -> Iterator[str]:
    """What is wrong with the templates of the feeds' pages: each once."""
    pages, site = FeedPages(settings), _site_feed(settings)
    part = replace(site, kind=FeedKind.CATEGORY, label="Scalp", articles=())
    fills: tuple[Callable[[], bytes], ...] = (
        lambda: pages.feed(publishable(site), [part, replace(part, kind=FeedKind.AUTHOR)]),
        lambda: pages.feed(publishable(part), []),
        lambda: pages.gone(site),
    )
    yield from faults_of(fills)


def _site_feed(settings: Settings) -> Feed:
    site, at = settings.site, "https://site.example"
    article = Article(
        1, "tag:sample", f"{at}/one", "A title", ("Ann",), ("Scalp",), "A summary.", "<p>Text.</p>", _AT, _AT.date(), None
    )
    return Feed(
        guid="tag:sample-feed",
        title=site.title,
        description=site.description or "Articles",
        home_url=at,
        addresses=addresses_of("feed", settings.feeds),
        language=site.language,
        author=site.author,
        zone=site.timezone,
        updated_at=_AT,
        category_scheme=f"{at}/category/",
        articles=[article],
        page_url=f"{at}/feeds/",
    )
