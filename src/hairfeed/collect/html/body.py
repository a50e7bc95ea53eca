"""The article's text on an HTML page, with its structure: chosen by trafilatura, cut out of the page itself."""

import logging
import re
from collections.abc import Sequence
from copy import copy
from enum import StrEnum
from html import escape

from lxml import etree
from lxml import html as lxml_html

from hairfeed.collect.folder.text_page import DATE_LINE, find_date_line
from hairfeed.collect.html.blocks import blocks_of, cut_down, drop_programs, scope_of, without_machinery
from hairfeed.collect.html.debris import is_debris
from hairfeed.collect.html.gaps import with_gaps
from hairfeed.collect.html.match import SENTENCE_END, key, match
from hairfeed.collect.html.media import link_players, mend_images, resolve
from hairfeed.collect.html.tree import Document, inner_html, line_of

_FURNITURE = ("head", "script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template")
_LONGEST_DATE_LINE = 1000
"""Characters, with the white space that the page is laid out with."""
_DATE_LINE_BLOCKS = ("p", "div", "small", "address", "li", "h2", "h3", "h4", "h5", "h6")

# A glance that spares most pages the search for a date line with an author.
_SIGNATURE = re.compile(r"[-\u2013\u2014|]\s+\d{1,4}([-./])\d{1,2}\1\d{1,4}")

# Less than this (letters and digits) is no article where the page has more to choose from.
_SUSPICIOUSLY_SHORT = 200
# The careful choice is not believed when it leaves so much of a page's paragraphs out and is short itself.
_FEW = 700
_SMALL_SHARE = 0.25
# The quick choice is believed when it is longer than that and holds so much of the page's paragraphs.
_LARGE_SHARE = 0.6
_ENOUGH_COVERED = 0.85
_MOST_TIMES_MORE_PROSE = 1.5
_SHORTEST_SENTENCE = 40  # characters
# Words of a block behind which no byline or date comes any more.
_FIRST_TEXT = 20
_MOST_TIMES_LONGER_BELOW = 2
_TOP = 40  # blocks
_MOST_DEBRIS = 8
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def folder_body(document: Document) -> tuple[lxml_html.HtmlElement, bool]:
    """`<article>`, `<main>` or all of the operator's own page without furniture, and whether it is one of the first two."""
    root = document.root
    explicit = next(iter(root.xpath("//article") or root.xpath("//main")), None)
    body = explicit if explicit is not None else next(iter(root.xpath("//body")), root)
    mend_images(body)
    for furniture in list(body.iter(*_FURNITURE, "h1")):
        if furniture is not body and furniture.getparent() is not None:
            furniture.drop_tree()
    return body, explicit is not None


def selected_body(document: Document) -> str:
    """The HTML of the elements that the source's config names; "" when the page has none of them."""
    elements = document.selected("body")
    for element in elements:
        mend_images(element)
        without_machinery(element)
    return "".join(finished(element, document) for element in elements)


def article_body(document: Document, title: str) -> str:
    """The HTML of the article's text among all else on the page; "" when there is none."""
    drop_programs(document.root)
    mode, text = _chosen_text(document.root, document.url)
    if len(key(text)) < _SUSPICIOUSLY_SHORT and len(document.declared.text or "") > 2 * len(text):
        return _paragraphs(document.declared.text or "")
    if not key(text):
        return ""
    # Its own HTML has less structure, but all of the text.
    return _cut_out(document, text, title) or _with_less_structure(document, mode, title)


def _cut_out(document: Document, text: str, title: str) -> str:
    """The blocks of the page that the chosen text stands in; "" when too much of it is not found again."""
    body = copy(scope_of(next(iter(document.root.xpath("//body")), document.root), text))
    mend_images(body)
    without_machinery(body)
    blocks = blocks_of(body)
    found = match([key(block.text_content()) for block in blocks], key(text))
    chosen = with_gaps(blocks, found.chosen, title)
    kept = _without_debris([block for block, is_kept in zip(blocks, chosen, strict=True) if is_kept], title)
    return finished(cut_down(blocks, kept), document) if found.coverage >= _ENOUGH_COVERED and kept else ""


def finished(body: lxml_html.HtmlElement, document: Document) -> str:
    """The inner HTML of a body, with links for players, and addresses as `<base>` has them."""
    link_players(body)
    if document.root.xpath("//base/@href") and document.base_url:
        resolve(body, document.base_url)
    return inner_html(body).strip()


def cut_at_date_line(body: lxml_html.HtmlElement) -> tuple[str | None, str | None]:
    """Find a block that is a date line, as `.txt` pages have it, and drop it with all that follows; its date and author."""
    blocks = list(body.iter(*_DATE_LINE_BLOCKS))
    found = find_date_line([_brief_line_of(block) for block in blocks])
    if found is None:
        return None, None
    place, dated = found
    _cut_from(blocks[place], body)
    return dated["date"], dated["author"]


def _brief_line_of(block: lxml_html.HtmlElement) -> str:
    """Its line; empty where it is too long for a date line, without reading on: blocks may stand in blocks a thousand deep."""
    pieces, length = [], 0
    for piece in block.itertext(etree.Element):
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST_DATE_LINE:
            return ""
    return " ".join("".join(pieces).split())


