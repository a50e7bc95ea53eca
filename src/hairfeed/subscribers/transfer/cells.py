"""Cells of a table that a spreadsheet may open: none is taken for a formula there, and each comes back as it was. Pure.

A spreadsheet calculates what begins with one of `= + - @`, a tab or a line break, also where a name was to be. An apostrophe
before it makes it text (OWASP, "CSV Injection"). What has apostrophes before such a character already gets one more, so that
taking one away is right every time.
"""

import re

_CALCULATED = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


_FIRST = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What such a cell begins with: nearly all cells are told by it."""


def guarded(cell: str) -> str:
    """The cell as it stands in a file of ours."""
    return f"'{cell}" if cell[:1] in _FIRST and _CALCULATED.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _CALCULATED.match(cell) else cell
