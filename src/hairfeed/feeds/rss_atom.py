"""RSS 2.0 and Atom 1.0 files, written by feedgen; what feedgen 1.0.0 gets wrong or leaves out is mended here.

feedgen calls an extension with each channel that it has built, and asks each entry for its element: those are built by `_Entry`,
for there feedgen gets too much wrong.
"""

import hashlib
import html
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from hairfeed.feeds import podcast
from hairfeed.feeds.feed import Feed, FeedAddresses, SoundFeed, as_html, body, written
from hairfeed.models.articles import Article, LeadImage
from hairfeed.text.slugs import slug

_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_CREATOR = f"{{{_DUBLIN_CORE}}}creator"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_NUMBERED = {"&": "\ufdd0", "<": "\ufdd1"}
"""Noncharacters that stand for these while the XML is written; no text has them (`without_forbidden`)."""
_FIRST_BYTE = b"\xef"
"""Of both, in UTF-8."""
_TO_THE_SECOND = len("2024-08-08T12:00:00")


def build_rss_and_atom(feed: SoundFeed) -> tuple[bytes, bytes]:
    """The feed as RSS 2.0 (https://www.rssboard.org/rss-specification) and as Atom 1.0 (RFC 4287), in UTF-8.

    RSS has Atom's links (`self` and what leads to archives and hubs) and Dublin Core's authors.
    """
    generator = _generator(feed)
    # One entry serves both formats; unless told, feedgen turns the order round.
    for article in feed.articles:
        generator.add_entry(_Entry(article, feed), order="append")
    _set_links(generator, feed, feed.addresses.rss, "application/rss+xml")
    rss = generator.rss_str(pretty=True)
    _set_links(generator, feed, feed.addresses.atom, "application/atom+xml")
    atom = generator.atom_str(pretty=True)
    return _with_numbers(rss), _with_numbers(atom)


def _generator(feed: Feed) -> Any:
    generator = FeedGenerator()
    generator.id(feed.guid)
    generator.title(_numbered(feed.title))
    generator.description(_numbered(feed.description))
    generator.subtitle(_numbered(feed.description))
    generator.author({"name": feed.author})
    generator.language(feed.language)
    # Without its version: an upgrade alone must not send every reader the feed anew.
    generator.generator("HairFeed")
    # Unless told, feedgen takes the clock.
    generator.updated(written(feed.zone, feed.updated_at).local)
    # feedgen writes RSS dates by switching the locale of the whole process, which no other thread expects, and lastBuildDate
    # cannot be left unset from outside. So it is unset here, and every date of RSS is written below.
    generator._FeedGenerator__rss_lastBuildDate = None
    generator.register_extension("mended_rss", partial(_RssChannel, feed), atom=False)
    generator.register_extension("mended_atom", partial(_AtomFeed, feed), rss=False)
    return generator


def _set_links(generator: Any, feed: Feed, address: str, media_type: str) -> None:
    own = {"href": address, "rel": "self", "type": media_type}
    # feedgen takes the link that was set last for RSS's own, whatever its relation: the page comes last.
    generator.link([own, {"href": feed.home_url, "rel": "alternate", "type": "text/html"}], replace=True)


def _changed_at(article: Article, feed: Feed) -> str:
    """Its last change as Atom writes it, with a fraction of a second that is its own for ever.

    Days without an hour and edits of one pass give several articles the same instant, and a reader that sorts by it has to
    guess. The fraction is no neighbour's business, so no article seems changed when another one comes or goes.
    """
    fraction = int.from_bytes(hashlib.sha256(article.guid.encode()).digest()[:8]) % 1_000_000
    date = written(feed.zone, article.modified_at).rfc3339
    return f"{date[:_TO_THE_SECOND]}.{fraction:06}{date[_TO_THE_SECOND:]}"


