"""The lead image of an HTML page: the one it is shared with, else the first large one of its text."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import html as lxml_html

from hairfeed.collect.html.json_ld import pixels
from hairfeed.collect.html.media import image_source, is_picture
from hairfeed.collect.html.tree import Document, absolute, is_elsewhere
from hairfeed.models.articles import LeadImage

# What a theme brings along, and a file that is called logo or blank, or ends in it but for a size: "how-logos-are-made.jpg" is a
# picture.
_NO_LEAD = re.compile(
    r"/themes?/|/(?:[^/]*[-_.])?(?:logo|favicon|placeholder|blank|spacer|no-?image)(?:[-_.]?\d+(?:x\d+)?)?(?:\.\w{3,4})?$",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # any other
_SMALLEST_LEAD = 200  # pixels, where the page states a size


def _is_lead(url: str) -> bool:
    """Whether the address can be that of an article's picture: of a file, and none of the site's own."""
    path = _path(url)
    return _SCHEME.match(url) is None and not path.endswith("/") and path != "" and _NO_LEAD.search(path) is None


def lead_image(document: Document) -> LeadImage | None:
    """The first that is no logo: config, og:image, JSON-LD, twitter:image, the first large one of the text."""
    base_url = document.base_url
    for stated in _stated(document):
        url = absolute(base_url, stated.url)
        if url is None or not _is_lead(url):
            continue
        return _described(replace(stated, url=url), document)
    return None


def _stated(document: Document) -> Iterator[LeadImage]:
    for element in document.selected("image"):
        address = element.get("content") or element.get("href") or image_source(element)
        if address:
            yield _from_element(element, address)
    card = document.meta("og:image:secure_url", "og:image", "og:image:url")
    if card:
        width, height = (pixels(document.meta(f"og:image:{side}")) for side in ("width", "height"))
        yield LeadImage(card, document.meta("og:image:alt") or "", width, height)
    yield from document.declared.images
    for address in (
        document.meta("twitter:image", "twitter:image:src", "thumbnail"),
        *document.root.xpath("//link[@rel='image_src']/@href"),
    ):
        if address:
            yield LeadImage(str(address), document.meta("twitter:image:alt") or "")
    yield from _in_text(document)


def _in_text(document: Document) -> Iterator[LeadImage]:
    """The pictures of the article: with `<article>` or `<main>` those within, else all that stand behind the headline."""
    found = document.root.xpath("//article//img") or document.root.xpath("//main//img") or document.root.xpath("//body//img")
    for element in found:
        sizes = [size for size in (pixels(element.get("width")), pixels(element.get("height"))) if size is not None]
        if is_picture(element) and not is_elsewhere(element) and not any(size < _SMALLEST_LEAD for size in sizes):
            yield _from_element(element, image_source(element) or "")


def _from_element(element: lxml_html.HtmlElement, address: str) -> LeadImage:
    alt = " ".join((element.get("alt") or "").split())
    return LeadImage(address, alt, pixels(element.get("width")), pixels(element.get("height")))


def _described(image: LeadImage, document: Document) -> LeadImage:
    """The image with the `alt` of the same file in the text, where it has none of its own."""
    if image.alt:
        return image
    name = _path(image.url).rpartition("/")[2]
    for element in document.root.iter("img"):
        if name and name in (image_source(element) or "") and (element.get("alt") or "").strip():
            return replace(image, alt=" ".join(element.get("alt").split()))
    return image


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
