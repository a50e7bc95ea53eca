"""Which feeds people are shown, what they are called and where they are; what leads to them from other pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from hairfeed.feeds.feed import FeedAddresses, FeedKind
from hairfeed.settings.site import Feeds, Site
from hairfeed.shelf import url_of
from hairfeed.store.feed_articles import FeedRow

SITE = ""
"""The path of the feed of all articles."""

MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
"""By format; the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed in one format, as a page offers it to programs (autodiscovery)."""

    type: str
    title: str
    url: str

    @property
    def html(self) -> str:
        """The element for the page's head."""
        attributes = {"rel": "alternate", "type": self.type, "title": self.title, "href": self.url}
        return "<link {}>".format(" ".join(f'{name}="{escape(value)}"' for name, value in attributes.items()))


def kind_of(path: str) -> FeedKind:
    """Whose articles the feed at `path` has."""
    return FeedKind.SITE if path == SITE else FeedKind(path.partition("/")[0])


def is_shown(row: FeedRow, feeds: Feeds) -> bool:
    """Whether readers find this feed; the site's own always."""
    wanted = {FeedKind.SITE: True, FeedKind.CATEGORY: feeds.categories, FeedKind.AUTHOR: feeds.authors}[kind_of(row.path)]
    return row.path == SITE or (wanted and row.present > 0)


def shown_of(rows: Iterable[FeedRow], feeds: Feeds) -> list[FeedRow]:
    """The feeds that readers find: the site's own, categories, authors, each kind by name."""
    return sorted((row for row in rows if is_shown(row, feeds)), key=_order)


def title_of(label: str, site: Site) -> str:
    """What a feed is called everywhere; its label is empty for the site's own."""
    return f"{site.title}: {label}" if label else site.title


def addresses_of(stem: str, feeds: Feeds) -> FeedAddresses:
    """The addresses of a feed or of a document of its archive, by its path without a suffix."""
    return FeedAddresses(*(url_of(f"{stem}.{kind}", feeds) for kind in MEDIA_TYPES))


def offers(title: str, addresses: FeedAddresses) -> list[Offer]:
    """A feed in its three formats. Programs take the first; people who are asked can tell them apart."""
    return [
        Offer(MEDIA_TYPES["rss"], title, addresses.rss),
        Offer(MEDIA_TYPES["atom"], f"{title} (Atom)", addresses.atom),
        Offer(MEDIA_TYPES["json"], f"{title} (JSON Feed)", addresses.json),
    ]


def site_offers(site: Site, feeds: Feeds, others: Iterable[FeedRow] = ()) -> Sequence[Offer]:
    """What a page of the site offers: the feed of all articles first, then those of `others` that are shown, as RSS."""
    return [
        *offers(site.title, addresses_of("feed", feeds)),
        *(
            Offer(MEDIA_TYPES["rss"], title_of(row.label, site), addresses_of(f"{row.path}feed", feeds).rss)
            for row in shown_of(others, feeds)
            if row.path != SITE
        ),
    ]


def _order(row: FeedRow) -> tuple[int, str, str]:
    return [*FeedKind].index(kind_of(row.path)), row.label.casefold(), row.path
