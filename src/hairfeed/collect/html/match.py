"""Which blocks of a page an extractor's text consists of: its choice of words, found again where they stand."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SENTENCE_END = re.compile(r"[.!?…。！？؟।:][\"'”’»)\]]?\s*$")  # noqa: RUF001
"""Where a line ends as sentences do."""

_NO_WORD = re.compile(r"[\W_]+")
_ASCII_NO_WORD = bytes(code for code in range(128) if not chr(code).isalnum())
# A block this long is found wherever it stands; a shorter one only in its place between two long ones.
_ANCHOR = 40
# A shorter block than this proves nothing unless it comes right behind the one before.
_SHORT = 12
_PIECE = 12
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Match:
    """Whether each block belongs to the text, and the share of the text that those blocks hold (0 to 1)."""

    chosen: list[bool]
    coverage: float


def key(text: str) -> str:
    """What two renderings of a text have in common: its letters and digits."""
    if text.isascii():  # ten times as fast, and most blocks of most pages
        return text.lower().encode().translate(None, _ASCII_NO_WORD).decode()
    return _NO_WORD.sub("", text.casefold())


def match(blocks: Sequence[str], text: str) -> Match:
    """Find the blocks of a page in an extractor's text; both are keys, and both are in the order of the page.

    Long blocks whose places rise like their order are certain. Between them the others are looked for one after the other,
    and those that are there in most of their pieces count too: the extractor left out a link or a note.
    """
    chosen = [False] * len(blocks)
    anchors = _rising(list(_places(blocks, text)))
    covered = sum(len(blocks[index]) for index, _ in anchors)
    for index, _ in anchors:
        chosen[index] = True
    before = (-1, 0)
    for index, place in [*anchors, (len(blocks), len(text))]:
        covered += _fill(blocks, text, chosen, range(before[0] + 1, index), before[1], place)
        if index < len(blocks):
            before = (index, place + len(blocks[index]))
    return Match(chosen, min(covered / len(text), 1.0) if text else 0.0)


def _places(blocks: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    """Where the long blocks stand in the text: one that stands there twice behind the block before, where it can."""
    behind = 0
    for index, block in enumerate(blocks):
        if len(block) >= _ANCHOR and (place := text.find(block)) >= 0:
            place = later if place < behind and (later := text.find(block, behind)) >= 0 else place
            behind = place + len(block)
            yield index, place


def _rising(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of blocks whose places rise (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for number, (_, place) in enumerate(places):
        at = bisect_left(tails, place)
        previous.append(ends[at - 1] if at else -1)
        tails[at : at + 1], ends[at : at + 1] = [place], [number]
    run: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        run.append(places[number])
        number = previous[number]
    return run[::-1]


def _fill(blocks: Sequence[str], text: str, chosen: list[bool], between: range, low: int, high: int) -> int:
    """Choose the blocks between two anchors that stand between their places; the number of letters they hold."""
    covered = 0
    for index in between:
        block = blocks[index]
        if not block or low >= high:
            continue
        place = text.find(block, low, high)
        if place == low or (place > low and len(block) >= _SHORT):
            chosen[index], covered, low = True, covered + len(block), place + len(block)
        elif len(block) >= _ANCHOR and (held := _held(block, text, low, high)) >= _SHARE * len(block):
            chosen[index], covered = True, covered + held
    return covered


def _held(block: str, text: str, low: int, high: int) -> int:
    """How many letters of a block stand in the text, piece by piece."""
    pieces = (block[start : start + _PIECE] for start in range(0, len(block), _PIECE))
    return sum(len(piece) for piece in pieces if text.find(piece, low, high) >= 0)
