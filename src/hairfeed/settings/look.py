"""The section `[look]` of the config: colours, fonts and logo of mails and of the pages that go with them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic import ValidationInfo as Info

from hairfeed.settings.values import Section, from_config_folder, web_address

LEAST_CONTRAST = 4.5
"""Of letters against what is behind them (WCAG 2.2, 1.4.3)."""

# What letters stand on: text and links on the sheet, the foot on the paper, a button's words on its tint.
_LEGIBLE = (("ink", "sheet"), ("quiet", "sheet"), ("accent", "sheet"), ("quiet", "paper"), ("accent", "paper"), ("accent", "tint"))
# Outlook on Windows takes Times New Roman where the first name is one of these.
_UNKNOWN_TO_OUTLOOK = frozenset({"-apple-system", "BlinkMacSystemFont", "system-ui"})


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
        raise ValueError(f"{text!r} is no colour; write six digits, like #26231f")
    return text.lower()


def _fonts(stack: str) -> str:
    if not re.fullmatch(
        r"""(?:"[A-Za-z0-9 -]+"|[A-Za-z-][A-Za-z0-9-]*)(?:, ?(?:"[A-Za-z0-9 -]+"|[A-Za-z-][A-Za-z0-9-]*))*""", stack
    ):
        raise ValueError(f"""{stack} is no list of fonts; write it like Georgia, "Times New Roman", serif""")
    return re.sub(r",\s*", ", ", stack)


def _logo(place: str, info: Info) -> str:
    return web_address(place) if "://" in place else str(from_config_folder(Path(place), info))


Colour = Annotated[str, AfterValidator(_colour)]
"""Six digits: mail programs do not know the others."""
Fonts = Annotated[str, AfterValidator(_fonts)]
Logo = Annotated[str, AfterValidator(_logo)]


class Look(Section):
    """Few colours, each for light and for dark; the parts of a mail are made of them."""

    paper: Colour = "#f3f0ea"
    """Behind everything."""
    sheet: Colour = "#fdfcfa"
    """Behind the articles."""
    ink: Colour = "#26231f"
    """Text and titles."""
    quiet: Colour = "#5f5a52"
    """Dates, authors, the foot."""
    accent: Colour = "#1d6455"
    """Links, categories, the line at the top."""
    tint: Colour = "#e5efea"
    """Behind a button's words."""
    rule: Colour = "#e2dcd1"
    """Lines between articles."""
    dark_paper: Colour = "#171512"
    dark_sheet: Colour = "#211e1a"
    dark_ink: Colour = "#ece7de"
    dark_quiet: Colour = "#b5ada1"
    dark_accent: Colour = "#8ccab6"
    dark_tint: Colour = "#2b3b35"
    dark_rule: Colour = "#3a352d"
    heading_font: Fonts = 'Georgia, "Times New Roman", serif'
    text_font: Fonts = '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Helvetica, Arial, sans-serif'
    logo: Logo | None = None
    """A picture file, or its https address."""
    logo_dark: Logo | None = None
    """The same for dark backgrounds."""
    logo_width: Annotated[int, Field(ge=16, le=504)] = 160
    """As it is shown, in CSS pixels."""

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        faults = [fault for prefix in ("", "dark_") for fault in self._illegible(prefix)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _illegible(self, prefix: str) -> Iterator[str]:
        for front, back in _LEGIBLE:
            ratio = contrast(getattr(self, prefix + front), getattr(self, prefix + back))
            if ratio < LEAST_CONTRAST:
                one, other = prefix + front, prefix + back
                change = f"make {one} {'lighter' if prefix else 'darker'} or {other} {'darker' if prefix else 'lighter'}"
                yield f"{one} on {other} has a contrast of {ratio:.2f}:1, and people need {LEAST_CONTRAST}:1; {change}"

    @property
    def thread(self) -> str:
        """The line under a link that is not pointed at: between `quiet` and `sheet`."""
        return _between(self.quiet, self.sheet)

    @property
    def dark_thread(self) -> str:
        """As `thread`, on dark."""
        return _between(self.dark_quiet, self.dark_sheet)

    @property
    def outlook_font(self) -> str:
        """`text_font` without the names that make Outlook on Windows take another one."""
        return ", ".join(name for name in self.text_font.split(", ") if name not in _UNKNOWN_TO_OUTLOOK)


def contrast(one: str, other: str) -> float:
    """The contrast of two six-digit colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _values(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004 - sRGB
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _between(one: str, other: str) -> str:
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in zip(_values(one), _values(other), strict=True))


def _values(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])
