"""JSON Feed 1.1 files (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any

from hairfeed.feeds.feed import Feed, SoundFeed, body, written
from hairfeed.models import Article, Enclosure

_ENCODER = json.JSONEncoder(ensure_ascii=False)

VERSION_URL = "https://jsonfeed.org/version/1.1"


def build_json(feed: SoundFeed) -> bytes:
    """The feed as JSON Feed 1.1: UTF-8, dates as RFC 3339 has them, keys in a fixed order."""
    document = {
        "version": VERSION_URL,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.addresses.json,
        **({"next_url": feed.previous.json} if feed.previous else {}),
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        **({"hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs]} if feed.hubs and not feed.archive_of else {}),
    }
    items = ",\n".join(_json(_item(article, feed)) for article in feed.articles)
    return f'{_json(document)[:-1]}, "items": [\n{items}\n]}}\n'.encode()


def _json(value: dict[str, Any]) -> str:
    # One line each: indented, it would take the slow way through the library.
    return _ENCODER.encode(value)


def _item(article: Article, feed: Feed) -> dict[str, Any]:
    zone = feed.zone
    item: dict[str, Any] = {
        "id": article.guid,
        "url": article.url,
        "title": article.title,
        # An item needs a content; of a feed of summaries it is the summary.
        **({"content_html": body(article, feed)} if feed.is_full else {"content_text": article.summary}),
        "summary": article.summary,
        **({"image": article.image.url} if article.image else {}),
        "date_published": written(zone, article.published_at).rfc3339,
    }
    if article.modified_at > article.published_at:
        item["date_modified"] = written(zone, article.modified_at).rfc3339
    item["authors"] = [{"name": author} for author in article.authors]
    if article.topics:
        item["tags"] = list(article.topics)
    if article.enclosure:
        item["attachments"] = [_attachment(article.enclosure)]
    if related := feed.related.get(article.id):
        # An extension is an object.
        item["_related"] = {"items": [{"title": other.title, "url": other.url} for other in related]}
    return item


def _attachment(enclosure: Enclosure) -> dict[str, str | int]:
    numbers = {"size_in_bytes": enclosure.length, "duration_in_seconds": enclosure.seconds}
    known = {name: number for name, number in numbers.items() if number is not None}
    return {"url": enclosure.url, "mime_type": enclosure.media_type, **known}
