"""The rows of a list file, in our words, one after the other: which dialect it is, and what its columns mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from hairfeed.errors import ImportFileError
from hairfeed.models.imports import Row
from hairfeed.subscribers.transfer import json_list, tables
from hairfeed.subscribers.transfer.dialects import (
    ANY_MAKE,
    DIALECTS,
    Columns,
    Reading,
    dialect_of,
    is_read_besides,
    places_by_map,
    reading_by_map,
)
from hairfeed.subscribers.transfer.parts import ListFile, Part
from hairfeed.subscribers.transfer.tables import Record, Unreadable

TOO_MANY_CELLS = "more cells than the header; is a separator not in quotation marks?"


@dataclass(frozen=True, slots=True)
class Asked:
    """How the operator wants a file to be read; what is left out is found out."""

    dialect: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """By field the column that it is in."""
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found out about a part of a file."""

    part: str
    encoding: str
    dialect: str
    used: Mapping[str, str]
    """By field the column's name, where names were all there was to go by."""
    unused: tuple[str, ...]


class Place(NamedTuple):
    """Where a row is."""

    part: str
    """Of several in a file; else empty."""
    line: int


@dataclass(frozen=True, slots=True)
class _Table:
    """A part that is open."""

    dialect: str
    columns: Columns
    reading: Reading
    records: Iterator[Record | Unreadable]


def recognise(file: ListFile, asked: Asked) -> list[Recognised]:
    """What the parts of a file are, by the names of their columns.

    Raises:
        ImportFileError: a part has no header, or none that says where the addresses are.
    """
    found = []
    for part in file.parts:
        with _opened(part, asked) as table:
            names = table.columns.names
            places = places_by_map(table.columns, asked.columns) if table.dialect == ANY_MAKE else {}
            used = {field: asked.columns.get(field, names[place]) for field, place in places.items()}
            # Of two columns by one name the first is used.
            others = [name for place, name in enumerate(names) if place not in places.values()]
            unused = tuple(name for name in others if not is_read_besides(name)) if used else ()
            found.append(Recognised(part.name, part.encoding, table.dialect, used, unused))
    return found


def rows(file: ListFile, asked: Asked) -> Iterator[tuple[Place, Row | Unreadable]]:
    """Each row, with where it is.

    Raises:
        ImportFileError: as `recognise`.
    """
    for part in file.parts:
        with _opened(part, asked) as table:
            name = part.name if len(file.parts) > 1 else ""
            width = len(table.columns.names)
            for record in table.records:
                place = Place(name, record.line)
                if isinstance(record, Unreadable):
                    yield place, record
                elif any(record.cells[width:]):
                    yield place, Unreadable(record.line, TOO_MANY_CELLS, " | ".join(record.cells)[:500])
                else:
                    yield place, table.reading(record.cells)


@contextmanager
def _opened(part: Part, asked: Asked) -> Iterator[_Table]:
    with part.text() as text:
        if part.is_json:
            header, records = list(json_list.COLUMNS), json_list.rows(text)
        else:
            header, records = _header(part, tables.rows(text, asked.separator), asked)
        columns = Columns(header)
        if asked.columns:
            yield _Table(ANY_MAKE, columns, reading_by_map(columns, part.name, asked.columns), records)
            return
        dialect = asked.dialect or dialect_of(columns)
        wanted = DIALECTS[dialect]
        if not columns.has(wanted.needs):
            names = ", ".join(sorted(wanted.needs))
            raise ImportFileError(f"{part.name}: is no list of {wanted.title}: that has columns {names}, among others")
        yield _Table(dialect, columns, wanted.reading(columns, part.name), records)


def _header(part: Part, records: Iterator[Record | Unreadable], asked: Asked) -> tuple[list[str], Iterator[Record | Unreadable]]:
    """The names of the columns, and the rows below them; columns without names have their numbers for them."""
    first = next(records, None)
    if first is None:
        raise ImportFileError(f"{part.name}: is empty")
    if isinstance(first, Unreadable):
        raise ImportFileError(f"{part.name}: line {first.line}: {first.reason}; the first row must have the names of the columns")
    if not any("@" in cell for cell in first.cells):
        return first.cells, records
    numbers = [str(place) for place in range(1, len(first.cells) + 1)]
    if asked.columns and all(column in numbers for column in asked.columns.values()):
        return numbers, chain([first], records)
    raise ImportFileError(
        f"{part.name}: has no header: its first row is a reader; put names of columns above it, or say --map email=NUMBER"
    )
