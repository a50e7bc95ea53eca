"""Every message of templates and code is in every catalogue, translated, with the same places to fill."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from hairfeed.text.translations import CATALOGUES, translations

ROOT = Path(__file__).parents[2]
FILES = sorted(CATALOGUES.glob("*.po"))
CASES = [0, 1, 2, 3, 10, 11, 99, 100, 101, 102, 103, 111, 1000]


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make words` finds in templates and code."""
    found = tmp_path_factory.mktemp("words") / "hairfeed.pot"
    command = ["pybabel", "-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-o", str(found)]
    CommandLineInterface().run(
        [  # type: ignore[no-untyped-call]
            *command,
            str(ROOT / "src/hairfeed"),
            str(ROOT / "templates"),
        ]
    )
    with found.open("rb") as file:
        return read_po(file)


@cache
def catalogue(path: Path) -> Catalog:
    """One language's."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def places(text: str) -> set[str]:
    """What is filled in."""
    return set(re.findall(r"%\(\w+\)[sd]", text))


def forms(message: Message) -> tuple[str, ...]:
    """Its translations: one, or one for each plural form."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)


def test_templates_and_code_have_messages(messages: Catalog) -> None:
    assert len(messages) > 30
    assert messages.get("Also new") is not None
    assert messages.get(("+ %(number)d more", "+ %(number)d more")) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_message_and_no_other(messages: Catalog, path: Path) -> None:
    wanted, there = ({(one.context, one.id) for one in one_catalogue if one.id} for one_catalogue in (messages, catalogue(path)))
    assert there == wanted, "run 'make words', then translate what is empty"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_message_is_translated_with_the_same_places_to_fill(path: Path) -> None:
    assert not catalogue(path).fuzzy
    for message in catalogue(path):
        if not message.id:
            continue
        *special, last = forms(message)
        source = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        assert not message.fuzzy, message.id
        assert all(forms(message)), message.id
        assert places(last) == places(source), message.id
        # A form for one or two may say so in a word.
        assert all(places(source) - places(form) <= {"%(number)d"} and places(form) <= places(source) for form in special), (
            message.id
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_language_has_a_form_for_every_number(path: Path) -> None:
    words = translations(path.stem)
    said = {number: words.ngettext("+ %(number)d more", "+ %(number)d more", number) % {"number": number} for number in CASES}
    for number, text in said.items():
        assert str(number) in text or (path.stem == "ar" and number in {1, 2}), text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "+ مقال آخر"),
        (2, "+ مقالان آخران"),
        (3, "+ 3 مقالات أخرى"),
        (11, "+ 11 مقالًا آخر"),
        (100, "+ 100 مقال آخر"),
        (103, "+ 103 مقالات أخرى"),
    ],
)
def test_arabic_has_six_forms(number: int, text: str) -> None:
    assert translations("ar").ngettext("+ %(number)d more", "+ %(number)d more", number) % {"number": number} == text
