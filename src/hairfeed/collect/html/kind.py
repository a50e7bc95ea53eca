"""Whether an HTML page is an article at all, or a home, listing, search, login or error page."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html as lxml_html

from hairfeed.collect.html.tree import Document

_LISTING_TYPES = frozenset({"CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage", "ContactPage", "CheckoutPage"})
# What themes write on <body>; "single" and "post" say the opposite, and "home" nothing: many write it on every page.
_LISTING_THEME = re.compile(r"(?:^|\s)(?:archive|category|tag|search|search-results|author|error404|login|paged)(?:$|\s)")
_SINGLE_THEME = re.compile(r"(?:^|\s)(?:single|single-post|postid-\d+|page-id-\d+)(?:$|\s)")
_LISTING_PATH = re.compile(
    r"^/(?:[a-z]{2}(?:-[A-Za-z]{2})?/?$|(?:[a-z]{2}/)?(?:tags?|topics?|categor(?:y|ies)|authors?|search|archives?|login|signin|register)(?:/|$)|(?:.*/)?page/\d+/?$"
    r"|index\.\w{3,5}$|\d{4}/\d{1,2}/?$|\d{4}/?$)",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"(?:error )?40[34]\b|(?:page|article|story|content) (?:was )?not found|not found$|access denied|just a moment"
    r"|attention required|are you a robot|log ?in$|sign in$|search results\b|service unavailable|checking your browser",
    re.IGNORECASE,
)
_SHORT_TEXT = 1_000  # characters
_MOSTLY_LINKS = 0.6
_MANY_CARDS = 4


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a page that is no article."""

    has_listing_theme: bool
    has_listing_address: bool
    has_home_theme: bool
    has_password: bool
    is_mostly_links: bool
    is_heap_of_cards: bool


def signs(document: Document, *, is_dated: bool) -> Signs:
    """Read them off the page, before its text is cut out of it."""
    root = document.root
    return Signs(
        has_listing_theme=_has_listing_theme(root),
        has_listing_address=_has_listing_address(document),
        has_home_theme=bool(root.xpath("//body[contains(concat(' ', normalize-space(@class), ' '), ' home ')]")),
        has_password=bool(root.xpath("//input[@type='password']")),
        # What costs time is only looked at where it can count.
        is_mostly_links=not (is_dated or document.declared.is_article) and _is_mostly_links(root),
        is_heap_of_cards=not document.declared.is_article and _is_heap_of_cards(root),
    )


def is_article(document: Document, seen: Signs, title: str, text_length: int, *, has_date: bool) -> bool:
    """Whether the page is one dated piece. In doubt it is: a wrong no loses an article, a wrong yes shows up in the report.

    `text_length` is that of its body in characters. A page that declares itself an article is one unless its theme calls it a
    listing or its title an error; else the theme, the address, its declared types, a heap of cards or of links speak against it,
    and `og:type=website` and a theme's "home" do with a short text and no date.
    """
    is_short = text_length < _SHORT_TEXT
    if seen.has_listing_theme or (_ERROR_TITLE.match(title) and is_short):
        return False
    kind = (document.meta("og:type") or "").lower()
    if document.declared.is_article or (has_date and "article" in kind):
        return True
    if seen.has_listing_address or seen.is_heap_of_cards or document.declared.types & _LISTING_TYPES:
        return False
    return has_date or not (is_short and (seen.has_password or seen.has_home_theme or seen.is_mostly_links or kind == "website"))


def _has_listing_theme(root: lxml_html.HtmlElement) -> bool:
    classes = " ".join(root.xpath("//body/@class"))
    return _LISTING_THEME.search(classes) is not None and _SINGLE_THEME.search(classes) is None


def _has_listing_address(document: Document) -> bool:
    try:
        path = urlsplit(document.url or "").path
    except ValueError:
        return False
    return document.url is not None and (path in {"", "/"} or _LISTING_PATH.match(path) is not None)


def _is_mostly_links(root: lxml_html.HtmlElement) -> bool:
    scope = next(iter(root.xpath("//main") or root.xpath("//body")), root)
    linked = _length(scope.xpath(".//a//text()"))
    return linked > _MOSTLY_LINKS * max(_length(scope.xpath(".//text()[not(parent::script or parent::style)]")), 1)


def _length(texts: list[str]) -> int:
    return sum(len(text.strip()) for text in texts)


def _is_heap_of_cards(root: lxml_html.HtmlElement) -> bool:
    """Several articles side by side, each with a heading that is a link."""
    cards = root.xpath("//article[.//*[self::h2 or self::h3 or self::h4]//a or .//a[.//h2 or .//h3 or .//h4]]")
    lengths = [len(card.text_content()) for card in cards]
    return len(cards) >= _MANY_CARDS and max(lengths) * 2 < sum(lengths)