def _append(parent: etree._Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    etree.SubElement(parent, name, attributes).text = text


def _links_of(feed: Feed, address: Callable[[FeedAddresses], str], media_type: str) -> Iterator[dict[str, str]]:
    """What a feed leads to beside its page and itself: hubs (WebSub §4) and archive documents (RFC 5005 §4)."""
    for hub in feed.hubs if feed.archive_of is None else ():
        yield {"rel": "hub", "href": hub}
    if feed.previous is not None:
        yield {"rel": "prev-archive", "href": address(feed.previous), "type": media_type}
    if feed.archive_of is not None:
        yield {"rel": "current", "href": address(feed.archive_of), "type": media_type}


def _related_to(article: Article, feed: Feed) -> Iterator[dict[str, str]]:
    for related in feed.related.get(article.id, ()):
        yield {"rel": "related", "href": related.url, "type": "text/html", "title": related.title}


def _add_stylesheet(root: etree._Element, feed: Feed) -> None:
    if feed.stylesheet is not None:
        href = html.escape(feed.stylesheet)
        root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{href}"'))


def _add_thumbnail(parent: etree._Element, image: LeadImage | None) -> None:
    """A picture of an article is a thumbnail: players take Media RSS's content for a recording."""
    if image is not None:
        sizes = {"width": image.width, "height": image.height}
        known = {name: str(size) for name, size in sizes.items() if size is not None and size > 0}
        etree.SubElement(parent, f"{{{_MEDIA}}}thumbnail", {"url": image.url, **known})


def _numbered(text: str) -> str:
    """Plain text whose `&` and `<` will be written as numbers.

    Readers that unescape once too often stop at these; the RSS Board's profile therefore asks for them.
    """
    return text.replace("&", _NUMBERED["&"]).replace("<", _NUMBERED["<"])


def _with_numbers(xml: bytes) -> bytes:
    # One byte is looked for many times as fast as three.
    if _FIRST_BYTE not in xml:
        return xml
    return xml.replace(_NUMBERED["&"].encode(), b"&#x26;").replace(_NUMBERED["<"].encode(), b"&#x3C;")


def _namespaces(feed: Feed) -> dict[str, str]:
    """What both formats declare beside their own, as far as it is used."""
    pictured = any(article.image for article in feed.articles)
    return ({"fh": _HISTORY} if feed.archive_of else {}) | ({"media": _MEDIA} if pictured else {})


class _RssChannel:
    """Mends the channel of an RSS feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares."""
        return {"dc": _DUBLIN_CORE} | _namespaces(self._feed) | (podcast.namespaces(self._feed))

    def extend_rss(self, rss: etree._Element) -> None:
        """Called when the channel is complete but for its items."""
        _add_stylesheet(rss, self._feed)
        channel = rss.find("channel")
        # See _generator.
        _append(channel, "lastBuildDate", written(self._feed.zone, self._feed.updated_at).rfc822)
        # feedgen drops an author who has no mail address.
        _append(channel, _CREATOR, self._feed.author)
        # feedgen writes no link of Atom's but `self`.
        for link in _links_of(self._feed, lambda addresses: addresses.rss, "application/rss+xml"):
            etree.SubElement(channel, f"{{{_ATOM}}}link", link)
        if self._feed.archive_of is not None:
            etree.SubElement(channel, f"{{{_HISTORY}}}archive")
        podcast.add_show(channel, self._feed)


class _AtomFeed:
    """Mends an Atom feed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that the root declares."""
        return _namespaces(self._feed)

    def extend_atom(self, root: etree._Element) -> None:
        """Called when the feed is complete but for its entries."""
        _add_stylesheet(root, self._feed)
        # feedgen cannot say that a title is plain text; left unsaid, one that speaks of <b> passes for HTML.
        for name in ("title", "subtitle"):
            root.find(name).set("type", "text")
        # feedgen knows none of these relations.
        for link in _links_of(self._feed, lambda addresses: addresses.atom, "application/atom+xml"):
            etree.SubElement(root, "link", link)
        if self._feed.archive_of is not None:
            etree.SubElement(root, f"{{{_HISTORY}}}archive")


class _Entry(FeedEntry):  # type: ignore[misc] # feedgen has no types
    """An article, in the places that feedgen has for its own entries."""

    def __init__(self, article: Article, feed: Feed) -> None:
        # Not feedgen's: that is for what its own two methods write, and looks at the clock.
        self._article = article
        self._feed = feed

    def register_extension(self, *_: object) -> None:
        """The generator's extensions are its own: an entry needs none."""

    def rss_entry(self, extensions: bool = True) -> etree._Element:  # noqa: FBT001, FBT002, ARG002 - feedgen's own signature
        """The item of RSS."""
        article, feed = self._article, self._feed
        item = etree.Element("item")
        _append(item, "title", _numbered(article.title))
        _append(item, "link", article.url)
        # feedgen would let the content take its place.
        _append(item, "description", _numbered(as_html(article.summary)))
        if feed.is_full:
            _append(item, _ENCODED, body(article, feed))
        _append(item, "guid", article.guid, {"isPermaLink": "false"})
        for topic in article.topics:
            _append(item, "category", topic, {"domain": feed.category_scheme})
        # See _generator.
        _append(item, "pubDate", written(feed.zone, article.published_at).rfc822)
        # feedgen drops an author who has no mail address.
        for author in article.authors:
            _append(item, _CREATOR, author)
        for link in _related_to(article, feed):
            etree.SubElement(item, f"{{{_ATOM}}}link", {name: _numbered(value) for name, value in link.items()})
        _add_thumbnail(item, article.image)
        enclosure = article.enclosure
        # RSS requires the length: none is better than a wrong one.
        if enclosure is not None and enclosure.length is not None:
            attributes = {"url": enclosure.url, "length": str(enclosure.length), "type": enclosure.media_type}
            etree.SubElement(item, "enclosure", attributes)
        podcast.add_episode(item, article, feed)
        return item

    def atom_entry(self, extensions: bool = True) -> etree._Element:  # noqa: FBT001, FBT002, ARG002
        """The entry of Atom."""
        article, feed = self._article, self._feed
        entry = etree.Element("entry")
        _append(entry, "id", article.guid)
        # See _AtomFeed.
        _append(entry, "title", _numbered(article.title), {"type": "text"})
        _append(entry, "updated", _changed_at(article, feed))
        for author in article.authors:
            _append(etree.SubElement(entry, "author"), "name", author)
        if feed.is_full:
            _append(entry, "content", body(article, feed), {"type": "html"})
        # feedgen loses every attribute of an entry's link but the address (its issue 135).
        etree.SubElement(entry, "link", href=article.url, rel="alternate", type="text/html")
        _append(entry, "summary", _numbered(article.summary), {"type": "text"})
        for topic in article.topics:
            etree.SubElement(entry, "category", term=slug(topic), scheme=feed.category_scheme, label=topic)
        for link in _related_to(article, feed):
            etree.SubElement(entry, "link", link)
        if enclosure := article.enclosure:
            length = {"length": str(enclosure.length)} if enclosure.length is not None else {}
            attributes = {"rel": "enclosure", "href": enclosure.url, "type": enclosure.media_type, **length}
            etree.SubElement(entry, "link", attributes)
        _add_thumbnail(entry, article.image)
        # feedgen would hand this date on to RSS, and so to the locale: see _generator.
        _append(entry, "published", written(feed.zone, article.published_at).rfc3339)
        return entry
