"""RSS 2.0 and Atom 1.0 files, written by feedgen; what feedgen 1.0.0 gets wrong or leaves out is mended here.

feedgen calls an extension with each element that it has built; the classes at the end are such extensions.
"""

import hashlib
import html
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from hairfeed.feeds import podcast
from hairfeed.feeds.feed import Feed, FeedAddresses, as_html, body, publishable, written_in
from hairfeed.models import Article, LeadImage
from hairfeed.text.slugs import slug

_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_MENDED = "mended"
"""The name under which feedgen keeps our extensions."""
_PLAIN_TEXT = re.compile(b"<(?:title|subtitle|summary|description|atom:link)[ >][^<]*")


def build_rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0, in UTF-8: https://www.rssboard.org/rss-specification, with Atom's `self` link and Dublin Core's authors.

    Raises:
        PublishError: the feed has no title, description or author, or two articles share a guid.
        ValueError: an article has no web address.
    """
    feed = publishable(feed)
    generator = _generator(feed, feed.addresses.rss, "application/rss+xml")
    # feedgen writes RSS dates by switching the locale of the whole process, which no other thread expects, and lastBuildDate
    # cannot be left unset from outside. So it is unset here, and the extensions write every date of RSS.
    generator._FeedGenerator__rss_lastBuildDate = None
    generator.register_extension(_MENDED, partial(_RssChannel, feed))
    _add_entries(generator, feed, _RssItem)
    return _with_numbers(generator.rss_str(pretty=True))


def build_atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0 (RFC 4287), in UTF-8.

    Raises:
        PublishError: the feed has no title, description or author, or two articles share a guid.
        ValueError: an article has no web address.
    """
    feed = publishable(feed)
    generator = _generator(feed, feed.addresses.atom, "application/atom+xml")
    generator.register_extension(_MENDED, partial(_AtomFeed, feed))
    _add_entries(generator, feed, _AtomEntry)
    return _with_numbers(generator.atom_str(pretty=True))


def _generator(feed: Feed, address: str, media_type: str) -> Any:
    generator = FeedGenerator()
    generator.id(feed.guid)
    generator.title(feed.title)
    generator.description(feed.description)
    generator.subtitle(feed.description)
    generator.author({"name": feed.author})
    generator.language(feed.language)
    # Without its version: an upgrade alone must not send every reader the feed anew.
    generator.generator("HairFeed")
    # Unless told, feedgen takes the clock.
    generator.updated(written_in(feed.zone, feed.updated_at))
    generator.link(href=address, rel="self", type=media_type)
    # feedgen takes the link that was set last for RSS's own, whatever its relation: the page comes last.
    generator.link(href=feed.home_url, rel="alternate", type="text/html")
    return generator


def _add_entries(generator: Any, feed: Feed, extension: Callable[[Feed, Article], object]) -> None:
    for article in feed.articles:
        entry = _entry(article, feed)
        entry.register_extension(_MENDED, partial(extension, feed, article))
        # Unless told, feedgen turns the order round.
        generator.add_entry(entry, order="append")


def _entry(article: Article, feed: Feed) -> Any:
    entry = FeedEntry()
    entry.guid(article.guid, permalink=False)
    entry.title(article.title)
    entry.link(href=article.url, rel="alternate")
    # With content, always a summary: without one feedgen puts the content into RSS's description.
    entry.summary(article.summary, type="text")
    if feed.is_full:
        entry.content(body(article, feed), type="html")
    # Unless told, feedgen takes the clock.
    entry.updated(_changed_at(article, feed))
    for topic in article.topics:
        entry.category(term=slug(topic), scheme=feed.category_scheme, label=topic)
    entry.author([{"name": author} for author in article.authors])
    return entry


def _changed_at(article: Article, feed: Feed) -> datetime:
    """Its last change, with a fraction of a second that is its own for ever.

    Days without an hour and edits of one pass give several articles the same instant, and a reader that sorts by it has to
    guess. The fraction is no neighbour's business, so no article seems changed when another one comes or goes.
    """
    fraction = int.from_bytes(hashlib.sha256(article.guid.encode()).digest()[:8]) % 1_000_000
    return written_in(feed.zone, article.modified_at).replace(microsecond=fraction)


def _append(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


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


def _with_numbers(xml: bytes) -> bytes:
    """The same XML with numbers for `&` and `<` in plain texts.

    Readers that unescape once too often stop at these; the RSS Board's profile therefore asks for them.
    """
    return _PLAIN_TEXT.sub(lambda match: match[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;"), xml)


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
        # See build_rss.
        _append(channel, "lastBuildDate", format_datetime(written_in(self._feed.zone, self._feed.updated_at)))
        # feedgen drops an author who has no mail address.
        _append(channel, f"{{{_DUBLIN_CORE}}}creator", self._feed.author)
        # feedgen writes no link of Atom's but `self`.
        for link in _links_of(self._feed, lambda addresses: addresses.rss, "application/rss+xml"):
            etree.SubElement(channel, f"{{{_ATOM}}}link", link)
        if self._feed.archive_of is not None:
            etree.SubElement(channel, f"{{{_HISTORY}}}archive")
        podcast.add_show(channel, self._feed)


class _RssItem:
    """Mends an item of an RSS feed."""

    def __init__(self, feed: Feed, article: Article) -> None:
        self._feed = feed
        self._article = article

    def extend_rss(self, item: etree._Element) -> None:
        """Called when the item is complete."""
        item.find("description").text = as_html(self._article.summary)
        # See build_rss.
        _append(item, "pubDate", format_datetime(written_in(self._feed.zone, self._article.published_at)))
        # feedgen drops an author who has no mail address.
        for author in self._article.authors:
            _append(item, f"{{{_DUBLIN_CORE}}}creator", author)
        for link in _related_to(self._article, self._feed):
            etree.SubElement(item, f"{{{_ATOM}}}link", link)
        _add_thumbnail(item, self._article.image)
        self._add_enclosure(item)
        podcast.add_episode(item, self._article, self._feed)

    def _add_enclosure(self, item: etree._Element) -> None:
        enclosure = self._article.enclosure
        # RSS requires the length: none is better than a wrong one.
        if enclosure is not None and enclosure.length is not None:
            attributes = {"url": enclosure.url, "length": str(enclosure.length), "type": enclosure.media_type}
            etree.SubElement(item, "enclosure", attributes)


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


class _AtomEntry:
    """Mends an entry of an Atom feed."""

    def __init__(self, feed: Feed, article: Article) -> None:
        self._feed = feed
        self._article = article

    def extend_atom(self, entry: etree._Element) -> None:
        """Called when the entry is complete."""
        # feedgen loses every attribute of an entry's link but the address (its issue 135).
        entry.find("link").attrib.update({"rel": "alternate", "type": "text/html"})
        # See _AtomFeed.
        entry.find("title").set("type", "text")
        for link in _related_to(self._article, self._feed):
            etree.SubElement(entry, "link", link)
        if enclosure := self._article.enclosure:
            length = {"length": str(enclosure.length)} if enclosure.length is not None else {}
            attributes = {"rel": "enclosure", "href": enclosure.url, "type": enclosure.media_type, **length}
            etree.SubElement(entry, "link", attributes)
        _add_thumbnail(entry, self._article.image)
        # feedgen would hand this date on to RSS, and so to the locale: see build_rss.
        _append(entry, "published", written_in(self._feed.zone, self._article.published_at).isoformat())
