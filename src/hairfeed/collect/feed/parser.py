"""feedparser, which knows the dialects of RSS and Atom, made to read text and nothing else.

It is not asked which text is the article; it neither cleans HTML nor resolves addresses here. What it gets begins at the root
element: no declaration, no DOCTYPE and so no entity of the document's own.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import InputSource

from feedparser.api import LooseFeedParser, StrictFeedParser

from hairfeed.errors import PageError

_LONGEST_BASE = 1000


class _Linear:
    """Three steps of feedparser without what makes their time grow with the square of a text or list.

    Nothing is lost: names are told from mail addresses and topics taken once elsewhere, and no real xml:base is as long.
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


def parsed(xml: str, *, is_sound: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The fields of a feed and of its entries, as feedparser names them; XML that is not sound is read by the loose parser.

    Not by its `parse`, which guesses encodings, keeps entities of the document's own, and may open what looks like a file.

    Raises:
        PageError: it cannot be read.
    """
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


def looks_like_html(text: str) -> bool:
    """Whether a text that may be either is HTML: it has an end tag or a reference, and no tag or entity that HTML does not know."""
    return bool(StrictFeedParser.looks_like_html(text))


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
