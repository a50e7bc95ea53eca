"""What a reader finds in a feed file, exactly and alike for the three formats."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from lxml import etree

from hairfeed.feeds.feed import Feed
from tests.feeds.formats import build_atom, build_json, build_rss

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


@dataclass(frozen=True)
class ReadArticle:
    """One article as a reader sees it, in what every format can say."""

    guid: str
    url: str
    title: str
    summary: str
    html: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    published_at: datetime


@dataclass(frozen=True)
class ReadFeed:
    """One feed as a reader sees it, in what every format can say."""

    title: str
    description: str
    home_url: str
    address: str
    language: str
    author: str
    articles: tuple[ReadArticle, ...]


def read_rss(content: bytes) -> ReadFeed:
    """Read RSS 2.0."""
    channel = etree.fromstring(content).find("channel")
    return ReadFeed(
        title=_text(channel, "title"),
        description=_text(channel, "description"),
        home_url=_text(channel, "link"),
        address=_only(channel, "atom:link[@rel='self']/@href"),
        language=_text(channel, "language"),
        author=_text(channel, "dc:creator"),
        articles=tuple(_read_item(item) for item in channel.findall("item")),
    )


def read_atom(content: bytes) -> ReadFeed:
    """Read Atom 1.0."""
    root = etree.fromstring(content)
    return ReadFeed(
        title=_text(root, "atom:title"),
        description=_text(root, "atom:subtitle"),
        home_url=_only(root, "atom:link[@rel='alternate']/@href"),
        address=_only(root, "atom:link[@rel='self']/@href"),
        language=_only(root, "@xml:lang"),
        author=_text(root, "atom:author/atom:name"),
        articles=tuple(_read_entry(entry) for entry in root.findall("atom:entry", NAMESPACES)),
    )


def read_json(content: bytes) -> ReadFeed:
    """Read JSON Feed 1.1."""
    document = json.loads(content)
    articles = [
        ReadArticle(
            guid=item["id"],
            url=item["url"],
            title=item["title"],
            summary=item["summary"],
            html=item["content_html"],
            authors=tuple(author["name"] for author in item["authors"]),
            topics=tuple(item.get("tags", ())),
            published_at=datetime.fromisoformat(item["date_published"]),
        )
        for item in document["items"]
    ]
    return ReadFeed(
        title=document["title"],
        description=document["description"],
        home_url=document["home_page_url"],
        address=document["feed_url"],
        language=document["language"],
        author=document["authors"][0]["name"],
        articles=tuple(articles),
    )


def read_own_id(content: bytes) -> str | None:
    """The id of the feed itself; only Atom has one for every feed."""
    return _text(etree.fromstring(content), "atom:id") if content.startswith(b"<?xml") and b"<feed " in content else None


def read_updates(content: bytes) -> dict[str, datetime]:
    """By an article's id: when it changed last, as Atom and JSON Feed say it; RSS has no word for it."""
    if content.startswith(b"{"):
        items = json.loads(content)["items"]
        return {item["id"]: datetime.fromisoformat(item.get("date_modified", item["date_published"])) for item in items}
    entries = etree.fromstring(content).findall("atom:entry", NAMESPACES)
    return {_text(entry, "atom:id"): datetime.fromisoformat(_text(entry, "atom:updated")) for entry in entries}


ROUND_TRIPS: dict[str, Callable[[Feed], ReadFeed]] = {
    "rss": lambda feed: read_rss(build_rss(feed)),
    "atom": lambda feed: read_atom(build_atom(feed)),
    "json": lambda feed: read_json(build_json(feed)),
}
"""By format: what a reader finds in the file that is built from a feed."""


def _read_item(item: etree._Element) -> ReadArticle:
    return ReadArticle(
        guid=_text(item, "guid"),
        url=_text(item, "link"),
        title=_text(item, "title"),
        # Readers take it for HTML.
        summary=html.unescape(_text(item, "description")),
        html=_text(item, "content:encoded"),
        authors=_texts(item, "dc:creator"),
        topics=_texts(item, "category"),
        published_at=parsedate_to_datetime(_text(item, "pubDate")),
    )


def _read_entry(entry: etree._Element) -> ReadArticle:
    return ReadArticle(
        guid=_text(entry, "atom:id"),
        url=_only(entry, "atom:link[@rel='alternate']/@href"),
        title=_text(entry, "atom:title"),
        summary=_text(entry, "atom:summary"),
        html=_text(entry, "atom:content"),
        authors=_texts(entry, "atom:author/atom:name"),
        topics=tuple(entry.xpath("atom:category/@label", namespaces=NAMESPACES)),
        published_at=datetime.fromisoformat(_text(entry, "atom:published")),
    )


def _text(parent: etree._Element, path: str) -> str:
    return _only(parent, f"{path}/text()")


def _texts(parent: etree._Element, path: str) -> tuple[str, ...]:
    return tuple(str(text) for text in parent.xpath(f"{path}/text()", namespaces=NAMESPACES))


def _only(parent: etree._Element, path: str) -> str:
    """The one text that `path` finds."""
    (found,) = parent.xpath(path, namespaces=NAMESPACES)
    return str(found)
