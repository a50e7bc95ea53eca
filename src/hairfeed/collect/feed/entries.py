"""The entries of a feed as pages, whatever format they came in. Pure."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from hairfeed.collect.faults import contained
from hairfeed.collect.feed.decoding import xml_characters
from hairfeed.collect.feed.text import Body
from hairfeed.collect.pages import Page
from hairfeed.errors import PageFault
from hairfeed.models.articles import Enclosure


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed, as a page.

    The page's title and summary are plain text, its `html` is not sanitised, and its URL is absolute, without utm_ parameters.
    Its date is the text of RSS's pubDate, Atom's published or JSON Feed's date_published, else the one other date that the
    entry has: RSS 1.0 has only dc:date, and Atom (RFC 4287 §4.2.15) requires no date but `updated`.
    """

    upstream_id: str
    """The feed's own name for it (guid, atom:id, id), else its URL, else a hash of title and date."""
    page: Page
    updated_text: str | None
    """The date of its last edit as found; None where that date has to stand in for the page's own."""
    is_teaser: bool
    """The article is elsewhere, at the page's URL: `html` holds no more than its beginning or summary, or nothing."""


@dataclass(frozen=True, slots=True)
class FeedContent:
    """A feed as it was found, its entries in the feed's order."""

    title: str
    entries: tuple[FeedEntry, ...] = ()
    language: str | None = None
    """As found: mostly a BCP 47 tag."""
    minutes_to_live: int | None = None
    """For how long the feed asks not to be fetched again (RSS's ttl)."""
    notes: tuple[str, ...] = ()
    """What had to be mended, each to be read behind the feed's name."""
    faults: tuple[str, ...] = ()
    """Entries that HairFeed stumbled over, in the same way: the feed must be read again."""


def entry(
    *,
    upstream_id: str,
    title: str,
    body: Body,
    date_text: str | None,
    updated_text: str | None,
    authors: tuple[str, ...],
    topics: tuple[str, ...],
    url: str | None,
    enclosure: Enclosure | None,
) -> FeedEntry:
    """The entry that says all this; `upstream_id` may be empty."""
    page = Page(
        title=title,
        html=body.html,
        date_text=date_text,
        authors=authors,
        topics=topics,
        summary=body.summary,
        url=url,
        enclosure=enclosure,
        is_plain=True,
    )
    return FeedEntry(upstream_id or url or _hash(title or body.html, date_text), page, updated_text, body.is_teaser)


def _hash(title: str, date_text: str | None) -> str:
    return hashlib.sha256(json.dumps([title, date_text]).encode()).hexdigest()


def read_entries(found: Iterable[dict[str, Any]], read: Callable[[dict[str, Any]], FeedEntry], feed: FeedContent) -> FeedContent:
    """The feed with the entries found that say something, the first of each id, and with notes on the others."""
    kept: dict[str, FeedEntry] = {}
    notes, faults = list(feed.notes), []
    for number, fields in enumerate(found, start=1):
        try:
            with contained(PageFault, f"entry={number}"):
                one = read(fields)
        except PageFault as fault:
            faults.append(f"has an entry, number {number}, that {fault}")
            continue
        if not (one.page.title or one.page.html or one.page.url):
            notes.append("has an entry without title, text and address, which was left out")
        elif kept.setdefault(one.upstream_id, one) is not one:
            notes.append(f"has several entries with the id {one.upstream_id!r}; the first one counts")
    return replace(feed, entries=tuple(kept.values()), notes=tuple(dict.fromkeys(notes)), faults=tuple(faults))


def web_address(link: str, url: str) -> str | None:
    """The link as an absolute http(s) URL without utm_ parameters; None when it is none."""
    link = link.strip()
    try:
        parts = urlsplit(link)
        if not (parts.scheme and parts.netloc):
            parts = urlsplit(urljoin(url, link))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if "utm_" in parts.query.lower():
        kept = [field for field in parts.query.split("&") if not field.lower().startswith("utm_")]
        parts = parts._replace(query="&".join(kept))
    return parts.geturl()


def string(fields: Mapping[str, Any], key: str) -> str:
    """A text, or a number as one; "" when there is none: a feed may have anything under any name."""
    value = fields.get(key)
    if isinstance(value, str):
        return xml_characters(value).strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def items(value: object) -> list[Any]:
    """A list's items; none of anything else."""
    return value if isinstance(value, list) else []


def tables(value: object) -> list[dict[str, Any]]:
    """Those of a list's items that have fields."""
    return [item for item in items(value) if isinstance(item, dict)]


def filled(texts: Iterable[str]) -> tuple[str, ...]:
    """Those that say something, each once, in their order."""
    return tuple(dict.fromkeys(filter(None, texts)))
