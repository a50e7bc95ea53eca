"""HTML from outside: made safe once, here, and turned into plain text."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import nh3
from lxml import etree

from hairfeed import __version__

# What XML 1.0 §2.2 does not allow or advises against (controls, surrogates, noncharacters), and U+FFFD, which only says that a
# character was lost. As the opposite of what is allowed: that is twenty times as fast.
_ALLOWED = "\t\n\r -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc" + "".join(
    f"{chr(plane)}-{chr(plane + 0xFFFD)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(f"[^{_ALLOWED}]")
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
"""Those of ASCII."""
# Invisible: soft hyphen, zero-width characters, direction marks. Not U+200C and U+200D: emoji and several scripts need them.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_TAG_REST = r"/?[a-zA-Z][a-zA-Z0-9:-]*(?:\s[^<>]*|/)?>|!--|!\[CDATA\[|!doctype\s|\?xml\s"
_MARKUP = re.compile(f"<(?:{_TAG_REST})", re.IGNORECASE)
_PLAIN_ANGLE = re.compile(f"<(?!{_TAG_REST})", re.IGNORECASE)

_TEXT_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "figcaption", "caption", "summary", "hr"})
_CLOSE_LINES = frozenset({"li", "tr", "dt", "dd"})
_CONTAINERS = frozenset(
    {"div", "section", "article", "aside", "header", "footer", "blockquote", "figure", "details"}
    | {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot"}
)
_BLOCKS = _TEXT_BLOCKS | _CLOSE_LINES | _CONTAINERS
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "col", "colgroup", "del", "dfn", "em", "i", "img", "ins", "kbd", "mark"}
    | {"picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strong", "sub", "sup", "td", "th", "time"}
    | {"u", "var", "wbr"}
)
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "source": {"srcset", "sizes", "media", "type"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "time": {"datetime"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
}
# Their content is no part of the article, or no HTML at all.
_DROPPED = frozenset(
    {"script", "style", "template", "title", "iframe", "object", "applet", "audio", "video", "canvas", "svg"}
    | {"select", "textarea", "button", "noembed", "noframes"}
)
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_LISTS = [
    sorted(_BLOCKS | _INLINE),
    sorted(_DROPPED),
    sorted(_SCHEMES),
    [(tag, sorted(names)) for tag, names in _ATTRIBUTES.items()],
]
_VERSIONS = (__version__, nh3.__version__)  # type: ignore[attr-defined] # its stub lacks it
_RULES = hashlib.sha256(repr((_VERSIONS, _LISTS)).encode()).digest()
"""What `sanitise` goes by: the versions stand for all that is no list."""
_URL_ATTRIBUTES = frozenset({"href", "src", "cite"})

# Everything that RFC 3986 lets stand in a URL after its authority; brackets are not among it.
_URL_SAFE = "!#$%&'()*+,/:;=?@~"
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# What comes out of here, as most of it goes in.
_IS_WRITTEN = re.compile(
    rf"https?://[a-z0-9_.-]+(?::[1-9]\d{{0,3}})?/(?:[A-Za-z0-9_.\-{_URL_SAFE.replace('%', '')}]|%[0-9A-Fa-f]{{2}})*", re.ASCII
)
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_CANDIDATE = re.compile(r"[\s,]*(?P<url>\S*[^\s,])(?:,|(?P<size>[^,]*))")
_SIZE = re.compile(r"\s*(?:\d+(?:\.\d+)?[wxh]\s*)*")
# A lazy image's placeholder. Exact on what the sanitiser writes: `name="value"`, quotes in values escaped.
_IMAGE_OF_NOTHING = re.compile(r'<img(?: (?!src(?:set)?=)[a-z]+="[^"]*")*>')
# A parser drops a newline right behind this tag: written out, it would lose one more on every reading.
_START_OF_CODE = re.compile(r'(<pre(?: [a-z]+="[^"]*")*>)\n+')
_PROOF = 32
"""Digits of a proof."""
_MOST_PASSES = 6
_DEEPEST = 1000
# Every tag but the void ones and those whose end is often left out.
_NESTING_TAG = re.compile(
    r"<(?P<end>/?)(?!(?:p|li|d[dt]|t[rdh]|thead|tbody|tfoot|colgroup|option|optgroup|br|hr|img|input|wbr|col|link|meta|source|area|embed"
    r"|param|track|base)[\s/>])[a-z]",
    re.IGNORECASE,
)
_ANY_TAG = re.compile("<[^<>]*>?")
_SPACES = re.compile(r"\s+")

_NOT_PROSE = frozenset(
    {"li", "blockquote", "table", "figure", "figcaption", "pre", "dl", "dt", "dd", "aside", "header", "footer", "details"}
)
_ANNOTATIONS = frozenset({"rt", "rp"})
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")  # noqa: RUF001
_EXPONENT = re.compile(r"[+\-−]?\d{1,3}")  # noqa: RUF001
# Before an exponent stands a short number, a letter or a length: 10, R, cm; before the mark of a note, a word, a year or a stop.
_HAS_EXPONENT = re.compile(r"(?:^|[^\w.,])(?:\d{1,2}|[^\W\d]|[kcdmnµ]m|ft)$")
_NOTE_MARK = re.compile(r"[\s\d,;–\-\[\]()*†‡§¶#]*|\[?[a-z]\]?")  # noqa: RUF001


def sanitise(html: str, base_url: str) -> str:
    """Safe, balanced HTML: an article's tags, no scripts, styles, frames or forms, every URL absolute and percent-encoded.

    `base_url` is the page's own http(s) URL. Whatever is cleaned again stays as it is.
    """
    cleaned = _without_depth(without_forbidden(html))
    outer = _base_url.set(base_url)
    try:
        for _ in range(_MOST_PASSES):
            # Taking a tag out can leave HTML that a browser reads in another way: what counts is what it reads in the end.
            before, written = cleaned, _cleaner.clean(cleaned)
            cleaned = _tidied(written if written == before else without_forbidden(written))
            if cleaned == before:
                return cleaned
    finally:
        _base_url.reset(outer)
    return "".join(f"<p>{escape(block.text, quote=False)}</p>" for block in _blocks(cleaned))


def proof_of(html: str) -> str:
    """What is kept beside HTML that `sanitise` made: it fits no other HTML, and no other rules than today's.

    It shows what was changed by another hand or made by another version. It is no signature: whoever writes to the ledger
    can compute it.
    """
    return hashlib.sha256(_RULES + html.encode(errors="surrogatepass")).hexdigest()[:_PROOF]


def plain_text(html: str) -> str:
    """The text of sanitised HTML: one line a block, list item or table row, a blank line between blocks, entities decoded."""
    pieces: list[str] = []
    close = False
    for block in _blocks(html):
        pieces += ["\n" if close and block.is_close else "\n\n", block.text]
        close = block.is_close
    return "".join(pieces[1:])


def paragraphs(html: str) -> list[str]:
    """The prose of sanitised HTML: no lists, quotes, tables, captions, code, or marks of footnotes; lines as they are broken."""
    return [block.text for block in _blocks(html) if block.is_prose]


def clean_line(text: str) -> str:
    """One line of plain text: NFC, without forbidden and invisible characters, a single space between words."""
    visible = _INVISIBLE.sub("", without_forbidden(text))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def strip_markup(text: str) -> str:
    """One clean line of a text that may hold HTML: tags go, entities are decoded once, "a < b" stays."""
    if "<" not in text and "&" not in text:
        return clean_line(text)
    html = _PLAIN_ANGLE.sub("&lt;", without_forbidden(text))
    return clean_line(plain_text(_bare.clean(_without_depth(html))))


def absolute_address(url: str, base_url: str) -> str | None:
    """The web address that `url` means on the page at `base_url`, percent-encoded; None when it means none."""
    address = _absolute(url, base_url)
    return address if address and address.startswith("http") else None


def has_markup(text: str) -> bool:
    """Whether something in `text` looks like an HTML tag or comment."""
    return _MARKUP.search(text) is not None


def without_forbidden(text: str) -> str:
    """The text without the characters that no feed may carry; newlines and tabs stay."""
    if text.isascii():
        # Five times as fast.
        kept = text.encode("ascii").translate(None, _CONTROLS)
        return text if len(kept) == len(text) else kept.decode("ascii")
    return _FORBIDDEN.sub("", text)


def _tidied(html: str) -> str:
    return _START_OF_CODE.sub(r"\1", _IMAGE_OF_NOTHING.sub("", html))


def _without_depth(html: str) -> str:
    """The HTML, or only its text when its tags stand absurdly deep: the parser's time grows with the square of the depth."""
    if html.count("<") <= _DEEPEST:
        return html
    depth = 0
    for tag in _NESTING_TAG.finditer(html):
        depth = max(depth - 1, 0) if tag["end"] else depth + 1
        if depth > _DEEPEST:
            return _ANY_TAG.sub(" ", html)
    return html


