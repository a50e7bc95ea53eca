"""What feed specifications and validators ask for, in words of our own: each function lists what is wrong with a file.

The rules are those of RSS 2.0, RFC 4287, RFC 5005, OPML 2.0 and the W3C's feed validator, warnings and remarks included.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint

import lxml.html
from lxml import etree

from hairfeed.text.markup import sanitise
from tests.feeds.readers import NAMESPACES

_RSS_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WEB_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(:\d+)?(/([A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*)?")
_PERMANENT = re.compile(r"(tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}|urn:uuid):([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_UNWELCOME = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff\ufdd0-\ufdef]")
_UNSAFE = re.compile(r"<(script|iframe|style|form|input|object|embed|svg|link|meta)\b|\son[a-z]+=|\sstyle=", re.IGNORECASE)
_END_TAG = re.compile(r"</(a|b|p|i|div|title|script|html|body|em|span)>", re.IGNORECASE)
_ENTITY = re.compile(r"&(#?\w+)")

_CHANNEL = ("title", "link", "description")
_ONCE_IN_CHANNEL = {*_CHANNEL, "docs", "generator", "language", "lastBuildDate"} | {
    *("dc:creator", "fh:archive"),
    *("itunes:author", "itunes:image", "itunes:category", "itunes:explicit", "itunes:type", "itunes:owner"),
    *("itunes:new-feed-url", "podcast:guid", "podcast:locked"),
}
_ONCE_IN_ITEM = {"title", "link", "description", "content:encoded", "guid", "pubDate", "enclosure", "media:thumbnail"} | {
    *("itunes:author", "itunes:duration", "itunes:image"),
}
_OF_A_SHOW = ("itunes:image", "itunes:category", "itunes:explicit", "itunes:author")
_ONCE_IN_FEED = {"id", "title", "subtitle", "updated", "generator", "author", "fh:archive"}
_ONCE_IN_ENTRY = {"id", "title", "summary", "content", "published", "updated", "media:thumbnail"}


def faults_of_rss(content: bytes) -> list[str]:
    """What is wrong with an RSS 2.0 file."""
    return list(_rss(content))


def faults_of_atom(content: bytes) -> list[str]:
    """What is wrong with an Atom 1.0 file."""
    return list(_atom(content))


def faults_of_opml(content: bytes) -> list[str]:
    """What is wrong with an OPML 2.0 file."""
    root = etree.fromstring(content)
    faults = [] if (root.tag, root.get("version")) == ("opml", "2.0") else ["no OPML 2.0"]
    faults += [f"no {path}" for path in ("head/title", "body/outline") if root.find(path) is None]
    groups = [outline for outline in root.iter("outline") if len(outline)]
    faults += [f"group of {', '.join(group.attrib)}" for group in groups if [*group.attrib] != ["text"]]
    for outline in (outline for outline in root.iter("outline") if not len(outline)):
        faults += [f"outline without {name}" for name in ("type", "text", "title", "xmlUrl", "htmlUrl") if not outline.get(name)]
        faults += _addresses(outline.get("xmlUrl", ""), outline.get("htmlUrl", ""))
        faults += [fault for name in ("text", "title", "description") for fault in _html(outline.get(name, ""))]
    addresses = [outline.get("xmlUrl") for outline in root.iter("outline") if not len(outline)]
    return faults + _doubled("xmlUrl", addresses) + _rss_dates(root.xpath("//dateModified/text()")) + _characters(content)


def _rss(content: bytes) -> Iterator[str]:
    root = etree.fromstring(content)
    if (root.tag, root.get("version"), len(root)) != ("rss", "2.0", 1):
        yield "no RSS 2.0 with one channel"
    channel = root.find("channel")
    yield from _characters(content)
    yield from (f"channel without {name}" for name in (*_CHANNEL, "language") if not channel.findtext(name))
    yield from _counted(channel, _ONCE_IN_CHANNEL, {"item", "atom:link"})
    yield from _plain_texts(content, channel.xpath("title/text() | description/text() | item/title/text()"))
    yield from _languages([channel.findtext("language", "")])
    yield from _rss_dates(channel.xpath("lastBuildDate/text() | item/pubDate/text()"))
    yield from _links_of_feed(channel, "atom:link")
    yield from _show(channel)
    yield from _doubled("guid", channel.xpath("item/guid/text()"))
    for item in channel.findall("item"):
        yield from _item(item)


def _item(item: etree._Element) -> Iterator[str]:
    yield from _counted(item, _ONCE_IN_ITEM, {"category", "dc:creator", "atom:link"})
    yield from (f"item without {name}" for name in ("title", "description", "link", "guid", "pubDate") if not item.findtext(name))
    guid = item.find("guid")
    if guid.get("isPermaLink") != "false" or not _PERMANENT.fullmatch(guid.text):
        yield f"guid {guid.text} is no permanent one that is no link"
    yield from _html(item.findtext("description", ""))
    body = item.find("content:encoded", NAMESPACES)
    if body is not None:
        if body.getprevious() is None or not body.xpath("preceding-sibling::description"):
            yield "content before description"
        yield from _html(body.text or "")
    yield from (f"category {category.text} without domain" for category in item.findall("category") if not category.get("domain"))
    yield from (f"category {category.text} is empty" for category in item.findall("category") if not (category.text or "").strip())
    for enclosure in item.findall("enclosure"):
        yield from _enclosure(enclosure, "url")
    yield from _addresses(*item.xpath("link/text() | atom:link/@href | media:thumbnail/@url | */@domain", namespaces=NAMESPACES))
    if any(link.get("rel") != "related" for link in item.findall("atom:link", NAMESPACES)):
        yield "a link of an item that is not rel=related"


def _show(channel: etree._Element) -> Iterator[str]:
    if "itunes" not in channel.nsmap:
        return
    yield from (f"a show without {name}" for name in _OF_A_SHOW if channel.find(name, NAMESPACES) is None)
    if channel.findtext("itunes:explicit", "", NAMESPACES) not in {"true", "false"}:
        yield "itunes:explicit is neither true nor false"
    moved_to = channel.findtext("itunes:new-feed-url", None, NAMESPACES)
    if moved_to not in (None, *channel.xpath("atom:link[@rel='self']/@href", namespaces=NAMESPACES)):
        yield f"itunes:new-feed-url {moved_to} is not where the feed is"
    yield from (
        f"itunes:duration {seconds}"
        for seconds in channel.xpath("item/itunes:duration/text()", namespaces=NAMESPACES)
        if not seconds.isdigit()
    )
    yield from _addresses(*channel.xpath("descendant::itunes:image/@href", namespaces=NAMESPACES))
    if not channel.xpath("item/enclosure"):
        yield "a show with nothing to play"


def _atom(content: bytes) -> Iterator[str]:
    root = etree.fromstring(content)
    if root.tag != f"{{{NAMESPACES['atom']}}}feed":
        yield "no Atom feed"
    yield from _characters(content)
    yield from _languages([root.get("{http://www.w3.org/XML/1998/namespace}lang", "")])
    yield from _counted(root, _ONCE_IN_FEED, {"link", "entry"})
    yield from (
        f"feed without {name}" for name in ("id", "title", "updated", "author") if root.find(f"atom:{name}", NAMESPACES) is None
    )
    yield from _links_of_feed(root, "atom:link")
    yield from _doubled("alternate", root.xpath("atom:link[@rel='alternate']/@rel", namespaces=NAMESPACES))
    for name in ("id", "updated"):
        yield from _doubled(name, root.xpath(f"atom:entry/atom:{name}/text()", namespaces=NAMESPACES))
    yield from (f"id {id_}" for id_ in root.xpath("//atom:id/text()", namespaces=NAMESPACES) if not _PERMANENT.fullmatch(id_))
    dates = root.xpath("//atom:updated/text() | //atom:published/text()", namespaces=NAMESPACES)
    yield from (f"date {date}" for date in dates if not _RFC_3339.fullmatch(date) or not datetime.fromisoformat(date).tzinfo)
    plain = root.xpath("//atom:title | //atom:subtitle | //atom:summary", namespaces=NAMESPACES)
    yield from (f"{text.tag} without type=text" for text in plain if text.get("type") != "text")
    yield from _plain_texts(content, [text.text or "" for text in plain])
    for entry in root.findall("atom:entry", NAMESPACES):
        yield from _entry(entry)


def _entry(entry: etree._Element) -> Iterator[str]:
    yield from _counted(entry, _ONCE_IN_ENTRY, {"link", "category", "author"})
    required = ("id", "title", "updated", "published", "summary", "author/atom:name")
    yield from (f"entry without {name}" for name in required if not entry.findtext(f"atom:{name}", "", NAMESPACES))
    links = entry.findall("atom:link", NAMESPACES)
    if [link.get("rel") for link in links].count("alternate") != 1:
        yield "not exactly one alternate"
    yield from (f"link without type: {dict(link.attrib)}" for link in links if not _MEDIA_TYPE.fullmatch(link.get("type", "")))
    for enclosure in (link for link in links if link.get("rel") == "enclosure"):
        yield from _enclosure(enclosure, "href")
    yield from _addresses(*entry.xpath("atom:link/@href | media:thumbnail/@url | */@scheme", namespaces=NAMESPACES))
    for category in entry.findall("atom:category", NAMESPACES):
        yield from (f"category without {name}" for name in ("term", "label", "scheme") if not category.get(name, "").strip())
    for body in entry.findall("atom:content", NAMESPACES):
        if body.get("type") != "html":
            yield f"content of type {body.get('type')}"
        yield from _html(body.text or "")


def _links_of_feed(parent: etree._Element, name: str) -> Iterator[str]:
    links = [(link.get("rel"), link.get("href")) for link in parent.findall(name, NAMESPACES)]
    yield from _addresses(*(href for _, href in links), *parent.xpath("link/text()"))
    relations = [rel for rel, _ in links]
    if relations.count("self") != 1:
        yield "not exactly one link to itself"
    if (parent.find("fh:archive", NAMESPACES) is not None) != ("current" in relations):
        yield "an archive without rel=current, or the other way round"
    yield from (f"relation {rel}" for rel in relations if rel not in {"self", "alternate", "hub", "prev-archive", "current"})


def _counted(parent: etree._Element, once: set[str], often: set[str]) -> Iterator[str]:
    """Elements that stand more than once, and those that have no business there."""
    names = Counter(_short(child) for child in parent)
    yield from (f"{name} {count} times" for name, count in names.items() if name in once and count > 1)
    yield from (f"unexpected {name}" for name in names if name not in once | often)


def _short(element: etree._Element) -> str:
    name = etree.QName(element)
    prefixes = {uri: prefix for prefix, uri in NAMESPACES.items()}
    is_own = name.namespace is None or (name.namespace == NAMESPACES["atom"] and element.getroottree().getroot().tag != "rss")
    return name.localname if is_own else f"{prefixes[name.namespace]}:{name.localname}"


def _enclosure(enclosure: etree._Element, address: str) -> Iterator[str]:
    yield from _addresses(enclosure.get(address, ""))
    length = enclosure.get("length")
    if (length is None and address == "url") or (length is not None and (not length.isdigit() or length == "0")):
        yield f"enclosure of length {length}"
    if not _MEDIA_TYPE.fullmatch(enclosure.get("type", "")):
        yield f"enclosure of type {enclosure.get('type')}"


def _html(content: str) -> list[str]:
    """What is wrong with HTML in a feed: unsafe, unbalanced or relative."""
    if not content.strip():
        return ["empty HTML"]
    faults = [f"unsafe: {match[0]}" for match in _UNSAFE.finditer(content)]
    # A base that no article has: what changes was relative, unbalanced or unsafe.
    if "<" in content and sanitise(content, "https://base.invalid/") != content:
        faults.append(f"HTML that a parser would mend: {content[:80]}")
    if re.search(r"&(?!#\d+;|#x[0-9a-f]+;|\w+;|[\s&<]|$)", content):
        faults.append(f"a stray ampersand: {content[:80]}")
    for element, _, address, _ in lxml.html.fragment_fromstring(content, create_parent="div").iterlinks():
        if not address.startswith(("mailto:", "tel:", "#")):
            faults += [f"{element.tag}: {fault}" for fault in _addresses(address)]
    return faults


def _plain_texts(content: bytes, texts: Iterable[str]) -> Iterator[str]:
    """Plain texts that pass for HTML, unless they are written with numbers for `&` and `<`."""
    lines = [line for line in content.decode().splitlines() if "&#x" not in line]
    for text in texts:
        if _END_TAG.search(text):
            yield f"HTML in a plain text: {text}"
        entities = [name for name in _ENTITY.findall(text) if name in name2codepoint or not name.isalpha()]
        if entities or re.search("<[/a-zA-Z]", text):
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            yield from (f"a plain text that passes for HTML: {text}" for line in lines if f">{escaped}<" in line)


def _characters(content: bytes) -> list[str]:
    declared = [] if content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n") else ["no UTF-8 declared"]
    return declared + [f"unwelcome character {match[0]!r}" for match in _UNWELCOME.finditer(content.decode())]


def _addresses(*addresses: str) -> list[str]:
    return [f"address {address}" for address in addresses if not _WEB_ADDRESS.fullmatch(address)]


def _languages(languages: Iterable[str]) -> list[str]:
    return [f"language {language!r}" for language in languages if not _LANGUAGE.fullmatch(language)]


def _rss_dates(dates: Iterable[str]) -> list[str]:
    faults = [f"date {date}" for date in dates if not _RSS_DATE.fullmatch(date)]
    return faults + [f"weekday of {date}" for date in dates if not faults and f"{parsedate_to_datetime(date):%a}" != date[:3]]


def _doubled(what: str, values: Iterable[str | None]) -> list[str]:
    return [f"{what} {value} {count} times" for value, count in Counter(values).items() if count > 1]
