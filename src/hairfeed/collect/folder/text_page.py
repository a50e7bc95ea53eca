"""A `.txt` page: category line, title, body, a line `Author - D-M-YYYY`, then page furniture that is dropped."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby, pairwise, takewhile

from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

# What may stand between author and date, or before an item of a list: dashes of all lengths, for a set in a pattern.
_DASHES = r"\-\u2013\u2014"
DATE_LINE = re.compile(rf"\s*(?:(?P<author>\S.{{0,80}}?)\s+[{_DASHES}|]\s+)?(?P<date>\d{{1,4}}([-./])\d{{1,2}}\3\d{{1,4}})\s*")
"""`HairFear - 8-8-2024`, or the date alone."""
_RELATED = re.compile(r"\s*Related\b.*\bArticles\s*", re.IGNORECASE)
_FURNITURE = re.compile(rf"{_RELATED.pattern}|\s*(Read All\b.*|copyrights?\b.*|©.*)", re.IGNORECASE)
# Not splitlines: that one also breaks a title at a form feed and other stray control characters.
_LINE_END = re.compile("\r\n|\r|\n")
_BULLET = re.compile(rf"\s*[•*{_DASHES}]\s+(?=\S)")
_NUMBER = re.compile(r"\s*\d{1,3}[.)]\s+(?=\S)")

_FORM = "the form is: category, title, empty line, text, and 'Author - D-M-YYYY' at the end"

_LONGEST_HEADING = 100
_LONGEST_TITLE_SENTENCE = 120


def parse(text: str) -> Page:
    """Read a page in the form above.

    Raises:
        PageError: it has no title or no text.
    """
    lines = _LINE_END.split(text)
    place, dated = find_date_line(lines) or (len(lines), None)
    blocks = list(_blocks(lines[:place]))
    if not blocks:
        raise PageError("is empty" if dated is None else "has a date line and nothing before it")
    if len(blocks[0]) == 2 and _is_heading(blocks[0][1:]):  # noqa: PLR2004 - category and title
        # Nobody sees that the form wants an empty line between them.
        blocks[:1] = [blocks[0][:1], blocks[0][1:]]
    if len(blocks[0]) > 1 or len(blocks) == 1 or not _is_title(blocks[1]):
        raise PageError(f"has no title; {_FORM}")
    if len(blocks) == 2:  # noqa: PLR2004 - category and title
        raise PageError(f"has no text below its title; {_FORM}")
    author = dated["author"] if dated else None
    return Page(
        title=blocks[1][0].strip(),
        html="\n".join(_html(blocks[2:])),
        date_text=dated["date"] if dated else None,
        authors=(author,) if author else (),
        topics=(blocks[0][0].strip(),),
    )


def find_date_line(lines: Sequence[str]) -> tuple[int, re.Match[str]] | None:
    """Where the page's date line is, and what `DATE_LINE` finds in it; None when there is none.

    It is the last such line above the furniture: a dated line within the article stays text, and the dates of related
    articles below are not the page's, even when it has none of its own.
    """
    article = takewhile(lambda line: not _RELATED.fullmatch(line), lines)
    dated = [(place, match) for place, line in enumerate(article) if (match := DATE_LINE.fullmatch(line))]
    if not dated:
        return None
    first_dated = dated[0][0]
    furniture = next((place for place, line in enumerate(lines) if place > first_dated and _FURNITURE.fullmatch(line)), len(lines))
    return [found for found in dated if found[0] < furniture][-1]


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Runs of lines between empty ones."""
    for filled, block in groupby(lines, key=lambda line: bool(line.strip())):
        if filled:
            yield list(block)


def _is_title(block: list[str]) -> bool:
    """A title is one line, and no paragraph: a long sentence that ends like one is text of a page without a title."""
    line = block[0].strip()
    reads_like_text = len(line) > _LONGEST_TITLE_SENTENCE and line.endswith(".")
    return len(block) == 1 and not reads_like_text and not _BULLET.match(block[0])


def _html(blocks: list[list[str]]) -> Iterator[str]:
    for block, following in pairwise([*blocks, None]):
        if block is None:
            continue
        if _BULLET.match(block[0]):
            yield _list("ul", _BULLET, block)
        elif len(block) > 1 and _NUMBER.match(block[0]):
            yield _list("ol", _NUMBER, block)
        elif following is not None and _is_heading(block):
            yield f"<h2>{escape(block[0].strip(), quote=False)}</h2>"
        else:
            yield f"<p>{escape(' '.join(line.strip() for line in block), quote=False)}</p>"


def _is_heading(block: list[str]) -> bool:
    """One short line that does not end like a sentence."""
    line = block[0].strip()
    return len(block) == 1 and len(line) <= _LONGEST_HEADING and not line.endswith((".", "!", ":", ";", ",", "…"))


def _list(tag: str, mark: re.Pattern[str], block: list[str]) -> str:
    """One item for each line with a mark; a line without one goes on with the item above it."""
    items: list[str] = []
    for line in block:
        match = mark.match(line)
        if match:
            items.append(line[match.end() :].strip())
        else:
            items[-1] += " " + line.strip()
    return f"<{tag}>" + "".join(f"<li>{escape(item, quote=False)}</li>" for item in items) + f"</{tag}>"
