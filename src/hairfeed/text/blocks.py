"""The text of an article's sanitised HTML, block by block."""

import re
from dataclasses import dataclass

from lxml import etree

from hairfeed.text.characters import clean_line

_TEXT_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "figcaption", "caption", "summary", "hr"})
_CLOSE_LINES = frozenset({"li", "tr", "dt", "dd"})
_CONTAINERS = frozenset(
    {"div", "section", "article", "aside", "header", "footer", "blockquote", "figure", "details"}
    | {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot"}
)
BLOCKS = _TEXT_BLOCKS | _CLOSE_LINES | _CONTAINERS
"""The elements that end a line of text."""
_SPACES = re.compile(r"\s+")

_NOT_PROSE = frozenset(
    {"li", "blockquote", "table", "figure", "figcaption", "pre", "dl", "dt", "dd", "aside", "header", "footer", "details"}
)
_ANNOTATIONS = frozenset({"rt", "rp"})
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")  # noqa: RUF001
_EXPONENT = re.compile(r"[+\-−]?\d{1,3}")  # noqa: RUF001
# Before an exponent stands a short number, a letter or a length: 10, R, cm; before the mark of a note, a word, a year or a stop.
_HAS_EXPONENT = re.compile(r"(?:^|[^\w.,])(?:\d{1,2}|[^\W\d]|[kcdmnµ]m|ft)$")
_NOTE_MARK = re.compile(r"[\s\d,;–\-\[\]()*†‡§¶#]*|\[?[a-z]\]?")  # noqa: RUF001


def plain_text(html: str) -> str:
    """The text of sanitised HTML: one line a block, list item or table row, a blank line between blocks, entities decoded."""
    pieces: list[str] = []
    close = False
    for block in blocks_of(html):
        pieces += ["\n" if close and block.is_close else "\n\n", block.text]
        close = block.is_close
    return "".join(pieces[1:])


def paragraphs(html: str) -> list[str]:
    """The prose of sanitised HTML: no lists, quotes, tables, captions, code, or marks of footnotes; lines as they are broken."""
    return [block.text for block in blocks_of(html) if block.is_prose]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that no block interrupts."""

    text: str
    is_close: bool
    """It belongs right under the line before it."""
    is_prose: bool
    """It is a paragraph of the article itself."""


def blocks_of(html: str) -> list[Block]:
    """The blocks of sanitised HTML that have text, in their order."""
    reader = _BlockReader()
    # Inside a div the parser puts no paragraph of its own round bare text.
    etree.fromstring(f"<div>{html}</div>", etree.HTMLParser(target=reader, huge_tree=True))
    return reader.blocks


class _BlockReader:
    """Collects the blocks of sanitised HTML: a target of lxml's parser, called tag by tag."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._raised_from: int | None = None
        self._raised_link = False
        self._in_link = False
        self._annotations = 0
        self._asides = 0
        """Blocks around that hold no prose: what is open is counted, for it may be deep and is asked for at every block."""

    def start(self, tag: str, _attributes: object) -> None:
        if tag in BLOCKS:
            self._end_block()
            self._open.append(tag)
            self._asides += tag in _NOT_PROSE
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in {"td", "th"}:
            self._pieces.append(" ")
        elif tag == "sup":
            self._raised_from, self._raised_link = len(self._pieces), self._in_link
        elif tag == "a":
            self._in_link = self._raised_link = True
        self._annotations += tag in _ANNOTATIONS

    def end(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end_block()
            self._asides -= self._open.pop() in _NOT_PROSE
        elif tag == "sup" and self._raised_from is not None:
            self._end_raised(self._raised_from)
        elif tag == "a":
            self._in_link = False
        self._annotations -= tag in _ANNOTATIONS

    def data(self, text: str) -> None:
        if not self._annotations:
            self._pieces.append(_SPACES.sub(" ", text))

    def close(self) -> None:
        self._end_block()

    def _end_raised(self, start: int) -> None:
        before = self._pieces[start - 1] if start and not self._raised_link else ""
        self._pieces[start:] = [_raised("".join(self._pieces[start:]).strip(), before)]
        self._raised_from = None

    def _end_block(self) -> None:
        if not self._pieces:
            return
        lines = (clean_line(line) for line in "".join(self._pieces).split("\n"))
        if text := "\n".join(line for line in lines if line):
            tag = self._open[-1] if self._open else ""
            self.blocks.append(Block(text, tag in _CLOSE_LINES, tag == "p" and not self._asides))
        self._pieces.clear()
        self._raised_from = None


def _raised(text: str, before: str) -> str:
    """What a superscript is in plain text: an exponent stays one, the mark of a footnote goes, letters stay."""
    if _EXPONENT.fullmatch(text) and (text[0] in "-−" or _HAS_EXPONENT.search(before)):  # noqa: RUF001
        return text.translate(_RAISED)
    return "" if _NOTE_MARK.fullmatch(text) else text
