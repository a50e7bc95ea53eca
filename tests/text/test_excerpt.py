"""An excerpt is the article's own words from its beginning, and nothing is left hanging."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.text.excerpt import excerpt, summary
from hairfeed.text.markup import clean_line

WORDS = ["hair", "grows", "slowly", "again", "doctors", "say", "shampoo", "helps", "scalp", "skin"]


def words(count: int) -> str:
    return " ".join(WORDS[number % len(WORDS)] for number in range(count))


def sentence(count: int) -> str:
    return words(count).capitalize() + "."


def test_whole_sentences_are_taken_while_they_fit() -> None:
    assert excerpt([f"{sentence(30)} {sentence(20)}", f"{sentence(10)} {sentence(1)}"], "en") == (
        f"{sentence(30)} {sentence(20)} {sentence(10)}"
    )


def test_a_sentence_that_does_not_fit_ends_the_excerpt() -> None:
    assert excerpt([sentence(30), sentence(31), sentence(3)], "en") == sentence(30)


def test_a_first_sentence_of_just_sixty_words_stays_whole() -> None:
    assert excerpt([sentence(60)], "en") == sentence(60)


def test_abbreviations_and_decimals_end_no_sentence() -> None:
    first = "Dr. Smith gave 2.5 mg per day, e.g. to men."
    assert excerpt([f"{first} {sentence(55)}"], "en-US") == first


def test_there_is_no_excerpt_of_nothing() -> None:
    assert excerpt([], "en") == ""
    assert excerpt(["", " \u200b "], "en") == ""


@pytest.mark.parametrize("mark", [",", ";", ":", " –", " —"])  # noqa: RUF001
def test_a_long_first_sentence_is_cut_at_its_last_clause_mark(mark: str) -> None:
    assert excerpt([f"{words(20)}, {words(20)}{mark} {words(30)}."], "en") == f"{words(20)}, {words(20)}…"


@pytest.mark.parametrize("before", [34, 61])
def test_a_clause_mark_too_early_or_too_late_is_passed_over(before: int) -> None:
    assert excerpt([f"{words(before)}, {words(40)}."], "en") == " ".join(f"{words(before)}, {words(40)}".split()[:55]) + "…"


@pytest.mark.parametrize(
    ("hanging", "language"),
    [
        ("not", "en"),
        ("does not", "en"),
        ("doesn’t", "en"),  # noqa: RUF001
        ("of the", "en"),
        ("and a", "en"),
        ("50", "en"),
        ("from 1.5", "en"),
        ("50 –", "en"),  # noqa: RUF001
        ("≥", "en"),
        ("£", "en"),
        ("two million", "en"),
        ("wird nicht", "de"),
        ("et de la", "fr"),
    ],
)
def test_a_cut_leaves_no_word_number_or_sign_hanging(hanging: str, language: str) -> None:
    start = words(55 - len(hanging.split()))
    assert excerpt([f"{start} {hanging} {words(20)}."], language) == f"{start}…"


def test_a_cut_keeps_a_number_with_its_unit() -> None:
    assert excerpt([f"{words(53)} 5 mg {words(20)}."], "en") == f"{words(53)} 5 mg…"


def test_a_comma_between_numbers_is_no_clause_mark() -> None:
    assert excerpt([f"{words(40)}, {words(5)} 5, 10 or 20 mg {words(30)}."], "en") == f"{words(40)}…"


def test_a_cut_leaves_no_bracket_open() -> None:
    assert excerpt([f"{words(50)} (mostly in {words(30)})."], "en") == f"{words(50)}…"


def test_a_sentence_of_nothing_but_hanging_words_is_cut_all_the_same() -> None:
    assert excerpt(["not " * 70], "en") == "not " * 54 + "not…"


@pytest.mark.parametrize(
    "line",
    [
        "By Jane Doe",
        "By Jane Doe, M.D.",
        "BY JANE VAN DER MEER AND JOHN DOE",
        "Medically reviewed by Dr. Jane Doe",
        "Written by: Jane",
        "Updated: 8 August 2024",
        "Last updated on August 8, 2024",
        "Published 8-8-2024",
        "HairFear - 8-8-2024",
        "HairFear | 08/09/2024",
        "By jane | August 8, 2024 | 5 min read",
        "August 8th, 2024",
        "5 min read",
        "Photo: Jane Doe/Reuters.",
        "Share this",
        "Share this article with your friends!",
        "Follow us on Facebook",
        "Subscribe to our newsletter.",
        "Read more",
        "Advertisement",
        "© 2024 HairFear",
        "Copyrights © 2024. All rights reserved.",
        "Here is what helps:",
    ],
)
def test_what_stands_round_the_text_is_passed_over(line: str) -> None:
    assert excerpt([line, sentence(10)], "en") == sentence(10)
    assert excerpt([line], "en") == ""


@pytest.mark.parametrize(
    "line",
    [
        "By 2030, half of all men will have lost hair.",
        "By then it was late.",
        "Updated guidelines say that hair grows back.",
        "Sharing a comb spreads lice.",
        "Sponsored research found the opposite.",
        "On 8 August 2024 it rained.",
        "Source water matters: hard water dries the scalp.",
    ],
)
def test_prose_that_begins_like_a_byline_is_kept(line: str) -> None:
    assert excerpt([line], "en") == line


def test_a_heading_among_paragraphs_is_passed_over() -> None:
    assert excerpt(["How It Works", sentence(10), "What It Costs", sentence(5)], "en") == f"{sentence(10)} {sentence(5)}"


def test_where_no_line_ends_in_a_stop_every_line_is_prose() -> None:
    assert excerpt(["hair grows", "skin too"], "en") == "hair grows skin too"


@pytest.mark.parametrize("prefix", ["LONDON (Reuters) - ", "(CNN) — ", "NEW YORK, N.Y. (AP) -- "])
def test_place_and_agency_are_taken_off(prefix: str) -> None:
    assert excerpt([prefix + sentence(10)], "en") == sentence(10)


def test_a_last_sentence_that_announces_a_list_is_left_out() -> None:
    assert excerpt([f"{sentence(10)} These help:", sentence(5)], "en") == f"{sentence(10)} {sentence(5)}"


def test_sentences_of_one_paragraph_stay_as_far_apart_as_they_stand() -> None:
    assert excerpt(["髪。 Hair.毛。", "Skin."], "en") == "髪。 Hair.毛。Skin."


def test_japanese_is_counted_in_characters_and_joined_without_spaces() -> None:
    first, last = "脱毛症は頭髪が抜け落ちる病気です。", "原因は" + "様" * 90 + "。"
    assert excerpt([first * 2, first, last], "ja") == first * 3
    assert excerpt([first * 2, first, last], "en") == first * 3


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("髪" * 80 + "、" + "毛" * 80 + "。", "髪" * 80 + "…"),
        ("髪" * 150, "髪" * 110 + "…"),
        ("髪" * 107 + "100毫克" + "髪" * 50, "髪" * 107 + "…"),
        ("髪" * 109 + "不" + "髪" * 50, "髪" * 109 + "…"),
        ("髪" * 105 + "minoxidil" + "髪" * 50, "髪" * 105 + "…"),
        ("髪" * 109 + "👩\u200d🔬" + "髪" * 50, "髪" * 109 + "…"),
        ("髪" * 109 + "が\u3099" + "髪" * 50, "髪" * 109 + "…"),
        ("ก" * 109 + "เก" + "ก" * 50, "ก" * 109 + "…"),
        (("ผมร่วง" * 12 + " ") * 3, "ผมร่วง" * 12 + "…"),
    ],
)
def test_a_text_without_spaces_is_cut_between_signs(text: str, cut: str) -> None:
    assert excerpt([text], "zh") == cut


PIECES = [*WORDS, "Hair", "not", "50", "mg", "end.", "so,", "Why?", "(as", "–"]  # noqa: RUF001
PROSE = st.lists(st.lists(st.sampled_from(PIECES), max_size=90).map(lambda pieces: " ".join([*pieces, "end."])), max_size=6)


@given(prose=PROSE, language=st.sampled_from(["en", "en-GB", "de", "xx", ""]))
def test_an_excerpt_is_the_beginning_of_the_prose_word_for_word(prose: list[str], language: str) -> None:
    cut = excerpt(prose, language)
    source, kept = " ".join(" ".join(prose).split()), cut.removesuffix("…")
    assert source.startswith(kept)
    assert not source[len(kept) : len(kept) + 1].isalnum()
    assert len(cut.split()) <= 60
    assert bool(cut) == bool(source)


@given(
    prose=st.lists(st.text(st.characters(), max_size=400), max_size=4), language=st.sampled_from(["en", "ja", "th", "ar", "\ud800"])
)
def test_any_text_gives_a_short_clean_line_made_of_its_characters(prose: list[str], language: str) -> None:
    cut = excerpt(prose, language)
    assert cut == clean_line(cut)
    assert len(cut.split()) <= 60
    source = iter(re.sub(r"\s", "", "".join(map(clean_line, prose))))
    assert all(character in source for character in re.sub(r"\s", "", cut.removesuffix("…")))


def test_the_authors_own_summary_comes_first() -> None:
    assert summary(" <b>, &amp;\n the rest ", "Title", [sentence(10)], "en") == "<b>, &amp; the rest"


@pytest.mark.parametrize(
    "written", [None, "", " \n ", "Title", " title.", "Hair falls…", "Hair falls […]", "Hair [...]", "Hair..."]
)
def test_a_summary_that_is_none_gives_way_to_the_excerpt(written: str | None) -> None:
    assert summary(written, "Title", [sentence(10)], "en") == sentence(10)


def test_an_excerpt_does_not_repeat_the_title() -> None:
    assert summary(None, "Hair  grows", ["Hair grows.", sentence(10)], "en") == sentence(10)


@pytest.mark.parametrize("prose", [[], ["By Jane Doe"], ["A title"]])
def test_without_prose_the_title_stands_in(prose: list[str]) -> None:
    assert summary(None, " A  title ", prose, "en") == "A title"
