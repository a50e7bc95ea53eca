"""HairFeed's own words in the reader's language."""

from datetime import date

import pytest

from hairfeed.text.translations import direction_of, languages, translations


def test_there_are_words_in_five_languages() -> None:
    assert {"ar", "de", "en", "es", "fr"} <= set(languages())


@pytest.mark.parametrize(
    ("asked_for", "language", "direction"),
    [
        ("en", "en", "ltr"),
        ("en-GB", "en-GB", "ltr"),
        ("de-AT", "de-AT", "ltr"),
        ("ar-EG", "ar-EG", "rtl"),
        ("he", "en", "ltr"),
        ("xx-unknown", "en", "ltr"),
        ("", "en", "ltr"),
        ("../../etc/passwd", "en", "ltr"),
    ],
)
def test_a_language_without_a_catalogue_of_its_own_has_a_wider_one_or_english(
    asked_for: str, language: str, direction: str
) -> None:
    words = translations(asked_for)
    assert (words.language, words.direction) == (language, direction)


def test_a_country_has_the_words_of_its_language() -> None:
    message = ("+ %(number)d more", "+ %(number)d more", 2)
    assert translations("de-AT").ngettext(*message) == translations("de").ngettext(*message) == "+ %(number)d weitere"
    assert translations("nl").ngettext(*message) == "+ %(number)d more"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "9 August 2024"),
        ("en-US", "9 August 2024"),
        ("nl", "9 August 2024"),
        ("de", "9. August 2024"),
        ("de-AT", "9. August 2024"),
        ("de-XX", "9. August 2024"),
        ("fr", "9 août 2024"),
        ("es-MX", "9 de agosto de 2024"),
        ("ar", "9 أغسطس 2024"),
    ],
)
def test_a_date_is_written_as_the_language_writes_it(language: str, words: str) -> None:
    assert translations(language).date_in_words(date(2024, 8, 9)) == words


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("he-IL", "rtl"), ("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("ur", "rtl"), ("de-AT", "ltr")],
)
def test_the_direction_is_that_of_the_script(language: str, direction: str) -> None:
    assert direction_of(language) == direction
