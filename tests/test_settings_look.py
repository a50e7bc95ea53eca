"""The section [look]: what it takes, and what it says about colours that nobody could read."""

import re
from pathlib import Path

import pytest

from hairfeed.errors import SettingsError
from hairfeed.files import shipped
from hairfeed.settings import load_settings
from hairfeed.settings.look import Look, contrast
from tests.conftest import Publication


def with_look(publication: Publication, lines: str) -> Path:
    """The publication's config with a look."""
    publication.config.write_text(f"{publication.config.read_text()}\n[look]\n{lines}\n")
    return publication.config


def test_without_the_section_there_is_a_look(publication: Publication) -> None:
    assert load_settings(publication.config).look == Look()


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)]
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('ink = "#777777"', "look: ink on sheet has a contrast of 4.37:1, and people need 4.5:1; make ink darker or sheet lighter"),
        ('dark_accent = "#555555"', "dark_accent on dark_sheet has a contrast of 2.23:1"),
        ('tint = "#1d6455"', "accent on tint has a contrast of 1.00:1"),
        ('ink = "red"', "look.ink: 'red' is no colour; write six digits, like #26231f"),
        ('ink = "#222"', "'#222' is no colour"),
        ('text_font = "Arial; } body { display: none"', "is no list of fonts"),
        ("heading_font = 'Segoe UI, serif'", "is no list of fonts"),
        ("logo_width = 5000", "look.logo_width"),
        ('logo = "ftp://example.com/logo.png"', "is no web address"),
        ('papr = "#ffffff"', "did you mean paper?"),
    ],
)
def test_a_look_that_cannot_be_is_refused_by_name(publication: Publication, lines: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(with_look(publication, lines))
    assert complaint in str(refusal.value)


def test_colours_are_written_one_way_and_a_logo_is_found_from_the_config(publication: Publication) -> None:
    dark = "\n".join(f'{name} = "#000000"' for name in ("sheet", "paper", "tint"))
    light = "\n".join(f'{name} = "#ABCDEF"' for name in ("ink", "quiet", "accent"))
    logos = 'logo = "../logo.png"\nlogo_dark = "https://hair.example.org/dark.png"'
    look = load_settings(with_look(publication, f"{dark}\n{light}\n{logos}")).look
    assert look.ink == "#abcdef"
    assert (look.logo, look.logo_dark) == (str(publication.folder / "logo.png"), "https://hair.example.org/dark.png")


@pytest.mark.parametrize(
    ("fonts", "outlook"),
    [
        ('system-ui, "Segoe UI",Arial, sans-serif', '"Segoe UI", Arial, sans-serif'),
        ("Verdana, sans-serif", "Verdana, sans-serif"),
    ],
)
def test_outlook_is_not_told_of_fonts_that_confuse_it(fonts: str, outlook: str) -> None:
    assert Look(text_font=fonts).outlook_font == outlook


def test_the_annotated_config_shows_the_look_as_it_is() -> None:
    text = shipped("config/hairfeed.toml").read_text(encoding="utf-8")
    block = text[text.index("[look]") :].partition("\n\n")[0]
    shown = dict(re.findall(r"""(\w+) = ("[^"]*"|'[^']*')""", block))
    defaults = {name: value for name, value in Look().model_dump(mode="json").items() if isinstance(value, str)}
    assert {name: value[1:-1] for name, value in shown.items() if not name.startswith("logo")} == defaults
