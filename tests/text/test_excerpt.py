"""An excerpt is the article's own words from its beginning, and nothing is left hanging."""

# ruff: noqa: RUF001 - letters that look alike are meant as they stand

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.text.characters import clean_line
from hairfeed.text.excerpt import excerpt, first_sentences, summary

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


@pytest.mark.parametrize("mark", [",", ";", ":", " –", " —"])
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
        ("doesn’t", "en"),
        ("of the", "en"),
        ("and a", "en"),
        ("50", "en"),
        ("from 1.5", "en"),
        ("50 –", "en"),
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


@pytest.mark.parametrize("quote", ["“{}.”", "„{}.“", "« {}. »", '"{}."', "({}.)"])
def test_a_cut_leaves_no_quotation_open(quote: str) -> None:
    assert excerpt([f"{words(45)} {quote.format(words(40))}"], "en") == f"{words(45)}…"


def test_a_last_sentence_within_a_quotation_is_left_out() -> None:
    assert excerpt([f"{sentence(45)} “{sentence(3)}", f"“{sentence(20)}”"], "en") == sentence(45)
    assert excerpt([f"“{sentence(45)}", f"“{sentence(20)}”"], "en") == f"“{sentence(45)}"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "C’est M. Dupont."),
        ("fr", "Voici Mme. Martin, p. ex. en mai."),
        ("de", "Die Fa. Muster gilt z. B. als gut."),
        ("ru", "Это было, т. е. давно."),
        ("pl", "Kowalski, tj. lekarz, ur. w 1950 r. w Polsce."),
        ("sv", "Det gäller t.ex. hår kl. 5 om dagen."),
        ("nl", "De Vries, d.w.z. de arts."),
        ("pt", "O Sr. Silva, p. ex. em maio."),
        ("tr", "Kaya vb. geldi."),
    ],
)
def test_what_is_one_sentence_is_not_cut_in_two(language: str, text: str) -> None:
    assert excerpt([f"{sentence(59)} {text}"], language) == sentence(59)


def test_who_spoke_stays_with_what_was_said() -> None:
    assert (
        excerpt(["髪" * 90 + "。「髪は命だ。」と彼女は言った。" + "毛" * 8 + "。"], "ja")
        == "髪" * 90 + "。「髪は命だ。」と彼女は言った。"
    )
    assert excerpt(["髪" * 100 + "。「髪は命だ。」と彼女は言った。"], "ja") == "髪" * 100 + "。"


def test_a_writer_without_capitals_has_sentences_all_the_same() -> None:
    assert excerpt(["i like the hair. it grows slowly. " * 20], "en") == ("i like the hair. it grows slowly. " * 8).strip()


def test_a_cut_keeps_a_number_with_its_unit() -> None:
    assert excerpt([f"{words(53)} 5 mg {words(20)}."], "en") == f"{words(53)} 5 mg…"


def test_a_comma_between_numbers_is_no_clause_mark() -> None:
    assert excerpt([f"{words(40)}, {words(5)} 5, 10 or 20 mg {words(30)}."], "en") == f"{words(40)}…"


def test_a_cut_leaves_no_bracket_open() -> None:
    assert excerpt([f"{words(50)} (mostly in {words(30)})."], "en") == f"{words(50)}…"


def test_a_sentence_of_nothing_but_hanging_words_is_cut_all_the_same() -> None:
    assert excerpt(["not " * 70], "en") == "not " * 54 + "not…"


def test_lines_of_one_paragraph_are_told_apart() -> None:
    assert excerpt([f"Photo: dpa\nBy Jane Doe\n{words(5).capitalize()}\n{words(5)}.", sentence(3)], "en") == (
        f"{words(5).capitalize()} {words(5)}. {sentence(3)}"
    )


def test_a_heading_among_paragraphs_is_passed_over() -> None:
    assert excerpt(["How It Works", sentence(10), "What It Costs", sentence(5)], "en") == f"{sentence(10)} {sentence(5)}"


