"""An HTML page as a tree, with what its head states and the plain questions that every reader of it asks."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin

from cssselect import SelectorError
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector
from lxml.etree import ErrorTypes, ParserError, XPathError

from hairfeed.collect.html.json_ld import Declared, read_declared
from hairfeed.errors import PageError
from hairfeed.text.characters import without_forbidden

SELECTABLE = frozenset({"title", "date", "author", "summary", "image", "body", "topics"})
"""The fields that a source's config may point at with a CSS selector."""

_ELSEWHERE_TAGS = frozenset({"nav", "aside", "form"})
_REFERENCE = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<decimal>[0-9]{1,9}));?")
# What a theme calls the parts of a page that belong to other articles, to readers or to the site.
_ELSEWHERE = re.compile(
    r"(?<!has)(?<!with)(?<!no)(?:^|[-_\s])(?:related|recommend(?:ed|ations?)?|sidebar|comments?|widgets?|promo|teasers?|popular|latest"
    r"|trending|more-(?:from|stories|news|posts|articles)|read-(?:more|next)|also-(?:like|read)|newsletter|footer|foot|breadcrumbs?"
    r"|nav(?:igation|bar)?|menu|respond|outbrain|taboola|cookie|banner|copyright|next-?post|prev-?post|carousel)(?:$|[-_\s])",
    re.IGNORECASE,
)
_OF_ARTICLE = re.compile(r"(?:^|[-_\s])(?:post|entry|article)[-_]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """A page as read. `metas` are the contents of its `<meta>` by lower-case name; `declared` is what its JSON-LD says."""

    root: lxml_html.HtmlElement
    url: str | None
    metas: Mapping[str, tuple[str, ...]]
    declared: Declared
    selectors: Mapping[str, str]

    @property
    def base_url(self) -> str:
        """What its relative addresses are relative to (HTML §4.2.3); "" when nothing tells."""
        own = self.url or first(self.root.xpath("//link[@rel='canonical']/@href")) or self.meta("og:url") or ""
        stated = first(self.root.xpath("//base/@href"))
        return (absolute(own, stated) or own) if stated else own

    def meta(self, *names: str) -> str | None:
        """The first content of the first of `names` that has one."""
        return next((value for name in names for value in self.metas.get(name, ())), None)

    def selected(self, field: str) -> list[lxml_html.HtmlElement]:
        """The elements that the source's config names for a field; none when it names no selector."""
        selector = self.selectors.get(field)
        return _select(self.root, field, selector) if selector else []


def read_document(text: str, url: str | None, selectors: Mapping[str, str] | None) -> Document:
    """Parse a page.

    Raises:
        PageError: it is empty, nests its tags too deep, or a selector cannot be used.
    """
    chosen = dict(selectors or {})
    for field, selector in chosen.items():
        if field not in SELECTABLE:
            raise PageError(f"has a selector for {field!r}, which is no field; the fields are {', '.join(sorted(SELECTABLE))}")
        _compiled(field, selector)
    root = _tree(text)
    return Document(root, url, _metas(root), read_declared(_scripts(root)), chosen)


def first(values: list[str]) -> str | None:
    """The first that is more than white space, stripped."""
    return next((str(value).strip() for value in values if value.strip()), None)


def line_of(element: lxml_html.HtmlElement) -> str:
    """The text of an element, a single space between words."""
    return " ".join(element.text_content().split())


def value_of(element: lxml_html.HtmlElement) -> str:
    """What an element states: its `content` or `datetime`, else its text."""
    return (element.get("content") or element.get("datetime") or line_of(element)).strip()


def absolute(base_url: str, url: str) -> str | None:
    """The address seen from `base_url`; None when it is broken."""
    try:
        return urljoin(base_url, url.strip())
    except ValueError:
        return None


def is_elsewhere(element: lxml_html.HtmlElement) -> bool:
    """Whether it stands in a part of the page that is not about this article: navigation, related articles, comments."""
    for around in (element, *element.iterancestors()):
        if around.tag in {"body", "html", "article", "main"}:
            continue
        if around.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(names_of(around)) or _is_foot_of_page(around):
            return around.find(".//h1") is None
    return False


def _is_foot_of_page(element: lxml_html.HtmlElement) -> bool:
    """The foot of an `<article>` or another section is about that one (HTML §4.3.8)."""
    if element.tag != "footer" or _OF_ARTICLE.search(names_of(element)):
        return False
    return next(element.iterancestors("article", "section", "main"), None) is None


def names_of(element: lxml_html.HtmlElement) -> str:
    """Its class and id."""
    return f"{element.get('class', '')} {element.get('id', '')}"


def drop_keeping_tail(element: lxml_html.HtmlElement) -> None:
    """Take an element out of its tree; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def inner_html(element: lxml_html.HtmlElement) -> str:
    """The HTML between an element's tags."""
    children = (lxml_html.tostring(child, encoding="unicode") for child in element)
    return (element.text or "") + "".join(children)


def _tree(text: str) -> lxml_html.HtmlElement:
    # What no tree may hold goes first, written out or as a reference.
    allowed = _REFERENCE.sub(_allowed_reference, without_forbidden(text))
    # The text is decoded already: what it declares as its encoding must not count, and in a str lxml refuses it.
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = lxml_html.document_fromstring(allowed.encode(), parser=parser)
    except ParserError as error:
        raise PageError("is empty") from error
    if any(fault.type == ErrorTypes.ERR_RESOURCE_LIMIT for fault in parser.error_log):
        raise PageError("nests its tags too deep to be read as a whole")
    return root


def _allowed_reference(reference: re.Match[str]) -> str:
    number = int(reference["hex"], 16) if reference["hex"] else int(reference["decimal"])
    return reference[0] if 0 < number < sys.maxunicode and without_forbidden(chr(number)) else ""


def _metas(root: lxml_html.HtmlElement) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for meta in root.iter("meta"):
        content = (meta.get("content") or "").strip()
        for name in {meta.get("property"), meta.get("name"), meta.get("itemprop"), meta.get("http-equiv")} - {None}:
            if content:
                found[name.lower()] = (*found.get(name.lower(), ()), content)
    return found


def _scripts(root: lxml_html.HtmlElement) -> Iterator[str]:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield script.text


def _select(root: lxml_html.HtmlElement, field: str, selector: str) -> list[lxml_html.HtmlElement]:
    try:
        return list(_compiled(field, selector)(root))
    except XPathError as error:
        raise _unusable(field, selector) from error


@lru_cache(maxsize=64)
def _compiled(field: str, selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector)
    except (SelectorError, XPathError) as error:
        raise _unusable(field, selector) from error


def _unusable(field: str, selector: str) -> PageError:
    return PageError(f"cannot be read with the selector for {field}: {selector!r} is no CSS selector; mend it in the config")
