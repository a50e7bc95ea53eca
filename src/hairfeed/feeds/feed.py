"""A feed before it has a format, and what the three formats have in common. Pure."""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, NewType
from zoneinfo import ZoneInfo

from hairfeed.errors import PublishError
from hairfeed.models.articles import Article, Enclosure
from hairfeed.settings.podcast import Podcast
from hairfeed.text.characters import without_forbidden
from hairfeed.text.markup import proof_of, sanitise
from hairfeed.text.web_addresses import absolute_address

_LANGUAGES_RTL = frozenset(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "pnb", "ps", "sd", "syr", "ug", "ur", "yi"])
_SCRIPTS_RTL = frozenset(("Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"))
_SCRIPT = 4
"""Letters of a script's code (RFC 5646 §2.2.3)."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
"""RFC 6838 §4.2."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LIKE_HTML = re.compile(r"<|&[^\s<&]")


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """Where one feed's files are published: absolute URLs."""

    rss: str
    atom: str
    json: str


class FeedKind(StrEnum):
    """Whose articles a feed has."""

    SITE = "site"
    CATEGORY = "category"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Related:
    """An article that another one leads to."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed before it has a format."""

    guid: str
    """The feed's permanent id, a tag: URI (RFC 4151), whatever the format."""
    title: str
    description: str
    """Never empty: RSS requires it."""
    home_url: str
    """The HTML page that the feed belongs to, absolute."""
    addresses: FeedAddresses
    language: str
    """A tag of RFC 5646, like `en` or `pt-BR`."""
    author: str
    """The feed's own author, who also stands in for articles without one."""
    zone: ZoneInfo
    """Dates are written in this zone; the instants are the same."""
    updated_at: datetime
    """The newest significant change, removals included; UTC, and never the clock: the same rows give the same bytes."""
    category_scheme: str
    """The URI that says whose categories these are (RFC 4287 §4.2.2.2), absolute."""
    articles: Sequence[Article]
    """Newest first; all of them are written."""
    related: Mapping[int, Sequence[Related]] = field(default_factory=dict)
    """By an article's id."""
    is_full: bool = True
    """Whether articles come whole, or as their summaries."""
    previous: FeedAddresses | None = None
    """The archive document with what came before (RFC 5005 §4)."""
    archive_of: FeedAddresses | None = None
    """The feed whose archive document this is; None for a feed itself."""
    hubs: tuple[str, ...] = ()
    """WebSub hubs, absolute."""
    stylesheet: str | None = None
    """The CSS that browsers show the XML with, absolute."""
    kind: FeedKind = FeedKind.SITE
    label: str = ""
    """The category or author; empty for the site's own feed."""
    page_url: str = ""
    """The feed's own page for people, absolute."""
    podcast: Podcast | None = None
    """What the operator says of its recordings."""
    podcast_guid: str = ""
    """The feed's permanent id among podcasts, a UUID."""
    has_moved: bool = False
    """Whether it was at another address before."""

    @property
    def direction(self) -> str:
        """How its language is written: `ltr` or `rtl`."""
        return "rtl" if _is_right_to_left(self.language) else "ltr"


SoundFeed = NewType("SoundFeed", Feed)
"""A feed that `publishable` made: the formats take no other."""


def publishable(feed: Feed) -> SoundFeed:
    """The feed with everything fit for XML, JSON and HTML, and with every gap in an article filled, alike for all formats.

    An empty title becomes the article's URL, an empty summary its title, an empty body its summary, and no author the
    feed's. A picture, a recording or a related article without a web address is left out.

    Raises:
        PublishError: the feed has no title, description or author, or two articles share a guid.
        ValueError: an article has no web address; the feed can be built without it.
    """
    _refuse_doubles(feed)
    author = _required(feed.author, f"feed {feed.guid}: its author")
    return SoundFeed(
        replace(
            feed,
            title=_required(feed.title, f"feed {feed.guid}: its title"),
            description=_required(feed.description, f"feed {feed.guid}: its description"),
            author=author,
            articles=[_publishable(article, author) for article in feed.articles],
            related={id_: _publishable_related(related) for id_, related in feed.related.items()},
        )
    )


def body(article: Article, feed: Feed) -> str:
    """The article's HTML as it is written: a feed's direction is that of each of its texts, wherever a reader shows them."""
    if feed.direction == "ltr":
        return article.html
    return f'<div dir="rtl" lang="{feed.language}">{article.html}</div>'


