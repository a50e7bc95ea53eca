"""HTML from outside: made safe once, here."""

import hashlib
import re
from collections.abc import Callable
from contextvars import ContextVar
from html import escape

import nh3

from hairfeed import __version__
from hairfeed.text.blocks import BLOCKS, blocks_of, plain_text
from hairfeed.text.characters import clean_line, without_forbidden
from hairfeed.text.web_addresses import SCHEMES, absolute, absolute_candidates

_TAG_REST = r"/?[a-zA-Z][a-zA-Z0-9:-]*(?:\s[^<>]*|/)?>|!--|!\[CDATA\[|!doctype\s|\?xml\s"
_MARKUP = re.compile(f"<(?:{_TAG_REST})", re.IGNORECASE)
_PLAIN_ANGLE = re.compile(f"<(?!{_TAG_REST})", re.IGNORECASE)

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
_LISTS = [
    sorted(BLOCKS | _INLINE),
    sorted(_DROPPED),
    sorted(SCHEMES),
    [(tag, sorted(names)) for tag, names in _ATTRIBUTES.items()],
]
_VERSIONS = (__version__, nh3.__version__)  # type: ignore[attr-defined] # its stub lacks it
_RULES = hashlib.sha256(repr((_VERSIONS, _LISTS)).encode()).digest()
"""What `sanitise` goes by: the versions stand for all that is no list."""
_URL_ATTRIBUTES = frozenset({"href", "src", "cite"})

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
    return "".join(f"<p>{escape(block.text, quote=False)}</p>" for block in blocks_of(cleaned))


def proof_of(html: str) -> str:
    """What is kept beside HTML that `sanitise` made: it fits no other HTML, and no other rules than today's.

    It shows what was changed by another hand or made by another version. It is no signature: whoever writes to the ledger
    can compute it.
    """
    return hashlib.sha256(_RULES + html.encode(errors="surrogatepass")).hexdigest()[:_PROOF]


def strip_markup(text: str) -> str:
    """One clean line of a text that may hold HTML: tags go, entities are decoded once, "a < b" stays."""
    if "<" not in text and "&" not in text:
        return clean_line(text)
    html = _PLAIN_ANGLE.sub("&lt;", without_forbidden(text))
    return clean_line(plain_text(_bare.clean(_without_depth(html))))


def has_markup(text: str) -> bool:
    """Whether something in `text` looks like an HTML tag or comment."""
    return _MARKUP.search(text) is not None


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
        tags=set(BLOCKS | _INLINE),
        clean_content_tags=set(_DROPPED),
        attributes=attributes,
        attribute_filter=attribute_filter,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


_bare = _new_cleaner({})

# One cleaner for all pages: making one takes longer than cleaning a page.
_base_url: ContextVar[str] = ContextVar("base_url")
_cleaner = _new_cleaner(_ATTRIBUTES, lambda _tag, name, value: _attribute(name, value, _base_url.get()))


def _attribute(name: str, value: str, base_url: str) -> str | None:
    if name in _URL_ATTRIBUTES:
        return absolute(value, base_url)
    if name == "srcset":
        return absolute_candidates(value, base_url)
    return value
