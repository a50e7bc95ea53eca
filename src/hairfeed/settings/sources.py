"""The sections `[sources.NAME]` of the config: where articles come from."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hairfeed.settings.values import Folder, Section, Text, WebAddress, web_address

ADDRESS_PARTS = ("path", "file", "name", "year", "month", "day", "slug", "category", "section")
"""What an address pattern may hold in braces."""
SELECTABLE = ("title", "date", "author", "summary", "image", "body", "topics")
"""The fields of an article for which a web site's config may name a CSS selector."""


def _selectable(field: str) -> str:
    if field not in SELECTABLE:
        raise ValueError(f"{field!r} cannot be selected; there are {', '.join(SELECTABLE)}")
    return field


def _address_pattern(pattern: str) -> str:
    unknown = sorted(set(re.findall(r"{(.*?)}", pattern)) - set(ADDRESS_PARTS))
    if unknown:
        known = ", ".join(f"{{{part}}}" for part in ADDRESS_PARTS)
        raise ValueError(f"{{{unknown[0]}}} is unknown; there are {known}")
    web_address(pattern)
    # Its last slash is part of every address that it makes.
    return pattern


class Source(Section):
    """What all sources have."""

    date_order: Literal["auto", "language", "DMY", "MDY", "YMD"] = "auto"
    """Of dates in numbers: "auto" goes by the days above 12 among them, "language" by the page's language where there are none."""
    mail_backdated_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """An article dated more days than this before it was first seen is not mailed."""
    mail_archive_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Of what is there at the first look, articles dated at most this many days before are mailed; 0 mails none of it."""
    future_days: Annotated[int, Field(ge=0, le=3650)] = 365
    """An article dated more days than this ahead is refused as a slip of the pen."""
    vanish_after: Annotated[int, Field(ge=1, le=100)] = 2
    """Looks in a row without an article after which it leaves the feeds."""
    flood: Annotated[int, Field(ge=1, le=100_000)] = 10
    """More new articles than this in one pass, and than five times the usual, are not mailed until the operator says so."""
    flood_feeds: Literal["publish", "hold"] = "publish"
    """Whether a flood enters the feeds at once, or waits for the operator there too."""


class FolderSource(Source):
    """A folder of `.txt`, `.md` and `.html` pages."""

    type: Literal["folder"]
    path: Folder
    url: Annotated[str, AfterValidator(_address_pattern)] | None = None
    """An article's public address: `{path}` is its path in the folder without the ending, `{file}` with it, `{name}` its
    last part; `{year}`, `{month}` and `{day}` are its date's, `{slug}` is its own or made of its title or name, `{category}`
    its first one, `{section}` its first folder. Without it: as the folder's generator (Jekyll, Hugo, Pelican, Eleventy,
    Astro) makes it, or else the site's address and `{path}`."""

    @property
    def location(self) -> str:
        """Where it is; another place is another archive."""
        return str(self.path)


class NetworkSource(Source):
    """What is fetched."""

    url: WebAddress
    pause: Annotated[float, Field(ge=0, le=60)] = 1
    """Seconds between two requests to one host; a longer Crawl-delay counts."""
    allow_private: bool = False
    """Whether it may be on a private network."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds that one request may take, redirects and all."""
    most_pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Pages fetched in one pass; the others follow in the next."""

    @property
    def location(self) -> str:
        """Where it is; another place is another archive."""
        return self.url


class WebsiteSource(NetworkSource):
    """A web site: its sitemap, or an index page, leads to the articles."""

    type: Literal["website"]
    sitemap: WebAddress | None = None
    """Without it and without `index`: what robots.txt names, else /sitemap.xml."""
    index: WebAddress | None = None
    """A page that links to the articles."""
    links: Text | None = None
    """A pattern that the path of an article's address has, like `/articles/*`."""
    link_selector: Text | None = None
    """A CSS selector of the links on the index page."""
    next_selector: Text | None = None
    """A CSS selector of the link to the next index page; without it: `rel=next`."""
    index_pages: Annotated[int, Field(ge=1, le=1000)] = 10
    selectors: dict[Annotated[str, AfterValidator(_selectable)], Text] = Field(default_factory=dict)
    """CSS selectors that override what is read for a field."""


class FeedSource(NetworkSource):
    """An existing feed: RSS, Atom or JSON Feed."""

    type: Literal["feed"]
    full_text: Literal["auto", "feed", "page"] = "auto"
    """Where an article's text is from: the feed, its page, or the page where the feed has a teaser only."""


AnySource = Annotated[FolderSource | WebsiteSource | FeedSource, Field(discriminator="type")]
