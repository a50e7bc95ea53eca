"""One line, cut, wrapped; dates in words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.text.words import cut_at_word, date_in_words, one_line, wrap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\r\n lines\u2028and more ", "two lines and more"),
        ("a\x00b\x1b[0m", "ab[0m"),
        ("a \x1b b", "a b"),
        ("turned \u202eround", "turned round"),
        ("half a pair \ud83d", "half a pair"),
        ("1.5\u00a0mg", "1.5\u00a0mg"),
        ("a family: 👨\u200d👩\u200d👧", "a family: 👨\u200d👩\u200d👧"),
    ],
)
def test_one_line_takes_out_what_a_header_cannot_hold(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(st.text())
def test_one_line_is_one_line_and_settles_at_once(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
    line.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short enough", "short enough"),
        ("exactly 16 chars", "exactly 16 chars"),
        ("the last word goes away", "the last word…"),
        ("no dash at the - end", "no dash at the…"),
        ("Donaudampfschifffahrt", "Donaudampfschif…"),
    ],
)
def test_a_cut_falls_between_words(text: str, expected: str) -> None:
    assert cut_at_word(text, 16) == expected


@given(st.text(), st.integers(min_value=2, max_value=200))
def test_a_cut_keeps_the_limit_and_invents_nothing(text: str, limit: int) -> None:
    cut = cut_at_word(text, limit)
    assert len(cut) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])))
def test_wrapping_breaks_lines_and_loses_nothing(text: str) -> None:
    wrapped = wrap(text, width=20)
    assert all(len(line) <= 20 for line in wrapped.split("\n") if "://" not in line)
    assert "".join(wrapped.split()) == "".join(text.split())


def test_wrapping_keeps_an_address_whole() -> None:
    address = "https://hairfear.com/" + "a-" * 60
    assert wrap(f"It is at {address} today").split("\n") == ["It is at", address, "today"]


def test_wrapping_keeps_number_and_unit_together() -> None:
    assert wrap("at most 1.5\u00a0mg", width=13).split("\n") == ["at most", "1.5\u00a0mg"]


def test_a_date_is_written_with_its_month_in_words() -> None:
    assert date_in_words(date(2024, 8, 9)) == "9 August 2024"
