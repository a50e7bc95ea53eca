"""Blocks that an extractor left out of the middle of a text, told from what a site puts between its paragraphs."""

from collections.abc import Sequence
from itertools import pairwise

from lxml import html as lxml_html

from hairfeed.collect.html.debris import is_debris
from hairfeed.collect.html.tree import is_elsewhere, line_of

# A block hangs directly in its text where only these are between.
_WRAPPERS = frozenset({"ul", "ol", "dl", "li", "dt", "dd", "blockquote", "table"})
_MOSTLY_LINKS = 0.5
_WIDEST_GAP = 20  # blocks
_FIRST_TEXT = 20  # words; above the first block that has them stand bylines and the like


def with_gaps(blocks: Sequence[lxml_html.HtmlElement], chosen: Sequence[bool], title: str) -> list[bool]:
    """The choice, and what stands between two chosen blocks in one and the same element as they do.

    Left out stay captions, lines that are mostly links, bylines and the like, and whatever has an element of its own.
    """
    filled = list(chosen)
    places = [index for index, is_chosen in enumerate(chosen) if is_chosen]
    start = next((at for at, index in enumerate(places) if len(line_of(blocks[index]).split()) >= _FIRST_TEXT), 0)
    for before, behind in pairwise(places[start:]):
        if not 1 < behind - before <= _WIDEST_GAP:
            continue
        home = _home(blocks[before])
        if home is not _home(blocks[behind]):
            continue
        for index in range(before + 1, behind):
            filled[index] = _home(blocks[index]) is home and _is_text(blocks[index], title)
    return filled


def _home(block: lxml_html.HtmlElement) -> lxml_html.HtmlElement | None:
    """The element that a block hangs in, outside of its list or quotation."""
    return next((element for element in block.iterancestors() if element.tag not in _WRAPPERS), None)


def _is_text(block: lxml_html.HtmlElement, title: str) -> bool:
    line = line_of(block)
    if block.tag == "figcaption" or is_debris(line, title) or is_elsewhere(block):
        return False
    linked = sum(len(line_of(link)) for link in block.iter("a"))
    return linked <= _MOSTLY_LINKS * len(line)
