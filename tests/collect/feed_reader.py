"""Feeds as they are fetched, and what is read in them."""

import json
from pathlib import Path

from hairfeed.collect.feed.document import parse_feed
from hairfeed.collect.feed.entries import FeedContent, FeedEntry

FEEDS = Path(__file__).parent / "feeds"
URL = "https://combs.example.org/feeds/all.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def read(content: bytes | str, charset: str | None = None) -> FeedContent:
    """What is in a feed that was fetched from URL."""
    return parse_feed(content.encode() if isinstance(content, str) else content, "application/xml", charset, URL)


def read_file(name: str) -> FeedContent:
    """What is in a feed of this folder."""
    return read((FEEDS / name).read_bytes())


def only(feed: FeedContent) -> FeedEntry:
    """The one entry of a feed."""
    (entry,) = feed.entries
    return entry


def rss(items: str) -> str:
    """An RSS feed around items."""
    return f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel><title>Combs</title>{items}</channel></rss>'


def item(elements: str) -> FeedEntry:
    """The RSS item with these elements, as it is read."""
    return only(read(rss(f"<item><title>A comb</title>{elements}</item>")))


def atom_entry(elements: str) -> FeedEntry:
    """The Atom entry with these elements, as it is read."""
    return only(read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Combs</title><entry>{elements}</entry></feed>'))


def json_item(**fields: object) -> FeedEntry:
    """The item of a JSON Feed with these fields, as it is read."""
    return only(read(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Combs", "items": [fields]})))
