"""Atom 1.0 (RFC 4287). Pure."""

from collections.abc import Iterator

from lxml import etree

from hairfeed.feeds.check import rules
from hairfeed.feeds.check.finding import ANEW, Finding, Reading, unreadable
from hairfeed.feeds.check.rules import NAMESPACES


def check_atom(content: bytes) -> Reading:
    """What is in an Atom file, and what is wrong with it."""
    root = rules.parsed_xml(content)
    if isinstance(root, Finding):
        return unreadable(root)
    if root.tag != f"{{{NAMESPACES['atom']}}}feed":
        return unreadable(Finding("is no Atom feed", ANEW))
    entries = root.findall("atom:entry", NAMESPACES)
    return Reading(
        [*_feed(root), *(finding for entry in entries for finding in _entry(entry, root))],
        {_text(entry, "id") or "": (_text(entry, "title") or "", next(_links(entry, "alternate"), "")) for entry in entries},
        next(_links(root, "self"), None),
        (*_links(root, "prev-archive"), *_links(root, "current")),
        len(entries),
    )


def _feed(root: etree._Element) -> Iterator[Finding]:
    yield from rules.missing((name, _text(root, name)) for name in ("id", "title", "updated"))
    yield from rules.identities(id_.text or "" for id_ in root.findall("atom:id", NAMESPACES))
    yield from rules.identities(id_.text or "" for id_ in root.findall("atom:entry/atom:id", NAMESPACES))
    yield from rules.rfc_3339(None, _text(root, "updated"))
    yield from rules.addresses((f"link rel={link.get('rel')}", link.get("href", "")) for link in _all_links(root))


def _entry(entry: etree._Element, root: etree._Element) -> Iterator[Finding]:
    place = _text(entry, "id") or _text(entry, "title") or "an entry without id and title"
    yield from rules.missing(((name, _text(entry, name)) for name in ("id", "title", "updated")), place)
    # Its own author or the feed's (§4.1.2).
    yield from rules.missing([("author", _text(entry, "author/atom:name") or _text(root, "author/atom:name"))], place)
    yield from rules.missing([("content or summary", _text(entry, "content") or _text(entry, "summary"))], place)
    if len(list(_links(entry, "alternate"))) != 1:
        yield Finding("has not exactly one link to its page", ANEW, place)
    yield from rules.rfc_3339(_text(entry, "published"), _text(entry, "updated"), place)
    for link in _all_links(entry):
        if link.get("rel") == "enclosure":
            yield from rules.enclosure(link.get("href"), link.get("length"), link.get("type"), place, must=False)
        else:
            yield from rules.addresses([("link", link.get("href", ""))], place)
    yield from rules.addresses((("picture", image.get("url", "")) for image in entry.findall("media:thumbnail", NAMESPACES)), place)
    for name in ("title", "summary", "content"):
        text = entry.find(f"atom:{name}", NAMESPACES)
        if text is not None and text.get("type") == "html":
            yield from rules.html(text.text, place)


def _text(parent: etree._Element, path: str) -> str | None:
    text: str | None = parent.findtext(f"atom:{path}", None, NAMESPACES)
    return text


def _all_links(parent: etree._Element) -> list[etree._Element]:
    return list(parent.findall("atom:link", NAMESPACES))


def _links(parent: etree._Element, relation: str) -> Iterator[str]:
    """A link without a relation is an alternate (§4.2.7.2)."""
    return (link.get("href", "") for link in _all_links(parent) if link.get("rel", "alternate") == relation)
