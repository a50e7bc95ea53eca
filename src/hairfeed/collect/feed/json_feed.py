"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

import json
from collections.abc import Mapping
from typing import Any

from hairfeed.collect.feed.entries import FeedContent, FeedEntry, entry, filled, items, read_entries, string, tables, web_address
from hairfeed.collect.feed.text import Text, body
from hairfeed.collect.recordings import best, recording
from hairfeed.errors import PageError
from hairfeed.models.articles import Enclosure
from hairfeed.text.web_addresses import absolute_address

_VERSION = "jsonfeed.org/version/"


def json_feed(text: str, url: str) -> FeedContent:
    """The feed in a JSON document.

    Raises:
        PageError: it cannot be read, or is no feed.
    """
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise PageError(f"is JSON that cannot be read ({error}); it may break off") from error
    if not isinstance(feed, dict) or _VERSION not in string(feed, "version") or not isinstance(feed.get("items"), list):
        raise PageError(f"is JSON, but no JSON Feed: that has a version with {_VERSION} and a list of items")
    inherited = _authors(feed)
    found = FeedContent(string(feed, "title"), language=string(feed, "language") or None)
    return read_entries(tables(feed["items"]), lambda item: _entry(item, inherited, url), found)


def _entry(item: Mapping[str, Any], inherited: tuple[str, ...], url: str) -> FeedEntry:
    html, plain = string(item, "content_html"), string(item, "content_text")
    content = Text(html or plain, is_html=bool(html))
    published, updated = string(item, "date_published"), string(item, "date_modified")
    name = string(item, "id")
    link = string(item, "url") or (name if name.startswith(("http://", "https://")) else "")
    return entry(
        upstream_id=name,
        title=" ".join(string(item, "title").split()),
        body=body(content if content.value else None, Text(string(item, "summary"))),
        date_text=published or updated or None,
        updated_text=updated if published and updated else None,
        authors=_authors(item) or inherited,
        topics=filled(string({"tag": tag}, "tag") for tag in items(item.get("tags"))),
        url=web_address(link, url) if link else None,
        enclosure=best(_attachment(one, url) for one in tables(item.get("attachments"))),
    )


def _attachment(fields: Mapping[str, Any], url: str) -> Enclosure | None:
    address = absolute_address(string(fields, "url"), url) if string(fields, "url") else None
    return recording(address, string(fields, "mime_type"), string(fields, "size_in_bytes"), string(fields, "duration_in_seconds"))


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    people = tables(fields.get("authors")) or tables([fields.get("author")])
    return filled(string(person, "name") for person in people)
