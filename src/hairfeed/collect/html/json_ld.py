"""What a page declares of itself in JSON-LD (schema.org), as publishers really write it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from hairfeed.models.articles import LeadImage
from hairfeed.text.characters import without_forbidden

_ARTICLE = re.compile(r"\w*(?:Article|Posting)|MedicalWebPage|Report|Review|Recipe|HowTo|AnalysisNewsArticle")
_PAGE = re.compile(r"WebPage|ItemPage|FAQPage|AboutPage|QAPage|VideoObject|CreativeWork")
_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_DEEPEST = 8
_MOST_NODES = 2000

_Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Declared:
    """The article as its publisher declares it; texts as found, nothing is judged."""

    types: frozenset[str] = frozenset()
    """The types of everything that the page declares."""
    is_article: bool = False
    """One of them is an article, and what follows is that one's."""
    headline: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    summary: str | None = None
    topics: tuple[str, ...] = ()
    images: tuple[LeadImage, ...] = ()
    text: str | None = None
    language: str | None = None
    site_name: str | None = None
    breadcrumb: str | None = None
    """The name of the last step but the page itself."""


def read_declared(scripts: Iterable[str]) -> Declared:
    """The article among all that the page's `application/ld+json` scripts hold; what cannot be read counts for nothing."""
    nodes = [node for script in scripts for value in _values(script) for node in _nodes(value)][:_MOST_NODES]
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str) and len(node) > 1}
    article = _best(nodes, _ARTICLE)
    about = article or _best(nodes, _PAGE) or {}
    page = _best(nodes, _PAGE) or {}
    return Declared(
        types=frozenset(name for node in nodes for name in _types(node)),
        is_article=article is not None,
        headline=_text(about.get("headline")) or (_text(about.get("name")) if article else None),
        authors=tuple(_names(about.get("author") or about.get("creator"), by_id)),
        published=_text(about.get("datePublished")) or _text(page.get("datePublished")) or _text(about.get("dateCreated")),
        modified=_text(about.get("dateModified")) or _text(page.get("dateModified")),
        summary=_text(about.get("description")) or _text(page.get("description")),
        topics=tuple(_texts(about.get("articleSection"))) or tuple(_few(about.get("keywords"))),
        images=tuple(_images(about.get("image") or about.get("primaryImageOfPage") or about.get("thumbnailUrl"), by_id)),
        text=_text(about.get("articleBody")) or _text(about.get("text")),
        language=_text(about.get("inLanguage")) or _text(page.get("inLanguage")),
        site_name=next(iter(_names(about.get("publisher"), by_id)), None) or _site_name(nodes),
        breadcrumb=_breadcrumb(nodes),
    )


def _values(script: str) -> Iterator[Any]:
    """The JSON values of one script: as it stands, else mended, else one after the other."""
    for text in (script, _mended(script), unescape(_mended(script))):
        try:
            yield json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        return
    yield from _values_in_a_row(_mended(script))


def _mended(script: str) -> str:
    return _TRAILING_COMMA.sub("", _COMMENT.sub("", _COMMENT.sub("", script))).strip().rstrip(";")


def _values_in_a_row(text: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(strict=False), text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield value
        place = text.find("{", end)


def _nodes(value: Any, depth: int = 0) -> Iterator[_Node]:
    """Every object that is a thing of its own, outermost first: lists, graphs and main entities are opened."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "isPartOf", "about"):
            if isinstance(value.get(key), dict | list):
                yield from _nodes(value[key], depth + 1)


def _types(node: _Node) -> list[str]:
    stated = node.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return [name.rpartition("/")[2] for name in names if isinstance(name, str)]


def _best(nodes: list[_Node], wanted: re.Pattern[str]) -> _Node | None:
    """The first of a wanted type that has a date, else the first."""
    found = [node for node in nodes if any(wanted.fullmatch(name) for name in _types(node))]
    return next((node for node in found if _text(node.get("datePublished"))), found[0] if found else None)


def _text(value: Any, depth: int = 0) -> str | None:
    """The text that a value is, or holds as `@value` or `name`, or as the first of a list."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return _text(value[0], depth + 1) if value else None
    if isinstance(value, dict):
        return _text(value.get("@value") or value.get("name"), depth + 1)
    if isinstance(value, str):
        return without_forbidden(unescape(value)).strip() or None
    return None


def _texts(value: Any) -> list[str]:
    return [text for item in (value if isinstance(value, list) else [value]) if (text := _text(item))]


def _few(keywords: Any) -> list[str]:
    """Keywords, when they are so few that somebody chose them."""
    words = [word.strip() for text in _texts(keywords) for word in text.split(",") if word.strip()]
    return words if len(words) <= 3 else []  # noqa: PLR2004


def _names(value: Any, by_id: Mapping[str, _Node], depth: int = 0) -> Iterator[str]:
    """The names of persons or organisations, in whatever form they are given; a reference is looked up."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _names(item, by_id, depth + 1)
    elif isinstance(value, dict):
        if "name" in value:
            yield from _names(value["name"], by_id, depth + 1)
        elif referred := _referred(value, by_id):
            yield from _names(referred, by_id, depth + 1)
    elif text := _text(value):
        yield text


def _referred(value: _Node, by_id: Mapping[str, _Node]) -> _Node | None:
    """The thing that a bare reference names."""
    name = value.get("@id")
    found = by_id.get(name) if isinstance(name, str) else None
    return None if found is value else found


def _images(value: Any, by_id: Mapping[str, _Node], depth: int = 0) -> Iterator[LeadImage]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _images(item, by_id, depth + 1)
    elif isinstance(value, dict):
        url = _text(value.get("url")) or _text(value.get("contentUrl"))
        if url:
            alt = _text(value.get("caption")) or ""
            yield LeadImage(url, alt, pixels(value.get("width")), pixels(value.get("height")))
        elif referred := _referred(value, by_id):
            yield from _images(referred, by_id, depth + 1)
    elif text := _text(value):
        yield LeadImage(text)


def pixels(value: object) -> int | None:
    """A length in pixels, as a number or as text like "1200" or "1200px"; None when it is none."""
    if isinstance(value, dict):
        value = value.get("value")
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", str(value), re.ASCII)
    return int(found[1]) or None if found else None


def _site_name(nodes: list[_Node]) -> str | None:
    sites = (node for node in nodes if "WebSite" in _types(node))
    return next((name for node in sites if (name := _text(node.get("name")))), None)


def _breadcrumb(nodes: list[_Node]) -> str | None:
    trail = next((node for node in nodes if "BreadcrumbList" in _types(node)), {}).get("itemListElement")
    steps = [step for step in trail if isinstance(step, dict)] if isinstance(trail, list) else []
    names = [_text(step.get("name")) or _text(step.get("item")) for step in steps]
    # The first step is the home page, the last is the page itself.
    return names[-2] if len(names) > 2 else None  # noqa: PLR2004