def test_where_no_line_ends_in_a_stop_every_line_is_prose() -> None:
    assert excerpt(["hair grows", "skin too"], "en") == "hair grows skin too"


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
        ("ผมร่วง" * 6 + " " + "ก" * 120, "ผมร่วง" * 6 + "…"),
        ("髪" * 40 + "、" + "毛" * 120, "髪" * 40 + "…"),
        ("髪" * 60 + "「" + "毛" * 80 + "」。", "髪" * 60 + "…"),
        ("髪" * 95 + "https://example.org/a-b-c" + "髪" * 50, "髪" * 95 + "…"),
        ("髪" * 108 + "🇯🇵🇩🇪🇫🇷" + "髪" * 50, "髪" * 108 + "🇯🇵…"),
        ("髪" * 107 + "３．５" + "髪" * 50, "髪" * 107 + "…"),
    ],
)
def test_a_text_without_spaces_is_cut_between_signs(text: str, cut: str) -> None:
    assert excerpt([text], "zh") == cut


PIECES = [*WORDS, "Hair", "not", "50", "mg", "end.", "so,", "Why?", "(as", "–"]
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


OWN = "All about hair & <b>scalp</b>, and how it grows again"


def test_the_authors_own_summary_comes_first() -> None:
    assert summary(f" {OWN}\n", "Title", [sentence(10)], "en") == OWN


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        " \n ",
        "Title",
        " title.",
        f"{words(9)}…",
        f"{words(9)} […]",
        f"{words(9)} [...]",
        f"{words(9)}...",
        f"{words(9)} (…)",
    ],
)
@pytest.mark.parametrize("trusted", [True, False])
def test_a_summary_that_is_none_gives_way_to_the_excerpt(written: str | None, trusted: bool) -> None:
    assert summary(written, "Title", [sentence(10)], "en", trusted=trusted) == sentence(10)


@pytest.mark.parametrize(
    "written",
    [
        "Hair and scalp",
        "Everything on your hair, every week",
        "髪と頭皮の話",
        "We use cookies to make this site better for you.",
        "Das Haar wächst nicht mehr, und das ist für die meisten Männer mit dem Alter ganz normal.",
        "Волосы растут на сантиметр в месяц, а потом выпадают снова и снова.",
    ],
)
def test_a_description_that_is_a_templates_gives_way_unless_it_is_trusted(written: str) -> None:
    prose = ["The hair that you have is for you to keep, and it is not of the kind that grows with the years."]
    assert summary(written, "Title", prose, "en") == prose[0]
    assert summary(written, "Title", prose, "en", trusted=True) == written


def test_a_description_that_stops_where_the_article_goes_on_is_cut() -> None:
    prose = [f"{sentence(20)} {sentence(30)}"]
    assert summary(words(15).capitalize(), "Title", prose, "en") == prose[0]
    assert summary(words(15).capitalize(), "Title", prose, "en", trusted=True) == words(15).capitalize()
    assert summary(sentence(20), "Title", prose, "en") == sentence(20)
    assert summary(sentence(20).rstrip("."), "Title", [sentence(20)], "en") == sentence(20).rstrip(".")


def test_a_description_in_a_script_without_spaces_counts_by_its_characters() -> None:
    assert (
        summary("髪は一か月におよそ一センチ伸びるという。", "Title", ["毛は抜ける。"], "ja")
        == "髪は一か月におよそ一センチ伸びるという。"
    )


def test_a_description_loses_its_dateline() -> None:
    assert summary(f"LONDON, Aug 8 (Reuters) - {sentence(9)}", "Title", [sentence(10)], "en") == sentence(9)


def test_an_excerpt_does_not_repeat_the_title() -> None:
    assert summary(None, "Hair  grows", ["Hair grows.", sentence(10)], "en") == sentence(10)


@pytest.mark.parametrize("prose", [[], ["By Jane Doe"], ["A title"]])
def test_without_prose_the_title_stands_in(prose: list[str]) -> None:
    assert summary(None, " A  title ", prose, "en") == "A title"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (200, "It grows 1.5 cm a month. Dr. Hair says so. Then it rests."),
        (56, "It grows 1.5 cm a month. Dr. Hair says so."),
        (30, "It grows 1.5 cm a month."),
        (3, "It grows 1.5 cm a month."),
    ],
)
def test_whole_sentences_are_kept_as_far_as_there_is_room_and_the_first_always(limit: int, expected: str) -> None:
    assert first_sentences("It grows 1.5 cm a month. Dr. Hair says so. Then it rests.", "en", limit) == expected


@given(st.text(max_size=300), st.integers(0, 200), st.sampled_from(["en", "ja", "ar", "x"]))
def test_first_sentences_are_the_beginning_of_the_text_word_for_word(text: str, limit: int, language: str) -> None:
    line = clean_line(text)
    kept = first_sentences(line, language, limit)
    assert line.startswith(kept)
    assert bool(kept) == bool(line)