def signed_date(document: Document) -> tuple[str | None, str | None]:
    """The date and author of the page's only line `Author - D-M-YYYY`; what follows it is dropped when it ends the text.

    Several such lines that differ belong to a list of articles, and tell nothing of this page.
    """
    body = next(iter(document.root.xpath("//body")), document.root)
    if not _SIGNATURE.search(body.text_content()):
        return None, None
    blocks = [block for block in body.iter(*_DATE_LINE_BLOCKS) if len(block) <= 2]  # noqa: PLR2004 - a line, perhaps in <b> or <a>
    lines = [line_of(block) for block in blocks]
    found = find_date_line(lines)
    if found is None or not found[1]["author"]:
        return None, None
    place, dated = found
    if any(DATE_LINE.fullmatch(line) and line != lines[place] for line in lines[:place]):
        return None, None
    # Above the text it is a byline, and what follows it is the article.
    if sum(map(len, lines[:place])) * _MOST_TIMES_LONGER_BELOW >= sum(map(len, lines[place:])):
        _cut_from(blocks[place], body)
    return dated["date"], dated["author"]


def _cut_from(block: lxml_html.HtmlElement, body: lxml_html.HtmlElement) -> None:
    for after in [*block.xpath("following::*"), *block.iterancestors(), block]:
        if after is not body and body in after.iterancestors():
            after.tail = None
    for after in [*block.xpath("following::*"), block]:
        if body in after.iterancestors():
            after.drop_tree()


class _Mode(StrEnum):
    """How trafilatura chooses: less and surer, without or with a second opinion of others, or as its authors balance it."""

    QUICK = "quick"
    CAREFUL = "precision"
    BALANCED = "balanced"


def _chosen_text(root: lxml_html.HtmlElement, url: str | None) -> tuple[_Mode, str]:
    """What trafilatura takes for the text, and how: slower where little is found, balanced where that is next to nothing."""
    paragraphs = sum(len("".join(paragraph.text_content().split())) for paragraph in root.iter("p"))
    quick = _extract(root, url, _Mode.QUICK)
    if len(key(quick)) >= max(_FEW, _LARGE_SHARE * paragraphs):
        return _Mode.QUICK, quick
    careful = _extract(root, url, _Mode.CAREFUL)
    length = len(key(careful))
    if length >= _FEW:
        return _Mode.CAREFUL, careful
    if length >= max(_SUSPICIOUSLY_SHORT, _SMALL_SHARE * paragraphs):
        return _Mode.CAREFUL, careful
    balanced = _extract(root, url, _Mode.BALANCED)
    # What it has more must be sentences: round a short note there are menus enough.
    is_more = _prose_length(balanced) > _MOST_TIMES_MORE_PROSE * _prose_length(careful)
    return (_Mode.BALANCED, balanced) if is_more or not length else (_Mode.CAREFUL, careful)


def _prose_length(text: str) -> int:
    """The letters and digits of the lines that are as long as a sentence and end like one."""
    return sum(len(key(line)) for line in text.splitlines() if len(line) >= _SHORTEST_SENTENCE and SENTENCE_END.search(line))


def _extract(root: lxml_html.HtmlElement, url: str | None, mode: _Mode, *, as_html: bool = False) -> str:
    """Trafilatura's choice, as bare text or HTML; "" when it finds none."""
    # Loaded here: it brings a dozen libraries, and a pass that finds no new page needs none of them.
    import trafilatura
    from trafilatura.settings import Document as Choice
    from trafilatura.settings import Extractor

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    options = Extractor(
        output_format="html" if as_html else "txt",
        url=url,
        precision=mode is not _Mode.BALANCED,
        fast=mode is _Mode.QUICK,
        comments=False,
        tables=True,
        links=as_html,
        formatting=as_html,
    )
    try:
        if as_html:
            return trafilatura.extract(root, options=options) or ""
        found = trafilatura.bare_extraction(root, options=options)
    except (ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError, etree.LxmlError):
        # A page that breaks the extractor is no reason to lose the pass: the page then has no text.
        return ""
    return "\n".join(found.body.itertext()) if isinstance(found, Choice) else ""


def _with_less_structure(document: Document, mode: _Mode, title: str) -> str:
    tree = lxml_html.document_fromstring(_extract(document.root, document.url, mode, as_html=True) or "<p></p>")
    blocks = blocks_of(next(iter(tree.xpath("//body")), tree))
    kept = _without_debris([block for block in blocks if block.text_content().strip()], title)
    return finished(cut_down(blocks, kept), document) if kept else ""


def _without_debris(blocks: Sequence[lxml_html.HtmlElement], title: str) -> list[lxml_html.HtmlElement]:
    """The blocks without what stands round the text: above the first that is long enough to be text, and at the end.

    Short lines above the headline are the site's.
    """
    lines = [line_of(block) for block in blocks]
    kept = list(zip(blocks, lines, strict=True))
    is_text = (len(line.split()) >= _FIRST_TEXT and not is_debris(line, title) for line in lines[:_TOP])
    start = next((at for at, found in enumerate(is_text) if found), min(len(lines), _TOP))
    headline = next((at for at in range(start) if key(lines[at]) == key(title)), 0)
    kept = [(block, line) for block, line in kept[headline:start] if not is_debris(line, title)] + kept[start:]
    for _ in range(_MOST_DEBRIS):
        if len(kept) > 1 and (is_debris(kept[-1][1], title) or kept[-1][0].tag in _HEADINGS):
            kept.pop()
    return [block for block, _ in kept]


def _paragraphs(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)
