"""Pages for people: what a feed is, its address to copy, what is in it; and what is shown where a feed was.

The templates are Jinja2's, in `templates/web/`: `feed.html` and `gone.html` fill the frame `page.html`, which takes in `style.css`
and `copy.js`. All may use

- `words`: what HairFeed itself says, by the names in `feed_words.py`;
- `site`: `title`, `url`, `language` and what else `[site]` holds; `direction`: `ltr` or `rtl`;
- `feeds_url`: the page with all feeds;
- the filters `date_in_words` (8 August 2024), `cut_at_word` and `csp_hash` (the name of an inline script or style in a Content
  Security Policy), beside Jinja2's own.

`feed.html` may also use

- `feed`: `kind` (`site`, `category`, `author`), `title`, `label`, `description`, `addresses` (`rss`, `atom`, `json`), `page_url`;
- `articles`: the newest few, with `title`, `url`, `summary`, `published_on`;
- `offers`: what the page offers to programs, with `type`, `title`, `url`, the feed itself first;
- `groups`: on the site's page all other feeds, each group with a `name`, that of its word, and `feeds`;
- `opml_url`: all feeds in one file;
- `subscribe_url`: where readers subscribe by mail; None where they cannot.

A name that is none of these is an error. In `.html` everything is escaped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hairfeed.feeds.feed import Feed, FeedKind, SoundFeed, publishable
from hairfeed.feeds.feed_words import WORDS
from hairfeed.feeds.shown import SITE, Offer, addresses_of, offers
from hairfeed.settings import Settings
from hairfeed.shelf import url_of
from hairfeed.templates import TemplateSet, csp_hash
from hairfeed.text.words import cut_at_word, date_in_words

ARTICLES = 10
"""The newest so many are on a page."""


@dataclass(frozen=True, slots=True)
class FeedGroup:
    """Feeds of one kind."""

    name: str
    """That of its word."""
    feeds: Sequence[Feed]


class FeedPages:
    """The pages of a publication's feeds."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is read yet."""
        filters: dict[str, Callable[..., str]] = {"date_in_words": date_in_words, "cut_at_word": cut_at_word, "csp_hash": csp_hash}
        self._templates = TemplateSet(settings.site.templates, "web", filters)
        self._settings = settings

    def feed(self, feed: SoundFeed, shown: Sequence[Feed]) -> bytes:
        """A feed's own page, in UTF-8; `shown` are all feeds, of which the site's page has a list.

        Raises:
            TemplateError: the template is missing or faulty.
            PublishError: one of `shown` has no title, description or author.
        """
        names = {
            "feed": feed,
            "direction": feed.direction,
            "articles": feed.articles[:ARTICLES],
            "offers": self._offers(feed),
            "groups": _groups(shown) if feed.kind == FeedKind.SITE else [],
            "opml_url": f"{self._settings.feeds.url}/feeds.opml",
            "subscribe_url": self._settings.subscribe_page,
        }
        return self._filled("feed.html", names)

    def gone(self, feed: Feed) -> bytes:
        """What a web server may show where a feed was withdrawn, in UTF-8; `feed` is the site's own.

        Raises:
            TemplateError: the template is missing or faulty.
        """
        return self._filled("gone.html", {"direction": feed.direction})

    def _offers(self, feed: Feed) -> list[Offer]:
        """The page's own feed in its formats, for that is what people want who give the page to their reader; then the site's."""
        own = offers(feed.title, feed.addresses)
        site = offers(self._settings.site.title, addresses_of("feed", self._settings.feeds))
        return own if feed.kind == FeedKind.SITE else [*own, site[0]]

    def _filled(self, name: str, names: dict[str, object]) -> bytes:
        common = {"words": WORDS, "site": self._settings.site, "feeds_url": url_of(SITE, self._settings.feeds)}
        return self._templates.fill(name, common | names).encode()


def _groups(shown: Sequence[Feed]) -> list[FeedGroup]:
    names = {FeedKind.CATEGORY: "categories", FeedKind.AUTHOR: "authors"}
    groups = (FeedGroup(name, [publishable(feed) for feed in shown if feed.kind == kind]) for kind, name in names.items())
    return [group for group in groups if group.feeds]
