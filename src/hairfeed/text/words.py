"""Words for people: one line of them, cut, wrapped, and dates in them. Pure."""

import re
import textwrap
import unicodedata
from datetime import date

from hairfeed.text.merge import MARK

TEXT_WIDTH = 76
"""Columns of a text part: short enough to be quoted once without wrapping (RFC 5322 §2.1.1 recommends at most 78)."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# A space that keeps a number and its unit together stays what it is.
_GAP = re.compile(r"[^\S\u00a0\u202f]+")
# They would turn round what stands after them: the rest of a subject, the other titles of a list.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNFINISHED = " ,;:.·-\N{EN DASH}\N{EM DASH}"


def one_line(text: str) -> str:
    """`text` in one line, fit for a header and for HTML: no line breaks, control characters, direction marks or surrogates."""
    if text.isprintable() and "  " not in text:
        # Nearly every text: what may be printed has no other space than the common one, and nothing unfit.
        return text.strip()
    plain = "".join(character for character in _GAP.sub(" ", text) if not _is_unfit(character))
    return _GAP.sub(" ", plain).strip()


def isolated(text: str) -> str:
    """`text` to be put into a sentence that may run the other way: neither turns the other round (Unicode UAX #9, FSI and PDI)."""
    return f"\u2068{text}\u2069"


def cut_at_word(text: str, limit: int) -> str:
    """`text`, or its first words and "…" where it is longer than `limit` characters; never longer than `limit`."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    words = kept.rpartition(" ")[0].rstrip(_UNFINISHED)
    return f"{words or kept[:-1]}…"


def wrap(text: str, width: int = TEXT_WIDTH) -> str:
    """`text` in lines of at most `width` columns; only addresses and recipients' places may be longer: they must stay whole."""
    words = [piece for word in _GAP.split(text.strip()) for piece in _pieces(word, width)]
    return "\n".join(textwrap.wrap(" ".join(words), width, break_long_words=False, break_on_hyphens=False))


def date_in_words(day: date) -> str:
    """A day that nobody can misread, like `8 August 2024`, whatever the locale of this machine."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _is_unfit(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in {"Cc", "Cs"}


def _pieces(word: str, width: int) -> list[str]:
    """A word that no line can hold, in parts that one can."""
    if len(word) <= width or "://" in word or MARK in word:
        return [word]
    return textwrap.wrap(word, width, break_on_hyphens=False)
