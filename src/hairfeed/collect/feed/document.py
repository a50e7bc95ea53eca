"""A feed from its bytes: RSS, Atom, JSON Feed, or what it is instead. Pure."""

import re
from dataclasses import replace

from hairfeed.collect.feed.decoding import decoded
from hairfeed.collect.feed.entries import FeedContent
from hairfeed.collect.feed.json_feed import json_feed
from hairfeed.collect.feed.rss_atom import xml_feed
from hairfeed.errors import PageError

_PROLOG = r"(?:\s|<\?.*?\?>|<!--.*?-->)*+"
_WEB_PAGE = re.compile(_PROLOG + r"<(?:!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?P<name>(?:[A-Za-z_][\w.-]{0,40}:)?(?:rss|rdf|feed|channel))(?=[\s/>])", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,40})")
_MAGIC = {
    b"\x1f\x8b": "compressed",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}


def parse_feed(content: bytes, media_type: str, charset: str | None, url: str) -> FeedContent:
    """Read a feed; whatever stands in it, nothing but `content` is read: no file, no network.

    `media_type` and `charset` are those of the answer's Content-Type, `url` is the address that the feed came from. The
    format is told by the content, for servers seldom name it rightly. A byte order mark, the charset and the XML declaration
    name the encoding, in this order (RFC 7303 §3), unless the content is plainly UTF-8.

    Raises:
        PageError: it is no feed; the message says what it looks like.
    """
    text, notes = decoded(content, charset)
    if not text:
        raise PageError("is empty")
    if text.startswith(("{", "[")):
        feed = json_feed(text, url)
    elif not _WEB_PAGE.match(text) and (root := _ROOT.search(text)):
        feed = xml_feed(text[root.start() :], root["name"], url)
    else:
        raise PageError(_refusal(text, content, media_type))
    return replace(feed, notes=(*notes, *feed.notes))


def _refusal(text: str, content: bytes, media_type: str) -> str:
    """Why the content is no feed, and what it looks like."""
    found = next((name for start, name in _MAGIC.items() if content.startswith(start)), None)
    element = _ELEMENT.search(text)
    if found is None and _WEB_PAGE.match(text):
        found = "a web page (HTML)"
    elif found is None and content.count(0):
        found = "binary"
    elif found is None:
        found = f"XML or HTML that begins with <{element[1]}>" if element else "plain text"
    served = f", served as {media_type}" if media_type else ""
    return f"is no feed but {found}{served}; give the address of an RSS, Atom or JSON feed"