def as_html(text: str) -> str:
    """Plain text for where readers expect HTML: as it is, unless they could misread it."""
    return html.escape(text, quote=False) if _LIKE_HTML.search(text) else text


class WrittenDate(NamedTuple):
    """An instant as the formats write it."""

    local: datetime
    """In the feed's zone, to the second."""
    rfc822: str
    """With a year of four digits (RSS 2.0)."""
    rfc3339: str


@lru_cache(maxsize=4096)
def written(zone: ZoneInfo, moment: datetime) -> WrittenDate:
    """The same instant as it is written: in `zone`, to the second.

    Local mean times, which zones have before about 1900, differ from UTC by odd seconds that neither RFC 822 §5 nor
    RFC 3339 §4.2 can write: such an instant stays in UTC.
    """
    local = moment.astimezone(zone).replace(microsecond=0)
    iso = local.isoformat()
    if len(iso) > len("2024-08-08T12:00:00+02:00"):
        local = local.astimezone(UTC)
        iso = local.isoformat()
    # What email.utils.format_datetime makes of it, in a fifth of the time.
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    return WrittenDate(local, f"{day}, {iso[8:10]} {month} {iso[:4]} {iso[11:19]} {iso[19:22]}{iso[23:]}", iso)


@lru_cache
def _is_right_to_left(language: str) -> bool:
    script = language.partition("-")[2].partition("-")[0].title()
    return script in _SCRIPTS_RTL if len(script) == _SCRIPT else language.partition("-")[0] in _LANGUAGES_RTL


def _refuse_doubles(feed: Feed) -> None:
    """Readers show one of two entries with the same id, or both anew with every poll."""
    counted = Counter(article.guid for article in feed.articles)
    doubled = [guid for guid, count in counted.items() if count > 1]
    if doubled:
        raise PublishError(f"feed {feed.guid}: several articles have the guid {doubled[0]}; give each its own")


def _required(text: str, what: str) -> str:
    plain = _plain(text)
    if not plain:
        raise PublishError(f"{what} is empty; every feed needs one")
    return plain


@lru_cache(maxsize=512)
def _publishable(article: Article, author: str) -> Article:
    # Kept from one feed to the next: an article is in that of the site, of its categories and of its authors.
    url = absolute_address(article.url, "")
    if url is None:
        raise ValueError(f"{article.url!r} is no web address")
    title = _plain(article.title) or url
    summary = _plain(article.summary) or title
    image_url = absolute_address(article.image.url, "") if article.image else None
    # Each field by its name: `replace` takes twice as long.
    return Article(
        id=article.id,
        guid=_plain(article.guid),
        url=url,
        title=title,
        authors=_filled(article.authors) or (author,),
        topics=_filled(article.topics),
        summary=summary,
        html=_sound(article, url) or f"<p>{html.escape(summary, quote=False)}</p>",
        published_at=article.published_at,
        published_on=article.published_on,
        updated_at=article.updated_at,
        image=replace(article.image, url=image_url) if article.image and image_url else None,
        enclosure=_publishable_enclosure(article.enclosure) if article.enclosure else None,
    )


def _sound(article: Article, url: str) -> str:
    """The article's HTML as collecting left it; whatever may have become another since is sanitised."""
    is_proven = article.html_proof == proof_of(article.html)
    return (article.html if is_proven else sanitise(article.html, url)).strip()


def _publishable_enclosure(enclosure: Enclosure) -> Enclosure | None:
    """None where a player could not tell what it is, or where it is."""
    url = absolute_address(enclosure.url, "")
    media_type = enclosure.media_type.partition(";")[0].strip().lower()
    if url is None or not _MEDIA_TYPE.fullmatch(media_type):
        return None
    length, seconds = (number if number and number > 0 else None for number in (enclosure.length, enclosure.seconds))
    return Enclosure(url, media_type, length, seconds)


def _publishable_related(related: Sequence[Related]) -> list[Related]:
    addressed = ((other, absolute_address(other.url, "")) for other in related)
    return [Related(_plain(other.title) or url, url) for other, url in addressed if url]


@lru_cache(maxsize=512)
def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Those that say something, each once, in their order."""
    # Kept from one article to the next, which have authors and topics in common.
    return tuple(dict.fromkeys(filter(None, map(_plain, texts))))


def _plain(text: str) -> str:
    """`text` without what XML 1.0 §2.2 forbids or discourages; nothing takes its place, for U+FFFD is as unwelcome."""
    return without_forbidden(text).strip()
