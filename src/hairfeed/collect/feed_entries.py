"""The entries of a feed as pages: RSS 0.9x to 2.0 and 1.0, Atom 0.3 and 1.0, JSON Feed, and what passes for them. Pure.

feedparser knows the dialects, but not which text is the article; it neither cleans HTML nor resolves addresses here. What it
gets is always UTF-8 that begins at the root element: no declaration, no DOCTYPE and so no entity of the document's own.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.parsers import expat
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser

from hairfeed.collect.pages import Page
from hairfeed.errors import PageError
from hairfeed.text import markup

# The encodings that are neither Unicode nor Latin-1, by their labels, read as browsers do (Encoding Standard §4.2).
_CODECS = (
    {f"iso-8859-{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("windows-", "cp") for page in (1250, 1251, *range(1253, 1259))}
    | {"iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874"}
    | {"koi8-r": "koi8_r", "koi8-u": "koi8_u", "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac_roman"}
    | {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs"}
    | {"shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp"}
    | {"iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks-c-5601-1987": "cp949"}
)
_LATIN = frozenset({"iso-8859-1", "latin1", "l1", "windows-1252", "cp1252"})
# How a document of two or four bytes a character begins, with a byte order mark or a "<" (XML 1.0 appendix F); longest first.
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
# A byte that is no UTF-8, as "surrogateescape" leaves it, and its character in windows-1252.
_STRAY_BYTES = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
# What XML 1.0 §2.2 forbids: the opposite of what is allowed, because that is much faster.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PROLOG = r"(?:\s|<\?.*?\?>|<!--.*?-->)*+"
_WEB_PAGE = re.compile(_PROLOG + r"<(?:!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?P<name>(?:[A-Za-z_][\w.-]{0,40}:)?(?P<kind>rss|rdf|feed|channel))(?=[\s/>])", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,40})")
_MAGIC = {
    b"\x1f\x8b": "compressed",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}

# feedparser takes up to 0.1 ms a tag, and a fifth of that a reference: this is half a minute, and some ten thousand entries.
_MOST_TAGS = 300_000
_REFERENCES_A_TAG = 5
_PREFIX = re.compile(r"\sxmlns:([^\s=]{1,100})")
_MOST_PREFIXES = 200
_LONGEST_BASE = 1000
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
# CDATA as a whole, to leave it alone, and every ampersand outside.
_REFERENCE = re.compile(_CDATA.pattern + r"|&(?:(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{0,31});)?", re.DOTALL)
_XML_REFERENCES = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"})
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENTRY_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Blogger's mark for what an entry is, not what it is about.
_KIND_SCHEME = "http://schemas.google.com/g/2005#kind"
_JSON_VERSION = "jsonfeed.org/version/"
_BLANK_LINES = re.compile(r"\n\s*\n")
_EMPTY_BRACKETS = re.compile(r"\(\s?\)|<\s?>")
_PERSON_WORD = re.compile(r"[^\s()<>,;]+")

_TAG = re.compile("<[^<>]*>")
_FULL_WORDS = 120
_LONGEST_LINE = 20_000
_LONGEST_ENDING = 800
_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]{2}|[^\\s\u0e00-\u9fff]+"
)
# What feed writers put below a description: WordPress's credit, and links to the rest.
_CREDIT = re.compile(r"\s*\bThe post .{1,400} (?:appeared first|first appeared) on .{1,200}$")
_READ_ON = r"(?:(?:read|learn) more|read on|(?:keep|continue) reading|(?:read|see|view) the (?:full|whole|rest of the) \w+)\b"
_INVITATION = re.compile(
    # A sentence of its own; in brackets; or the last words, which begin with a capital.
    rf"(?:(?:^|(?<=[.!?…\])]))\s*{_READ_ON}[^.!?]{{0,200}}[\s.…»→›>]*"  # noqa: RUF001
    rf"|\s*[\[(](?:{_READ_ON}|more\b)[^\[\]()]{{0,200}}[\])]"
    rf"|\s(?=(?-i:[A-Z])){_READ_ON}[\s.…:»→›>]*)$",  # noqa: RUF001
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))$")


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
    entries: tuple[FeedEntry, ...]
    language: str | None
    """As found: mostly a BCP 47 tag."""
    minutes_to_live: int | None
    """For how long the feed asks not to be fetched again (RSS's ttl)."""
    notes: tuple[str, ...]
    """What had to be mended, each to be read behind the feed's name."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text construct (RFC 4287 §3.1): plain text, or HTML and the xml:base of its links, "" where none is in force."""

    value: str = ""
    is_html: bool = False
    base: str = ""

    def plain(self) -> str:
        """One line for titles and summaries: entities of HTML are decoded once, and what is absurdly long is cut."""
        return markup.strip_markup(self.value[:_LONGEST_LINE]) if self.is_html else " ".join(self.value.split())

    def rough(self) -> str:
        """Very nearly `plain`, at a fraction of its cost."""
        return " ".join((unescape(_TAG.sub(" ", self.value)) if self.is_html else self.value).split())

    def ending(self) -> str:
        """The last of `rough`, enough to see whether it stops short."""
        return _Text(self.value[-2 * _LONGEST_ENDING :], self.is_html).rough()[-_LONGEST_ENDING:]

    def says_the_same(self, other: "_Text") -> bool:
        """Whether it is the same text, whatever its markup."""
        return self.rough().replace(" ", "") == other.rough().replace(" ", "")

    def html(self) -> str:
        """The same as HTML."""
        if self.is_html and self.base:
            # Nothing but the sanitiser makes links absolute, and what it has cleaned once it leaves alone.
            return markup.sanitise(self.value, self.base)
        if self.is_html and markup.has_markup(self.value):
            return self.value
        return _paragraphs(self.value if self.is_html else escape(self.value, quote=False))


@dataclass(frozen=True, slots=True)
class _Body:
    """What an entry says of its article."""

    html: str
    summary: str | None
    is_teaser: bool


def parse_feed(content: bytes, media_type: str, charset: str | None, url: str) -> FeedContent:
    """Read a feed; whatever stands in it, nothing but `content` is read: no file, no network.

    `media_type` and `charset` are those of the answer's Content-Type, `url` is the address that the feed came from. The
    format is told by the content, for servers seldom name it rightly. A byte order mark, the charset and the XML declaration
    name the encoding, in this order (RFC 7303 §3), unless the content is plainly UTF-8.

    Raises:
        PageError: it is no feed; the message says what it looks like.
    """
    text, notes = _decoded(content, charset)
    if not text:
        raise PageError("is empty")
    if text.startswith(("{", "[")):
        return _json_feed(text, notes, url)
    return _xml_feed(text, notes, url, _Origin(content, media_type))


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an error says of content that is no feed."""

    content: bytes
    media_type: str


# Bytes to text.


def _decoded(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    """The text, without byte order mark, outer blanks and what XML forbids; and notes on what was wrong with it."""
    text, notes = _wide_text(content) or _narrow_text(content, charset)
    clean = _NO_XML.sub("", text)
    if clean != text:
        notes.append("has control characters, which were left out")
    return clean.strip().removeprefix("\ufeff").strip(), notes


def _wide_text(content: bytes) -> tuple[str, list[str]] | None:
    codec = next((codec for start, codec in _WIDE.items() if content.startswith(start)), None)
    return (content.decode(codec, "replace"), []) if codec else None


def _narrow_text(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    declared = _DECLARED_ENCODING.search(content, 0, 1024)
    labels = [_label(label) for label in (charset, declared and declared[1].decode("ascii")) if label]
    codec = next((_CODECS[label] for label in labels if label in _CODECS), None)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _legacy_text(content, codec, labels)
    if codec and content.isascii():
        # ISO-2022-JP writes everything in ASCII.
        return content.decode(codec, "replace"), []
    # Text in another encoding is hardly ever valid UTF-8 by chance.
    mislabelled = [label for label in labels[:1] if label not in ("utf-8", "utf8") and not content.isascii()]
    return text, [f"says that it is in {label}, but is in UTF-8" for label in mislabelled]


def _legacy_text(content: bytes, codec: str | None, labels: Sequence[str]) -> tuple[str, list[str]]:
    if codec:
        return content.decode(codec, "replace"), []
    # One page pasted into a feed of UTF-8 must not spoil the others: only what is no UTF-8 is read as windows-1252.
    text = content.decode("utf-8", "surrogateescape").translate(_STRAY_BYTES)
    expected = _LATIN.isdisjoint(labels)
    return text, ["has bytes that are no UTF-8; they were read as windows-1252"] if expected else []


def _label(label: str) -> str:
    return label.strip(" \"'").lower().replace("_", "-")


# RSS and Atom.


def _xml_feed(text: str, notes: list[str], url: str, origin: _Origin) -> FeedContent:
    root = None if _WEB_PAGE.match(text) else _ROOT.search(text)
    if root is None:
        raise PageError(_refusal(text, origin))
    _check_size(_CDATA.sub("", text))
    xml, mended = _mended(text[root.start() :], root["name"])
    is_atom = root["kind"].lower() == "feed"
    feed, items = _parsed(xml)
    # Atom's entries inherit the authors of their feed (RFC 4287 §4.2.1); RSS's managing editor is no author.
    inherited = _authors(feed) if is_atom else ()
    found = [_xml_entry(item, inherited, url, is_atom=is_atom) for item in items]
    entries, doubles = _distinct(found)
    return FeedContent(
        title=_text(feed, "title").plain(),
        entries=entries,
        language=_string(feed, "language") or None,
        minutes_to_live=_minutes(_string(feed, "ttl")),
        notes=(*notes, *mended, *doubles),
    )


def _refusal(text: str, origin: _Origin) -> str:
    found = next((name for start, name in _MAGIC.items() if origin.content.startswith(start)), None)
    element = _ELEMENT.search(text)
    if found is None and _WEB_PAGE.match(text):
        found = "a web page (HTML)"
    elif found is None and origin.content.count(0):
        found = "binary"
    elif found is None:
        found = f"XML or HTML that begins with <{element[1]}>" if element else "plain text"
    served = f", served as {origin.media_type}" if origin.media_type else ""
    return f"is no feed but {found}{served}; give the address of an RSS, Atom or JSON feed"


def _check_size(xml: str) -> None:
    """Raises PageError where feedparser would take minutes: its time grows with the tags, and with the prefixes each looks up."""
    if xml.count("<") + xml.count("&") // _REFERENCES_A_TAG > _MOST_TAGS:
        raise PageError(f"has more than {_MOST_TAGS} tags, or as many references: no feed needs them")
    if len(set(_PREFIX.findall(xml))) > _MOST_PREFIXES:
        raise PageError(f"has more than {_MOST_PREFIXES} prefixes for namespaces: no feed needs them")


def _mended(xml: str, root: str) -> tuple[str, list[str]]:
    """The XML, well-formed if two small mends can make it so, and a note on what was wrong."""
    fault = _fault(xml)
    if fault is None:
        return xml, []
    notes = [f"is no well-formed XML ({fault})"]
    xml = _REFERENCE.sub(_known_reference, xml)
    if _fault(xml) is not None:
        whole = _ended(xml, root)
        if whole is None:
            whole = _cut_off(xml, root)
            notes.append("breaks off; only the entries before are read")
        xml = whole
    return xml, notes


def _fault(xml: str) -> str | None:
    """What is not well-formed in it, with line and column from its root element on."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(xml, True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as error:
        return str(error)
    return None


def _known_reference(found: re.Match[str]) -> str:
    """An ampersand as XML takes it: HTML's entities become characters, what is no reference at all becomes text."""
    reference = found[0]
    if reference.startswith("<") or reference in _XML_REFERENCES:
        return reference
    return escape(_NO_XML.sub("", unescape(reference)), quote=False)


def _ended(xml: str, root: str) -> str | None:
    """The XML without what follows its end; None when its end is missing."""
    end = xml.rfind(f"</{root}")
    return None if end < 0 else f"{xml[:end]}</{root}>"


def _cut_off(xml: str, root: str) -> str:
    """XML that breaks off, ended behind its last whole entry."""
    ends = [found.end() for found in _ENTRY_END.finditer(xml)]
    first = _ENTRY_START.search(xml)
    kept = xml[: ends[-1] if ends else first.start() if first else len(xml)]
    return f"{kept}</channel></{root}>" if root.lower() == "rss" else f"{kept}</{root}>"


class _Linear:
    """Three steps of feedparser without what makes their time grow with the square of a text or list.

    Nothing is lost: `_person` tells names from mail addresses, `_filled` takes each topic once, and no real xml:base is as long.
    """

    baseuri: str
    _get_context: Callable[[], dict[str, Any]]

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if len(self.baseuri) > _LONGEST_BASE:
            self.baseuri = ""
        usable = [(name, value) for name, value in attrs if len(value) <= _LONGEST_BASE or not name.lower().endswith("base")]
        super().unknown_starttag(tag, usable)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()
        people = context.get(f"{key}s")
        if people and not people[-1] and context.get(key):
            people[-1]["name"] = context[key]

    def _add_tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._get_context().setdefault("tags", [])
        if term or scheme or label:
            tags.append({"term": term, "scheme": scheme, "label": label})


class _StrictParser(_Linear, StrictFeedParser):  # type: ignore[misc]
    """feedparser's handler of SAX events."""


class _LooseParser(_Linear, LooseFeedParser):  # type: ignore[misc]
    """feedparser's own reader of what is no XML."""


def _parsed(xml: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The fields of a feed and of its entries, as feedparser names them.

    Not by its `parse`, which guesses encodings, keeps entities of the document's own, and may open what looks like a file.
    """
    is_sound = _fault(xml) is None
    # The base of addresses is ours to know: a guid must not change with the address of its feed.
    parser = _StrictParser("", None, "utf-8") if is_sound else _LooseParser("", None, "utf-8", {})
    # Its own way of both takes as long as all the rest; text.markup does better.
    parser.sanitize_html = parser.resolve_relative_uris = False
    try:
        if is_sound:
            _send_events(xml, parser)
        else:
            parser.feed(xml)
    except Exception as error:  # the loose parser raises whatever it trips over
        raise PageError(f"cannot be read as a feed: {error!r}") from error
    return dict(parser.feeddata), [dict(entry) for entry in parser.entries]


def _send_events(xml: str, parser: Any) -> None:
    reader = make_parser()  # noqa: S317 - there is no DOCTYPE left, so no entity to expand
    reader.setFeature(feature_namespaces, True)  # noqa: FBT003 - it takes no keywords
    reader.setFeature(feature_external_ges, False)  # noqa: FBT003 - nor here
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = InputSource()
    source.setByteStream(BytesIO(xml.encode()))
    source.setEncoding("utf-8")
    reader.parse(source)


def _xml_entry(fields: Mapping[str, Any], inherited: tuple[str, ...], url: str, *, is_atom: bool) -> FeedEntry:
    printed = [date for key in ("published", "created", "updated") if (date := _string(fields, key))]
    updated = _string(fields, "updated")
    title, description = _text(fields, "title"), _text(fields, "summary", url)
    return _entry(
        upstream_id=_string(fields, "id"),
        title=title.plain(),
        body=_body(_content(fields, description, url, is_atom=is_atom), description),
        date_text=printed[0] if printed else None,
        updated_text=updated if updated and len(printed) > 1 else None,
        authors=_authors(fields) or inherited,
        topics=_xml_topics(fields),
        url=_xml_address(fields, url),
    )


def _content(fields: Mapping[str, Any], description: _Text, url: str, *, is_atom: bool) -> _Text | None:
    """The article itself, where the entry has it.

    feedparser takes every second description of an RSS item for content too: a podcast's, an image's caption.
    """
    contents = [_typed(detail, url) for detail in _tables(fields.get("content")) if _is_readable(detail)]
    if not is_atom:
        contents = [content for content in contents if content.is_html and len(content.value) >= len(description.value)]
    return max(contents, key=lambda content: len(content.value), default=None)


def _is_readable(detail: Mapping[str, Any]) -> bool:
    return bool(_string(detail, "value")) and detail.get("type") in _HTML_TYPES | {"text/plain"}


def _text(fields: Mapping[str, Any], key: str, url: str = "") -> _Text:
    value, detail = _string(fields, key), fields.get(f"{key}_detail")
    if isinstance(detail, dict) and _string(detail, "value") == value:
        return _typed(detail, url)
    # A caption inside the entry has replaced the detail of its description, or feedparser took the content for a description.
    return _Text(value, is_html=True)


def _typed(detail: Mapping[str, Any], url: str) -> _Text:
    base = _string(detail, "base")
    return _Text(_string(detail, "value"), detail.get("type") in _HTML_TYPES, (_web_address(base, url) or "") if base else "")


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return _filled(_person(_string(author, "name")) for author in _tables(fields.get("authors")))


def _person(text: str) -> str:
    """The name in RSS's "mail (Name)" or in "Name <mail>"; "" when there is nothing but a mail address."""
    without_mail = _PERSON_WORD.sub(lambda word: "" if "@" in word[0] else word[0], text)
    name = " ".join(_EMPTY_BRACKETS.sub(" ", without_mail).split())
    return name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name


def _xml_topics(fields: Mapping[str, Any]) -> tuple[str, ...]:
    tags = [tag for tag in _tables(fields.get("tags")) if tag.get("scheme") != _KIND_SCHEME]
    return _filled(_string(tag, "label") or _string(tag, "term") for tag in tags)


def _xml_address(fields: Mapping[str, Any], url: str) -> str | None:
    """The page of an entry: before the redirect of a feed service, else its first link to a page, else a guid that is a URL."""
    pages = [link for link in _tables(fields.get("links")) if link.get("rel") == "alternate" and link.get("href")]
    pages.sort(key=lambda link: link.get("type") not in _HTML_TYPES)
    guid = _string(fields, "id")
    is_address = fields.get("guidislink") and guid.startswith(("http://", "https://"))
    written = [_string(fields, "feedburner_origlink"), *(_string(link, "href") for link in pages), guid if is_address else ""]
    return next((address for link in written if link and (address := _web_address(link, url))), None)


def _minutes(text: str) -> int | None:
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004 - 190 years


# JSON Feed.


def _json_feed(text: str, notes: list[str], url: str) -> FeedContent:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/, and 1.0 with its one author)."""
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise PageError(f"is JSON that cannot be read ({error}); it may break off") from error
    if not isinstance(feed, dict) or _JSON_VERSION not in _string(feed, "version") or not isinstance(feed.get("items"), list):
        raise PageError(f"is JSON, but no JSON Feed: that has a version with {_JSON_VERSION} and a list of items")
    inherited = _json_authors(feed)
    entries, doubles = _distinct([_json_entry(item, inherited, url) for item in _tables(feed["items"])])
    return FeedContent(_string(feed, "title"), entries, _string(feed, "language") or None, None, (*notes, *doubles))


def _json_entry(item: Mapping[str, Any], inherited: tuple[str, ...], url: str) -> FeedEntry:
    html, plain = _string(item, "content_html"), _string(item, "content_text")
    content = _Text(html or plain, is_html=bool(html))
    published, updated = _string(item, "date_published"), _string(item, "date_modified")
    name = _string(item, "id")
    link = _string(item, "url") or (name if name.startswith(("http://", "https://")) else "")
    return _entry(
        upstream_id=name,
        title=" ".join(_string(item, "title").split()),
        body=_body(content if content.value else None, _Text(_string(item, "summary"))),
        date_text=published or updated or None,
        updated_text=updated if published and updated else None,
        authors=_json_authors(item) or inherited,
        topics=_filled(_string({"tag": tag}, "tag") for tag in _items(item.get("tags"))),
        url=_web_address(link, url) if link else None,
    )


def _json_authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    people = _tables(fields.get("authors")) or _tables([fields.get("author")])
    return _filled(_string(person, "name") for person in people)


# Alike for all formats.


def _entry(
    *,
    upstream_id: str,
    title: str,
    body: _Body,
    date_text: str | None,
    updated_text: str | None,
    authors: tuple[str, ...],
    topics: tuple[str, ...],
    url: str | None,
) -> FeedEntry:
    page = Page(title=title, html=body.html, date_text=date_text, authors=authors, topics=topics, summary=body.summary, url=url)
    return FeedEntry(upstream_id or url or _hash(title or body.html, date_text), page, updated_text, body.is_teaser)


def _hash(title: str, date_text: str | None) -> str:
    return hashlib.sha256(json.dumps([title, date_text]).encode()).hexdigest()


def _body(content: _Text | None, description: _Text) -> _Body:
    """The article and its summary from an entry's content, if it has one, and its description.

    Full content is a teaser only where it ends as one; a description is, too, when it is short. A description without content
    is both: the article as far as the feed has it and, of a teaser, its summary.
    """
    if content is not None:
        summary = None if description.says_the_same(content) else _summary(description)
        return _Body(content.html(), summary, _is_cut(_without(_CREDIT, content.ending())))
    ending = description.ending()
    is_short = len(_WORD.findall(description.rough())) < _FULL_WORDS
    is_teaser = is_short or _CREDIT.search(ending) is not None or _is_cut(ending)
    return _Body(description.html(), _summary(description) if is_teaser else None, is_teaser)


def _summary(description: _Text) -> str | None:
    return _without(_INVITATION, _without(_CREDIT, description.plain())).strip() or None


def _without(ending: re.Pattern[str], text: str) -> str:
    found = ending.search(text, max(len(text) - _LONGEST_ENDING, 0))
    return text[: found.start()] if found else text


def _is_cut(ending: str) -> bool:
    return bool(_INVITATION.search(ending) or _ELLIPSIS.search(ending))


def _distinct(entries: Iterable[FeedEntry]) -> tuple[tuple[FeedEntry, ...], list[str]]:
    """The entries that say something, the first of each id; and notes on the others."""
    kept: dict[str, FeedEntry] = {}
    notes = []
    for entry in entries:
        if not (entry.page.title or entry.page.html or entry.page.url):
            notes.append("has an entry without title, text and address, which was left out")
        elif kept.setdefault(entry.upstream_id, entry) is not entry:
            notes.append(f"has several entries with the id {entry.upstream_id!r}; the first one counts")
    return tuple(kept.values()), list(dict.fromkeys(notes))


def _paragraphs(html: str) -> str:
    """Lines of text, already escaped, as HTML: a paragraph behind every blank line."""
    pieces = (piece.strip().replace("\n", "<br>") for piece in _BLANK_LINES.split(html.replace("\r\n", "\n")))
    return "".join(f"<p>{piece}</p>" for piece in pieces if piece)


def _web_address(link: str, url: str) -> str | None:
    """The link as an absolute http(s) URL without utm_ parameters; None when it is none."""
    try:
        parts = urlsplit(urljoin(url, link.strip()))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    kept = [field for field in parts.query.split("&") if not field.lower().startswith("utm_")]
    return parts._replace(query="&".join(kept)).geturl()


def _string(fields: Mapping[str, Any], key: str) -> str:
    """A text, or a number as one; "" when there is none: a feed may have anything under any name."""
    value = fields.get(key)
    if isinstance(value, str):
        return _NO_XML.sub("", value).strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> list[dict[str, Any]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _filled(texts: Iterable[str]) -> tuple[str, ...]:
    """Those that say something, each once, in their order."""
    return tuple(dict.fromkeys(filter(None, texts)))