def _new_cleaner(
    attributes: dict[str, set[str]], attribute_filter: Callable[[str, str, str], str | None] | None = None
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_BLOCKS | _INLINE),
        clean_content_tags=set(_DROPPED),
        attributes=attributes,
        attribute_filter=attribute_filter,
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )


_bare = _new_cleaner({})

# One cleaner for all pages: making one takes longer than cleaning a page.
_base_url: ContextVar[str] = ContextVar("base_url")
_cleaner = _new_cleaner(_ATTRIBUTES, lambda _tag, name, value: _attribute(name, value, _base_url.get()))


def _attribute(name: str, value: str, base_url: str) -> str | None:
    if name in _URL_ATTRIBUTES:
        return _absolute(value, base_url)
    if name == "srcset":
        return _absolute_candidates(value, base_url)
    return value


def _absolute(url: str, base_url: str) -> str | None:
    """The URL as RFC 3986 writes it, without credentials; None when it is broken or its scheme is not allowed."""
    if _IS_WRITTEN.fullmatch(url):
        return url
    try:
        parts = urlsplit(urljoin(base_url, without_forbidden(url).strip()))
        return _written(parts) if parts.scheme in _SCHEMES else None
    except ValueError:
        return None


def _written(parts: SplitResult) -> str | None:
    if parts.scheme in {"mailto", "tel"}:
        return _quoted(parts.geturl())
    host = _ascii_host(parts.hostname or "")
    if not _HOST.fullmatch(host):
        return None
    authority = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        authority += f":{parts.port}"
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return _quoted(parts._replace(netloc=authority, path=path).geturl())


