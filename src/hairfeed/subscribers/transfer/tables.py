"""The rows of a table in a file, one by one: separators, quotes, and what to do where they go wrong. Keeps one row at a time."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

LONGEST_LINE = 1 << 18
"""Characters. A longer line is no row of a list of readers."""
MOST_LINES = 100
"""In one row: more of them mean that a quotation mark was never closed."""
_NOT_CLOSED = "a quotation mark is not closed"
_TOO_LONG = "the row is longer than any row of a list of readers"
_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Record:
    """A row."""

    line: int
    """Where it begins, counted from 1."""
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Where no row could be made out."""

    line: int
    reason: str
    text: str


class _TooLongError(Exception):
    """Says in words what is too long."""


@dataclass(slots=True)
class _Lines:
    """The lines of a text, counted; those of a row can be given back."""

    text: TextIO
    number: int = 0
    of_row: list[str] = field(default_factory=list)
    waiting: deque[str] = field(default_factory=deque)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else self.text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE:
            while rest := self.text.readline(LONGEST_LINE):
                if rest.endswith(("\n", "\r")):
                    break
            # What stands for it is no row either, should the row before it be given back.
            self.of_row.append('"')
            raise _TooLongError(_TOO_LONG)
        self.of_row.append(line)
        if len(self.of_row) > MOST_LINES:
            raise _TooLongError(_NOT_CLOSED)
        return line

    def go_back_to_second(self) -> str:
        """Give back all lines of the row but its first one, which is returned."""
        first, *others = self.of_row
        self.waiting.extendleft(reversed(others))
        self.number -= len(others)
        return first


def rows(text: TextIO, separator: str | None = None) -> Iterator[Record | Unreadable]:
    """Every row of a table but its empty ones; without a `separator` that of the first line.

    A row that cannot be read costs its first line; the next line begins a new one.
    """
    lines = _Lines(text)
    try:
        beginning = next(lines, "")
    except _TooLongError as error:
        yield Unreadable(1, str(error), "")
        return
    if beginning.lower().startswith("sep=") and len(beginning.strip()) == len("sep=") + 1:
        # The line by which spreadsheets are told.
        separator = separator or beginning[len("sep=")]
    else:
        lines.waiting.append(beginning)
        lines.number = 0
    separator = separator or separator_of(beginning)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.of_row.clear()
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            text_of_line = lines.go_back_to_second()
            reader = csv.reader(lines, delimiter=separator, strict=True)
            yield Unreadable(line, _reason(error), text_of_line[:500].rstrip("\r\n"))
            continue
        if any(cells):
            yield Record(line, cells)


def separator_of(line: str) -> str:
    """What separates the cells of a line: of the usual ones that which makes the most of it."""

    def cells(separator: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=separator), []))
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=cells)


def _reason(error: Exception) -> str:
    if isinstance(error, _TooLongError):
        return str(error)
    # The csv module has no codes for what it finds.
    if "field limit" in str(error):
        return _TOO_LONG
    return "a quotation mark inside a cell is not doubled" if "expected after" in str(error) else _NOT_CLOSED
