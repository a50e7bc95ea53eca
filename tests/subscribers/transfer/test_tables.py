"""Rows of tables, whatever wrote them, and what is done where they go wrong."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.subscribers.transfer import json_list
from hairfeed.subscribers.transfer.cells import guarded, unguarded
from hairfeed.subscribers.transfer.tables import LONGEST_LINE, Record, Unreadable, rows


def cells(text: str) -> list[list[str]]:
    return [row.cells if isinstance(row, Record) else [f"! {row.reason}"] for row in rows(StringIO(text, newline=""))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1,5;2\n", [["a", "b"], ["1,5", "2"]]),
        ("a\tb\n1\t2", [["a", "b"], ["1", "2"]]),
        ("a|b\r\n1|2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
        ("email\nann@example.com\n", [["email"], ["ann@example.com"]]),
        ("sep=;\na;b\n1;2\n", [["a", "b"], ["1", "2"]]),
        ('"a;x",b\n1,2\n', [["a;x", "b"], ["1", "2"]]),
        ('a,b\n"one\ntwo",2\n', [["a", "b"], ["one\ntwo", "2"]]),
        ('a,b\n"he said ""no""",2\n', [["a", "b"], ['he said "no"', "2"]]),
        ("a,b\n\n,\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("", []),
    ],
)
def test_rows_are_read_with_any_separator_and_any_quotes(text: str, expected: list[list[str]]) -> None:
    assert cells(text) == expected


def test_a_row_knows_the_line_that_it_begins_in() -> None:
    text = 'a,b\n"one\ntwo",2\n\n3,4\n'
    assert [(row.line, row.cells[0]) for row in rows(StringIO(text)) if isinstance(row, Record)] == [
        (1, "a"),
        (2, "one\ntwo"),
        (5, "3"),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('"never closed,1', "a quotation mark is not closed"),
        ('"closed"early,1', "a quotation mark inside a cell is not doubled"),
        ("x" * (LONGEST_LINE + 5) + ",1", "the row is longer than any row of a list of readers"),
        ("x" * (LONGEST_LINE - 5) + ",1", "the row is longer than any row of a list of readers"),
    ],
)
def test_a_row_that_is_broken_costs_no_other_row(bad: str, reason: str) -> None:
    others = [[f"reader{number}", "1"] for number in range(300)]
    text = "a,b\n" + "first,1\n" + bad + "\n" + "".join(f"{name},{one}\n" for name, one in others)
    assert cells(text) == [["a", "b"], ["first", "1"], [f"! {reason}"], *others]


@pytest.mark.parametrize("length", [LONGEST_LINE - 5, LONGEST_LINE * 3])
def test_a_text_that_begins_with_a_line_which_is_no_header_has_no_row(length: int) -> None:
    found = next(iter(rows(StringIO("x" * length + "\nann,2\n"))))
    assert (found.line, isinstance(found, Unreadable)) == (1, True)


def test_after_a_broken_row_lines_are_still_counted_right() -> None:
    text = 'a,b\n"open,1\nann,2\n'
    assert [row.line for row in rows(StringIO(text))] == [1, 2, 3]


def test_a_broken_row_before_one_that_is_too_long_costs_only_these_two() -> None:
    text = 'a,b\n"open,1\n' + "x" * LONGEST_LINE + "yz\nann,2\n"
    found = list(rows(StringIO(text)))
    assert [isinstance(row, Unreadable) for row in found] == [False, True, True, False]
    assert isinstance(found[-1], Record)
    assert found[-1].cells == ["ann", "2"]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=5), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_what_a_program_writes_is_read_as_it_was(table: list[list[str]], separator: str) -> None:
    text = StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(table)
    text.seek(0)
    found = [row.cells for row in rows(text, separator) if isinstance(row, Record)]
    expected = [row for row in table if any(row)]
    if not table[0][0].lower().startswith("sep="):
        assert found == expected


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-x", "@home", "\t=", "\r", "\n1", "\uff1d1", "'=1", "''=1"])
def test_no_cell_is_a_formula_in_a_spreadsheet(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ann", "'s-Hertogenbosch", "a=b", "'", "1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == unguarded(cell) == cell


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\nab ") | st.characters(), max_size=12))
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


READER = '{"id": 1, "email": "ann@example.com", "name": "Ann", "status": "enabled", "created_at": "2024-01-02T03:04:05Z"'
LIST = '{"name": "News", "optin": "double", "subscription_status": "confirmed", "subscription_updated_at": null}'


@pytest.mark.parametrize("frame", ['{"data": {"results": [%s], "total": 2}}', "[%s]", '{"results":\n[ %s ]}'])
def test_readers_of_an_api_are_rows_one_for_each_list(frame: str) -> None:
    document = frame % f'{READER}, "lists": [{LIST}, {LIST}]}},\n {READER}, "lists": []}}'
    found = list(json_list.rows(StringIO(document)))
    assert [row.line for row in found] == [1, 1, 2]
    assert isinstance(found[0], Record)
    expected = ["ann@example.com", "Ann", "enabled", "2024-01-02T03:04:05Z", "News", "confirmed", "double", ""]
    assert dict(zip(json_list.COLUMNS, found[0].cells, strict=True)) == dict(zip(json_list.COLUMNS, expected, strict=True))


def test_a_list_longer_than_what_is_read_at_once_is_read_whole() -> None:
    reader = f'{READER}, "lists": [{LIST}]}}'
    document = f"[{','.join([reader] * 2000)}]"
    assert len(list(json_list.rows(StringIO(document)))) == 2000


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (f"[{READER}}}, {{", "no JSON from here on"),
        ('{"message": "invalid session"}', "no JSON from here on"),
        (f"[{READER}}}, 17]", "is no reader"),
        ("[" * 100_000, "no JSON from here on"),
    ],
)
def test_a_broken_document_says_where_it_breaks(document: str, reason: str) -> None:
    last = list(json_list.rows(StringIO(document)))[-1]
    assert isinstance(last, Unreadable)
    assert last.reason == reason
