"""Rules that all formats share: addresses, dates, identities, HTML, recordings. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

import lxml.html
from lxml import etree

from hairfeed.feeds.check.finding import ANEW, AT_SOURCE, Finding, Level
from hairfeed.text.characters import without_forbidden
from hairfeed.text.markup import sanitise
from hairfeed.text.web_addresses import absolute_address

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
}
_DAYS, _MONTHS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_RFC_822 = re.compile(rf"(?:(?:{_DAYS}), )?\d{{1,2}} (?:{_MONTHS}) \d{{4}} \d\d:\d\d(?::\d\d)? (?:[+-]\d{{4}}|GMT|UT)")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*")
_UNSAFE = frozenset(["script", "iframe", "frame", "object", "embed", "form", "applet", "base", "meta", "link"])
_ADDRESSES = ("href", "src", "poster", "cite")
_BASE = "https://base.invalid/"
"""A base that no article has."""


def parsed_xml(content: bytes) -> etree._Element | Finding:
    """The root; no entity is followed, and nothing is fetched."""
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        return Finding(f"is no well-formed XML: {error}", ANEW)


def missing(values: Iterable[tuple[str, str | None]], place: str = "") -> Iterator[Finding]:
    """Those of the required values, by name, that say nothing."""
    for name, value in values:
        if not (value or "").strip():
            yield Finding(f"has no {name}", ANEW, place)


def addresses(urls: Iterable[tuple[str, str | None]], place: str = "") -> Iterator[Finding]:
    """Those of the URLs, by name, that are no absolute percent-encoded ones of http or https; an absent one is no fault here."""
    for name, url in urls:
        if url is None:
            continue
        written = absolute_address(url, "")
        if written is None:
            yield Finding(f"{name} {url!r} is no absolute web address", AT_SOURCE, place)
        elif written != url:
            yield Finding(f"{name} {url!r} is not written as URLs are: {written}", AT_SOURCE, place)


def identities(ids: Iterable[str]) -> Iterator[Finding]:
    """Ids that are no URIs, or stand more than once."""
    for id_, count in Counter(ids).items():
        if not _URI.fullmatch(id_):
            yield Finding(f"its id {id_!r} is no URI", ANEW, id_)
        if count > 1:
            yield Finding(f"{count} articles have this id; readers show one of them", "give each article its own guid", id_)


def rfc_822(name: str, text: str | None, place: str = "") -> Iterator[Finding]:
    """What is wrong with a date of RSS or OPML; an absent one is no fault here."""
    if text is None:
        return
    try:
        right = bool(_RFC_822.fullmatch(text)) and (not text[0].isalpha() or f"{parsedate_to_datetime(text):%a}" == text[:3])
        right = right and bool(parsedate_to_datetime(text))
    except ValueError:
        right = False
    if not right:
        yield Finding(f"{name} {text!r} is no date with a zone as RFC 822 has it", ANEW, place)


def rfc_3339(published: str | None, changed: str | None, place: str = "") -> Iterator[Finding]:
    """What is wrong with dates of Atom or JSON Feed; absent ones are no fault here."""
    moments = []
    for text in (published, changed):
        if text is None:
            continue
        moment = _moment(text)
        if moment is None:
            yield Finding(f"{text!r} is no date with a zone as RFC 3339 has it", ANEW, place)
        else:
            moments.append(moment)
    if moments != sorted(moments):
        yield Finding(f"was changed at {changed}, before it was published at {published}", AT_SOURCE, place)


def enclosure(url: str | None, length: str | None, media_type: str | None, place: str, *, must: bool) -> Iterator[Finding]:
    """What is wrong with a recording; `must` says whether its format requires the length, in bytes."""
    yield from missing([("address of its recording", url)], place)
    yield from addresses([("the recording", url or None)], place)
    if not _MEDIA_TYPE.fullmatch(media_type or ""):
        yield Finding(f"its recording has no media type: {media_type!r}", AT_SOURCE, place)
    if length is None and not must:
        yield Finding("the length of its recording is not known", AT_SOURCE, place, Level.WARNING)
    elif not re.fullmatch(r"[0-9]*[1-9][0-9]*", length or ""):
        yield Finding(f"its recording has no length in bytes: {length!r}", AT_SOURCE, place)


def html(content: str | None, place: str) -> list[Finding]:
    """What is wrong with HTML in an article: unsafe, relative or unbalanced."""
    plain = without_forbidden(content or "")
    found = [] if plain == (content or "") else [Finding("has characters that XML forbids", AT_SOURCE, place)]
    if "<" not in plain:
        return found
    try:
        root = lxml.html.fragment_fromstring(plain, create_parent="div")
    except (etree.LxmlError, ValueError) as error:
        return [*found, Finding(f"its HTML cannot be read: {error}", AT_SOURCE, place)]
    for element in root.iter(etree.Element):
        found += _element(element, place)
    if not found and sanitise(plain, _BASE) != plain:
        found.append(
            Finding("its HTML is not balanced or not safe: readers mend it, each its own way", AT_SOURCE, place, Level.WARNING)
        )
    return found


def _element(element: etree._Element, place: str) -> Iterator[Finding]:
    name = str(element.tag)
    if name in _UNSAFE:
        yield Finding(f"its text has <{name}>, which readers drop or warn of", AT_SOURCE, place)
    for attribute in element.attrib:
        if str(attribute).lower().startswith("on"):
            yield Finding(f"its text has a script: {attribute} of <{name}>", AT_SOURCE, place)
    urls = [element.get(attribute) for attribute in _ADDRESSES]
    yield from addresses(
        ((f"<{name}>", url) for url in urls if url is not None and not url.lower().startswith(("mailto:", "tel:"))), place
    )
    candidates = [candidate.split()[0] for candidate in re.split(r",\s+", element.get("srcset", "")) if candidate.strip()]
    yield from addresses(((f"<{name} srcset>", url) for url in candidates), place)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _RFC_3339.fullmatch(text) else None
    except ValueError:
        return None
