"""The blocks that an HTML page's text stands in: telling them apart, and cutting a page down to some of them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from lxml import html as lxml_html

from hairfeed.collect.html.media import is_picture
from hairfeed.collect.html.players import PLAYERS

_NO_TEXT = (
    *(
        "head",
        "script",
        "style",
        "template",
        "button",
        "select",
        "svg",
        "textarea",
        "input",
        "link",
        "meta",
        "noscript",
        "canvas",
        "nav",
    ),
)
_TEXT_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "li", "dt", "dd", "td", "th", "figcaption", "caption", "summary"}
)
_CONTAINERS = frozenset(
    {"div", "section", "article", "main", "body", "blockquote", "aside", "header", "footer", "nav", "form", "center", "details"}
    | {"figure", "address", "fieldset"}
)
_STRUCTURE = frozenset({"table", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl", "colgroup"})
_DIVISIONS = frozenset({"div", "section", "article", "main", "center", "form"})
_BLOCKS = _TEXT_BLOCKS | _CONTAINERS | _STRUCTURE | {"hr"}
_MEDIA = frozenset({"img", "picture", "figure"}) | PLAYERS
_SAMPLE = 24  # characters
_LONGEST_CELL = 300  # characters


def drop_programs(root: lxml_html.HtmlElement) -> None:
    """Take out scripts and styles but for JSON-LD: nothing of the text, and much of what an extractor has to carry."""
    for element in list(root.iter("script", "style", "svg", "template")):
        if "json" not in (element.get("type") or "") and element.getparent() is not None:
            element.drop_tree()


def without_machinery(body: lxml_html.HtmlElement) -> None:
    """Take out what is never text: scripts, styles, controls, comments, navigation."""
    for element in list(body.iter(*_NO_TEXT)):
        if element.getparent() is not None and element is not body:
            element.drop_tree()
    for element in [element for element in body.iter() if not isinstance(element.tag, str)]:
        if element.getparent() is not None:
            element.drop_tree()


def scope_of(body: lxml_html.HtmlElement, text: str) -> lxml_html.HtmlElement:
    """The innermost division of the page that holds all of `text`, as its beginning, end and length tell; spares the others."""
    letters = "".join(text.split())
    element = body
    while (inner := next((child for child in element if child.tag in _DIVISIONS and _holds(child, letters)), None)) is not None:
        element = inner
    return element


def blocks_of(body: lxml_html.HtmlElement) -> list[lxml_html.HtmlElement]:
    """Every element that holds text and no other block, in the order of the page; a table of data is one.

    Bare text beside blocks is put in paragraphs of its own first, and tables that only lay a page out become divisions, so that
    all text is in blocks afterwards.
    """
    for table in list(body.iter("table")):
        if not is_data_table(table):
            _flatten(table)
    holders = _holders_of_blocks(body)
    for element in [body, *holders]:
        if element.tag not in _STRUCTURE | {"figure"}:
            _wrap_bare_text(element, holders)
    return list(_leaves(body))


def is_data_table(table: lxml_html.HtmlElement) -> bool:
    """Whether a table holds data: a heading or caption, or several rows of several short cells, and no table within."""
    if table.get("role") == "presentation" or table.find(".//table") is not None or _is_within_table(table):
        return False
    if next(table.iter("th", "caption", "thead"), None) is not None:
        return True
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    is_grid = len(rows) > 1 and sum(len(row) > 1 for row in rows) > len(rows) / 2
    return is_grid and all(len(cell.text_content()) <= _LONGEST_CELL for row in rows for cell in row)


def cut_down(blocks: Sequence[lxml_html.HtmlElement], kept: Sequence[lxml_html.HtmlElement]) -> lxml_html.HtmlElement:
    """The smallest part of the page that holds the `kept` of its `blocks`, without the others; pictures among them stay."""
    container = _common_ancestor(kept)
    keep = set(kept) | set(_media_among(container, blocks, kept))
    around = {ancestor for element in keep for ancestor in element.iterancestors()}
    _prune(container, keep, around)
    for element in container.iter("div", "section", "article", "header", "footer", "aside", "center", "form"):
        element.tag = "p" if element in keep and element.tag != "figure" else "div"
    return container


def _holds(element: lxml_html.HtmlElement, letters: str) -> bool:
    own = "".join(element.text_content().split())
    return len(own) >= len(letters) and letters[:_SAMPLE] in own and letters[-_SAMPLE:] in own


def _is_within_table(table: lxml_html.HtmlElement) -> bool:
    return next(table.iterancestors("table"), None) is not None and table.get("border") in {None, "0"}


def _flatten(table: lxml_html.HtmlElement) -> None:
    for element in table.iter("tbody", "thead", "tfoot", "tr", "td", "th", "caption"):
        if next(element.iterancestors("table"), None) is table:
            element.tag = "div"
    table.tag = "div"


def _holders_of_blocks(body: lxml_html.HtmlElement) -> set[lxml_html.HtmlElement]:
    """The elements that have a block somewhere below them."""
    holders: set[lxml_html.HtmlElement] = set()
    for element in reversed(list(body.iter("*"))):
        parent = element.getparent()
        if parent is not None and element is not body and (element.tag in _BLOCKS or element in holders):
            holders.add(parent)
    return holders


def _wrap_bare_text(holder: lxml_html.HtmlElement, holders: set[lxml_html.HtmlElement]) -> None:
    """Put runs of text and inline elements between blocks, or between two line breaks, in paragraphs."""
    pieces: list[tuple[lxml_html.HtmlElement | None, str]] = [(None, holder.text or "")]
    pieces += [(child, child.tail or "") for child in holder]
    if not any(text.strip() for _, text in pieces) and all(child is None or _is_block(child, holders) for child, _ in pieces):
        return
    breaks = _doubled_breaks(holder)
    holder.text = None
    paragraph: lxml_html.HtmlElement | None = None
    for child, text in pieces:
        if child is not None:
            child.tail = None
            if child in breaks or _is_block(child, holders):
                paragraph = None
                (holder.remove if child in breaks else holder.append)(child)
            else:
                paragraph = _paragraph(holder) if paragraph is None else paragraph
                paragraph.append(child)
        if text.strip() or (paragraph is not None and text):
            paragraph = _paragraph(holder) if paragraph is None else paragraph
            _append_text(paragraph, text)


def _is_block(element: lxml_html.HtmlElement, holders: set[lxml_html.HtmlElement]) -> bool:
    return element.tag in _BLOCKS or element in holders


def _doubled_breaks(holder: lxml_html.HtmlElement) -> set[lxml_html.HtmlElement]:
    """The line breaks that directly follow one another: what old pages have for paragraphs."""
    pairs = [
        (one, other) for one, other in pairwise(holder) if one.tag == "br" and other.tag == "br" and not (one.tail or "").strip()
    ]
    return {line_break for pair in pairs for line_break in pair}


def _paragraph(holder: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    paragraph = lxml_html.Element("p")
    holder.append(paragraph)
    return paragraph


def _append_text(element: lxml_html.HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _leaves(body: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    holders = _holders_of_blocks(body)
    open_elements = [body]
    while open_elements:
        element = open_elements.pop()
        if element.tag == "table" and is_data_table(element):
            yield element
        elif element in holders:
            open_elements += reversed(element)
        elif element.tag in _BLOCKS and element.tag != "hr":
            yield element


def _common_ancestor(elements: Sequence[lxml_html.HtmlElement]) -> lxml_html.HtmlElement:
    """The innermost element that all the elements are in, outside of lists and tables."""
    shared = list(elements[0].iterancestors())[::-1]
    for element in elements[1:]:
        path = list(element.iterancestors())[::-1]
        length = next(
            (at for at, (one, other) in enumerate(zip(shared, path, strict=False)) if one is not other), min(len(shared), len(path))
        )
        shared = shared[:length]
    while len(shared) > 1 and shared[-1].tag in _STRUCTURE | {"li", "dd", "dt", "blockquote", "figure", "td", "th"}:
        shared.pop()
    return shared[-1]


def _media_among(
    container: lxml_html.HtmlElement, blocks: Sequence[lxml_html.HtmlElement], kept: Sequence[lxml_html.HtmlElement]
) -> Iterator[lxml_html.HtmlElement]:
    """Pictures, figures and players that belong to the kept blocks: the least that is round them and has text has kept text."""
    with_text = _ancestors(block for block in blocks if block.tag != "figcaption" and block.text_content().strip())
    with_kept = _ancestors(kept)
    # Behind the last block only what follows it at once still belongs to it.
    last, following, is_before = kept[-1], kept[-1].getnext(), True
    inside: set[lxml_html.HtmlElement] = set(kept)
    for element in container.iter("*"):
        if element is last:
            is_before = False
        if element.getparent() in inside and element is not container:
            inside.add(element)
        elif element.tag in _MEDIA and (is_before or element is following) and _is_shown(element):
            around = next((ancestor for ancestor in element.iterancestors() if ancestor in with_text), None)
            is_loose = container.tag == "body" and element.tag != "figure" and around is container
            if around is not None and around in with_kept and not is_loose:
                inside.add(element)
                yield element


def _ancestors(elements: Iterable[lxml_html.HtmlElement]) -> set[lxml_html.HtmlElement]:
    return {ancestor for element in elements for ancestor in (element, *element.iterancestors())}


def _is_shown(element: lxml_html.HtmlElement) -> bool:
    if element.tag in PLAYERS:
        return True
    pictures = [element] if element.tag == "img" else list(element.iter("img"))
    has_player = element.tag == "figure" and next(element.iter(*PLAYERS), None) is not None
    return has_player or any(is_picture(picture) for picture in pictures)


def _prune(container: lxml_html.HtmlElement, keep: set[lxml_html.HtmlElement], around: set[lxml_html.HtmlElement]) -> None:
    open_elements = [container]
    while open_elements:
        element = open_elements.pop()
        for child in list(element):
            if child in keep:
                continue
            if child in around:
                open_elements.append(child)
            elif child.tag != "br" or element.tag == "pre":
                child.drop_tree()