def _quoted(url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if rest.startswith("//["):
        literal, bracket, tail = rest.partition("]")
        return f"{scheme}:{literal}{bracket}" + quote(_STRAY_PERCENT.sub("%25", tail), safe=_URL_SAFE)
    return scheme + colon + quote(_STRAY_PERCENT.sub("%25", rest), safe=_URL_SAFE)


def _ascii_host(host: str) -> str:
    """The host in the letters of the DNS (RFC 3492), written as browsers read it: a straße is no strasse."""
    labels = unicodedata.normalize("NFKC", host.lower()).replace("。", ".").split(".")
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels)


def _absolute_candidates(srcset: str, base_url: str) -> str | None:
    """The images of a `srcset` (HTML §4.8.4.2.1) that can be fetched; None when there are none."""
    written = []
    for candidate in _CANDIDATE.finditer(srcset):
        url, size = _absolute(candidate["url"], base_url), (candidate["size"] or "").strip()
        if url and _SIZE.fullmatch(size):
            written.append(f"{url.rstrip(',')} {size}".strip())
    return ", ".join(written) or None


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of text that no block interrupts."""

    text: str
    is_close: bool
    """It belongs right under the line before it."""
    is_prose: bool
    """It is a paragraph of the article itself."""


def _blocks(html: str) -> list[_Block]:
    reader = _BlockReader()
    # Inside a div the parser puts no paragraph of its own round bare text.
    etree.fromstring(f"<div>{html}</div>", etree.HTMLParser(target=reader, huge_tree=True))
    return reader.blocks


class _BlockReader:
    """Collects the blocks of sanitised HTML: a target of lxml's parser, called tag by tag."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._raised_from: int | None = None
        self._raised_link = False
        self._in_link = False
        self._annotations = 0
        self._asides = 0
        """Blocks around that hold no prose: what is open is counted, for it may be deep and is asked for at every block."""

    def start(self, tag: str, _attributes: object) -> None:
        if tag in _BLOCKS:
            self._end_block()
            self._open.append(tag)
            self._asides += tag in _NOT_PROSE
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" ")
        elif tag == "sup":
            self._raised_from, self._raised_link = len(self._pieces), self._in_link
        elif tag == "a":
            self._in_link = self._raised_link = True
        self._annotations += tag in _ANNOTATIONS

    def end(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block()
            self._asides -= self._open.pop() in _NOT_PROSE
        elif tag == "sup" and self._raised_from is not None:
            self._end_raised(self._raised_from)
        elif tag == "a":
            self._in_link = False
        self._annotations -= tag in _ANNOTATIONS

    def data(self, text: str) -> None:
        if not self._annotations:
            self._pieces.append(_SPACES.sub(" ", text))

    def close(self) -> None:
        self._end_block()

    def _end_raised(self, start: int) -> None:
        before = self._pieces[start - 1] if start and not self._raised_link else ""
        self._pieces[start:] = [_raised("".join(self._pieces[start:]).strip(), before)]
        self._raised_from = None

    def _end_block(self) -> None:
        if not self._pieces:
            return
        lines = (clean_line(line) for line in "".join(self._pieces).split("\n"))
        if text := "\n".join(line for line in lines if line):
            tag = self._open[-1] if self._open else ""
            self.blocks.append(_Block(text, tag in _CLOSE_LINES, tag == "p" and not self._asides))
        self._pieces.clear()
        self._raised_from = None


def _raised(text: str, before: str) -> str:
    """What a superscript is in plain text: an exponent stays one, the mark of a footnote goes, letters stay."""
    if _EXPONENT.fullmatch(text) and (text[0] in "-−" or _HAS_EXPONENT.search(before)):  # noqa: RUF001
        return text.translate(_RAISED)
    return "" if _NOTE_MARK.fullmatch(text) else text
