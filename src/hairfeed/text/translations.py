"""What HairFeed says by itself, in the reader's language: Gettext catalogues, and dates as they are written there.

The catalogues are the `.po` files in `hairfeed/locale/`, one a language; English is the source and has none. They are compiled in
memory when a language is first asked for, so that what people read and change is all there is. Whoever shows a text asks
for `translations(language)` once, and takes direction and dates from there, too.
"""

import gettext as gnu_gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from hairfeed.text.words import date_in_words

SOURCE_LANGUAGE = "en"
CATALOGUES = Path(__file__).parents[1] / "locale"

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_SCRIPTS_RIGHT_TO_LEFT = frozenset({"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"})
_SCRIPT = 4
"""Letters of a script's subtag (RFC 5646 §2.2.3)."""

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Translations:
    """HairFeed's own words in one language; whole sentences, for languages order their parts differently.

    Messages name what is put into them like `%(title)s`; the caller puts it in.
    """

    language: str
    """What the words are in: the tag that was asked for (RFC 5646), or `en` where there is no catalogue for it."""
    _catalogue: gnu_gettext.NullTranslations = field(repr=False)

    @property
    def direction(self) -> Direction:
        """Which way the language is written."""
        return direction_of(self.language)

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self._catalogue.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The message for so many; a language has as many forms as it needs."""
        return self._catalogue.ngettext(one, many, number)

    def pgettext(self, context: str, message: str) -> str:
        """The message in this language, where its words alone do not tell what is meant."""
        return self._catalogue.pgettext(context, message)

    def date_in_words(self, day: date) -> str:
        """A day that nobody can misread, like `8 August 2024` or `8. August 2024`, whatever the locale of this machine."""
        if _primary(self.language) == SOURCE_LANGUAGE:
            return date_in_words(day)
        # Only those who write in other languages pay for the library.
        from babel.core import Locale, UnknownLocaleError
        from babel.dates import format_date

        try:
            locale = Locale.parse(self.language, sep="-")
        except (UnknownLocaleError, ValueError):
            locale = Locale(_primary(self.language))
        return format_date(day, "long", locale=locale)


def translations(language: str) -> Translations:
    """The words for a tag like `de-AT`: those of `de`, or else English."""
    return _translations(language if _TAG.fullmatch(language) else SOURCE_LANGUAGE)


@lru_cache(maxsize=64)
def _translations(language: str) -> Translations:
    if _primary(language) == SOURCE_LANGUAGE:
        return Translations(language, gnu_gettext.NullTranslations())
    for tag in _wider_and_wider(language):
        path = CATALOGUES / f"{tag}.po"
        if path.is_file():
            return Translations(language, _compiled(path))
    return Translations(SOURCE_LANGUAGE, gnu_gettext.NullTranslations())


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that HairFeed speaks."""
    return tuple(sorted([SOURCE_LANGUAGE, *(path.stem for path in CATALOGUES.glob("*.po"))]))


def direction_of(language: str) -> Direction:
    """Which way a language is written, by its script where the tag names one."""
    script = language.partition("-")[2].partition("-")[0].title()
    is_right_to_left = script in _SCRIPTS_RIGHT_TO_LEFT if len(script) == _SCRIPT else _primary(language) in _RIGHT_TO_LEFT
    return "rtl" if is_right_to_left else "ltr"


def _primary(language: str) -> str:
    return language.partition("-")[0]


def _wider_and_wider(language: str) -> Iterator[str]:
    """`zh-Hant-TW`, `zh-Hant`, `zh` (RFC 4647 §3.4)."""
    while language:
        yield language
        language = language.rpartition("-")[0]


def _compiled(path: Path) -> gnu_gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file)
    binary = BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return gnu_gettext.GNUTranslations(binary)
