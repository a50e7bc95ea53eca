"""JSON Feed 1.1 files (https://www.jsonfeed.org/version/1.1/)."""

import json
from functools import lru_cache
from json.encoder import encode_basestring as _quoted

from hairfeed.feeds.feed import Feed, SoundFeed, body, written
from hairfeed.models.articles import Article, Enclosure

_json = json.JSONEncoder(ensure_ascii=False).encode

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
    items = ",\n".join(_item(article, feed) for article in feed.articles)
    return f'{_json(document)[:-1]}, "items": [\n{items}\n]}}\n'.encode()


def _item(article: Article, feed: Feed) -> str:
    """One line. Nearly all of an article is strings; written by themselves, they take two thirds of an object's time."""
    content, text = ("content_html", body(article, feed)) if feed.is_full else ("content_text", article.summary)
    members = [
        f'"id": {_quoted(article.guid)}, "url": {_quoted(article.url)}, "title": {_quoted(article.title)}',
        # An item needs a content; of a feed of summaries it is the summary.
        f'"{content}": {_quoted(text)}, "summary": {_quoted(article.summary)}',
    ]
    if article.image:
        members.append(f'"image": {_quoted(article.image.url)}')
    members.append(f'"date_published": "{written(feed.zone, article.published_at).rfc3339}"')
    if article.modified_at > article.published_at:
        members.append(f'"date_modified": "{written(feed.zone, article.modified_at).rfc3339}"')
    members.append(f'"authors": {_authors(article.authors)}')
    if article.topics:
        members.append(f'"tags": {_tags(article.topics)}')
    if article.enclosure:
        members.append(f'"attachments": {_json([_attachment(article.enclosure)])}')
    if related := feed.related.get(article.id):
        # An extension is an object.
        items = {"items": [{"title": other.title, "url": other.url} for other in related]}
        members.append(f'"_related": {_json(items)}')
    return f"{{{', '.join(members)}}}"


# Both are kept from one article to the next, which have authors and topics in common.
@lru_cache
def _authors(names: tuple[str, ...]) -> str:
    return _json([{"name": name} for name in names])


@lru_cache
def _tags(topics: tuple[str, ...]) -> str:
    return _json(topics)


def _attachment(enclosure: Enclosure) -> dict[str, str | int]:
    numbers = {"size_in_bytes": enclosure.length, "duration_in_seconds": enclosure.seconds}
    known = {name: number for name, number in numbers.items() if number is not None}
    return {"url": enclosure.url, "mime_type": enclosure.media_type, **known}
