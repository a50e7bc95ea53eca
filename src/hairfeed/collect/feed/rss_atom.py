"""RSS 0.9x to 2.0 and 1.0, Atom 0.3 and 1.0, and what passes for them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from hairfeed.collect.feed.entries import FeedContent, FeedEntry, entry, filled, read_entries, string, tables, web_address
from hairfeed.collect.feed.mending import check_size, mended
from hairfeed.collect.feed.parser import looks_like_html, parsed
from hairfeed.collect.feed.text import Text, body
from hairfeed.collect.recordings import best, recording
from hairfeed.models.articles import Enclosure
from hairfeed.text.web_addresses import absolute_address

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_READABLE_TYPES = _HTML_TYPES | {"text/plain"}
# Blogger's mark for what an entry is, not what it is about.
_KIND_SCHEME = "http://schemas.google.com/g/2005#kind"
_EMPTY_BRACKETS = re.compile(r"\(\s?\)|<\s?>")
_PERSON_WORD = re.compile(r"[^\s()<>,;]+")


def xml_feed(xml: str, root: str, url: str) -> FeedContent:
    """The feed in XML that begins with its `root` element.

    Raises:
        PageError: it is absurdly large, or cannot be read.
    """
    check_size(xml)
    well_formed = mended(xml, root)
    feed, items = parsed(well_formed.xml, is_sound=well_formed.is_sound)
    is_atom = root.lower().endswith("feed")
    # Atom's entries inherit the authors of their feed (RFC 4287 §4.2.1); RSS's managing editor is no author.
    inherited = _authors(feed, is_atom=is_atom) if is_atom else ()
    found = FeedContent(
        title=_text(feed, "title").plain(),
        language=string(feed, "language") or None,
        minutes_to_live=_minutes(string(feed, "ttl")),
        notes=well_formed.notes,
    )
    return read_entries(items, lambda item: _entry(item, inherited, url, is_atom=is_atom), found)


def _entry(fields: Mapping[str, Any], inherited: tuple[str, ...], url: str, *, is_atom: bool) -> FeedEntry:
    printed = [date for key in ("published", "created", "updated") if (date := string(fields, key))]
    updated = string(fields, "updated")
    title, description = _text(fields, "title"), _text(fields, "summary", url)
    return entry(
        upstream_id=string(fields, "id"),
        title=title.plain(),
        body=body(_content(fields, description, url, is_atom=is_atom), description),
        date_text=printed[0] if printed else None,
        updated_text=updated if updated and len(printed) > 1 else None,
        authors=_authors(fields, is_atom=is_atom) or inherited,
        topics=_topics(fields, is_atom=is_atom),
        url=_address(fields, url),
        enclosure=_recording(fields, url),
    )


def _content(fields: Mapping[str, Any], description: Text, url: str, *, is_atom: bool) -> Text | None:
    """The article itself, where the entry has it.

    feedparser takes every second description of an RSS item for content too: a podcast's, an image's caption.
    """
    readable = [detail for detail in tables(fields.get("content")) if detail.get("type") in _READABLE_TYPES]
    contents = [content for content in (_typed(detail, url) for detail in readable) if content.value]
    if not is_atom:
        contents = [content for content in contents if content.is_html and len(content.value) >= len(description.value)]
    return max(contents, key=lambda content: len(content.value), default=None)


def _text(fields: Mapping[str, Any], key: str, url: str = "") -> Text:
    detail = fields.get(f"{key}_detail")
    if isinstance(detail, dict) and detail.get("value") == fields.get(key):
        return _typed(detail, url)
    # A caption inside the entry has replaced the detail of its description, or feedparser took the content for a description.
    return Text(string(fields, key), is_html=True)


def _typed(detail: Mapping[str, Any], url: str) -> Text:
    base = string(detail, "base")
    return Text(string(detail, "value"), detail.get("type") in _HTML_TYPES, (web_address(base, url) or "") if base else "")


def _authors(fields: Mapping[str, Any], *, is_atom: bool) -> tuple[str, ...]:
    return filled(_person(_line(string(author, "name"), is_atom=is_atom)) for author in tables(fields.get("authors")))


def _line(text: str, *, is_atom: bool) -> str:
    """A name in plain text: RSS does not say whether it is HTML, so that is told as for titles."""
    return Text(text, is_html=not is_atom and looks_like_html(text)).plain()


def _person(text: str) -> str:
    """The name in RSS's "mail (Name)" or in "Name <mail>"; "" when there is nothing but a mail address."""
    without_mail = _PERSON_WORD.sub(lambda word: "" if "@" in word[0] else word[0], text)
    name = " ".join(_EMPTY_BRACKETS.sub(" ", without_mail).split())
    return name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name


def _topics(fields: Mapping[str, Any], *, is_atom: bool) -> tuple[str, ...]:
    tags = [tag for tag in tables(fields.get("tags")) if tag.get("scheme") != _KIND_SCHEME]
    return filled(_line(string(tag, "label") or string(tag, "term"), is_atom=is_atom) for tag in tags)


def _address(fields: Mapping[str, Any], url: str) -> str | None:
    """The page of an entry: before the redirect of a feed service, else its first link to a page, else a guid that is a URL."""
    pages = [link for link in tables(fields.get("links")) if link.get("rel") == "alternate" and link.get("href")]
    pages.sort(key=lambda link: link.get("type") not in _HTML_TYPES)
    guid = string(fields, "id")
    is_address = fields.get("guidislink") and guid.startswith(("http://", "https://"))
    written = [string(fields, "feedburner_origlink"), *(string(link, "href") for link in pages), guid if is_address else ""]
    return next((address for link in written if link and (address := web_address(link, url))), None)


def _recording(fields: Mapping[str, Any], url: str) -> Enclosure | None:
    """Of RSS's enclosures and Atom's links to one: feedparser tells both alike."""
    links = [link for link in tables(fields.get("links")) if link.get("rel") == "enclosure"]
    duration = string(fields, "itunes_duration")
    return best(
        recording(absolute_address(string(link, "href"), url), string(link, "type"), string(link, "length"), duration)
        for link in links
        if link.get("href")
    )


def _minutes(text: str) -> int | None:
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004 - 190 years
