"""Where a web site says its pages are: sitemaps (sitemaps.org), and index pages with links. Pure."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector, SelectorError

from hairfeed.errors import PageError

# With and without a byte order mark (XML 1.0 appendix F).
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")

MOST_BYTES = 50_000_000
"""Bytes of one sitemap once unpacked (sitemaps.org allows as many)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a site lists; `changed` is the text of its `lastmod`, which is compared and never read as a date."""

    url: str
    changed: str | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap's pages, or an index's further sitemaps."""

    pages: tuple[Listed, ...]
    sitemaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """An index page's links to articles, in the order of the page, and the address of the next index page."""

    links: tuple[str, ...]
    following: str | None


def read_sitemap(content: bytes, url: str) -> Sitemap:
    """A sitemap or sitemap index, XML or plain text, packed or not.

    Raises:
        PageError: it is none of these, or too large.
    """
    content = _unpacked(content).lstrip()
    if not content.startswith(_XML_STARTS):
        return _read_text(content)
    # No entities, no other files, no network (CWE-611, CWE-776); a broken end leaves what stands before it.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    root = etree.fromstring(content, parser)
    kind = etree.QName(root).localname.lower() if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        raise PageError(
            f"is no sitemap but {f'<{kind}>' if kind else 'something else'}; name one with 'sitemap', or an 'index' page"
        )
    places = tuple(_places(root, url))
    return Sitemap(places, ()) if kind == "urlset" else Sitemap((), tuple(place.url for place in places))


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise PageError(f"is packed and cannot be unpacked: {error}") from error
    if len(unpacked) > MOST_BYTES:
        raise PageError(f"is larger than {MOST_BYTES:,} bytes once unpacked")
    return unpacked


def _places(root: etree._Element, url: str) -> Iterator[Listed]:
    for place in root:
        if not isinstance(place.tag, str):
            continue
        texts = {etree.QName(part).localname: (part.text or "").strip() for part in place if isinstance(part.tag, str)}
        address = _web_address(texts["loc"], url) if texts.get("loc") else None
        if address:
            yield Listed(address, texts.get("lastmod") or None)


def _read_text(content: bytes) -> Sitemap:
    lines = content.decode("utf-8-sig", "replace").split()
    pages = tuple(Listed(line) for line in lines if _web_address(line, line) == line)
    if not pages:
        raise PageError("is no sitemap: neither XML nor a list of addresses")
    return Sitemap(pages, ())


def read_index(html: str, url: str, links: str | None, selector: str | None, following: str | None) -> Index:
    """The article links of an index page.

    Args:
        html: the page.
        url: its own address.
        links: a pattern that the path of an article's address has, like `/articles/*`; None takes all.
        selector: a CSS selector of the links, or of what they stand in; None takes all links.
        following: a CSS selector of the link to the next index page; None takes `rel=next`.

    Raises:
        PageError: a selector is none, or the page cannot be read.
    """
    try:
        root = lxml_html.document_fromstring(html.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except etree.LxmlError as error:
        raise PageError(f"cannot be read as HTML: {error}") from error
    base = urljoin(url, next(iter(root.xpath("//base/@href")), ""))
    chosen = _select(root, selector) if selector else [root]
    addresses = (address for element in chosen for address in _links(element, base))
    own = urldefrag(url).url
    wanted = dict.fromkeys(address for address in addresses if address != own and _is_wanted(address, links, url))
    return Index(tuple(wanted), next((address for address in _following(root, base, following) if is_on_host(address, url)), None))


def _select(root: lxml_html.HtmlElement, selector: str) -> list[lxml_html.HtmlElement]:
    try:
        return list(CSSSelector(selector, translator="html")(root))
    except (SelectorError, etree.XPathError) as error:
        raise PageError(f"cannot be searched: {selector!r} is no CSS selector ({error})") from error


def _links(element: lxml_html.HtmlElement, base: str) -> Iterator[str]:
    for href in element.xpath("descendant-or-self::a/@href"):
        address = _web_address(str(href), base)
        if address:
            yield address


def _is_wanted(address: str, pattern: str | None, site: str) -> bool:
    """Articles are on the index's own host, below the pattern."""
    return is_on_host(address, site) and is_below(address, pattern)


def is_below(address: str, pattern: str | None) -> bool:
    """Whether the path of an address has the pattern, if there is one."""
    return pattern is None or fnmatchcase(urlsplit(address).path, pattern)


def is_on_host(address: str, site: str) -> bool:
    """Whether both have one host, be it with `www.` here and without it there."""
    one, other = ((urlsplit(url).hostname or "").removeprefix("www.") for url in (address, site))
    return one == other


def _following(root: lxml_html.HtmlElement, base: str, selector: str | None) -> Iterator[str]:
    elements = _select(root, selector or "a[rel~=next], link[rel~=next]")
    return filter(None, (_web_address(element.get("href") or "", base) for element in elements if element.get("href")))


def _web_address(text: str, base: str) -> str | None:
    """The absolute web address without its fragment; None when it is none."""
    try:
        address = urldefrag(urljoin(base, re.sub(r"[\t\r\n]", "", text.strip()))).url
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None
