"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

import json
from collections.abc import Iterator
from typing import Any

from hairfeed.feeds.check import rules
from hairfeed.feeds.check.finding import ANEW, Finding, Reading, unreadable
from hairfeed.feeds.json_feed import VERSION_URL

_TEXTS = frozenset(
    ["id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image", "language"]
) | {"date_published", "date_modified"}


def check_json(content: bytes) -> Reading:
    """What is in a JSON Feed file, and what is wrong with it."""
    try:
        feed = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        return unreadable(Finding(f"is no JSON in UTF-8: {error}", ANEW))
    if not isinstance(feed, dict) or feed.get("version") != VERSION_URL:
        return unreadable(Finding("is no JSON Feed 1.1", ANEW))
    items = feed.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return unreadable(Finding("its items are no list of objects", ANEW))
    return Reading(
        [*_feed(feed, items), *(finding for item in items for finding in _item(item))],
        {_text(item, "id") or "": (_text(item, "title") or "", _text(item, "url") or "") for item in items},
        _text(feed, "feed_url"),
        tuple(url for url in [_text(feed, "next_url")] if url),
        len(items),
    )


def _feed(feed: dict[str, Any], items: list[dict[str, Any]]) -> Iterator[Finding]:
    yield from rules.missing([("title", _text(feed, "title"))])
    yield from rules.addresses((name, _text(feed, name)) for name in ("home_page_url", "feed_url", "next_url", "icon", "favicon"))
    yield from rules.addresses(("hub", _text(hub, "url") or "") for hub in _objects(feed, "hubs"))
    yield from rules.identities(_text(item, "id") or "" for item in items)


def _item(item: dict[str, Any]) -> Iterator[Finding]:
    place = _text(item, "id") or _text(item, "title") or "an item without id and title"
    wrong = sorted(name for name in _TEXTS & item.keys() if not isinstance(item[name], str))
    yield from (Finding(f"{name} is no text", ANEW, place) for name in wrong)
    yield from rules.missing([("id", _text(item, "id"))], place)
    yield from rules.missing([("content_html or content_text", _text(item, "content_html") or _text(item, "content_text"))], place)
    yield from rules.addresses(((name, _text(item, name)) for name in ("url", "external_url", "image", "banner_image")), place)
    yield from rules.rfc_3339(_text(item, "date_published"), _text(item, "date_modified"), place)
    yield from rules.html(_text(item, "content_html"), place)
    for one in _objects(item, "attachments"):
        size = one.get("size_in_bytes")
        length = None if size is None else str(size)
        yield from rules.enclosure(_text(one, "url"), length, _text(one, "mime_type"), place, must=False)


def _text(value: dict[str, Any], name: str) -> str | None:
    text = value.get(name)
    return text if isinstance(text, str) else None


def _objects(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
