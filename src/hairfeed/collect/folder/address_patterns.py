"""An article's address from a pattern, with the words that each generator would put into it. Pure.

`{path}` is the page's path in its source without the ending, `{file}` with it, `{name}` its last part; `{year}`, `{month}` and
`{day}` are its date's, with two digits; `{slug}` is the author's own or what the generator makes of title or name; `{category}`
is the first one; `{section}` the first folder. The other names below stand in patterns of generators only.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

from hairfeed.collect.folder.conventions import Convention, Generator, Place
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

_COLON_PLACEHOLDER = re.compile(r":([a-z]+(?:_[a-z]+)*)")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DATE_IN_NAME = re.compile(r"\d{2,4}-\d{1,2}-\d{1,2}-")
_TEMPLATE = re.compile(r"\{\{|\{%")
_MAY_BE_EMPTY = frozenset({"categories", "slugified_categories", "folders", "place"})
# A path's own characters (RFC 3986 §3.3), which no generator escapes.
_PATH_CHARACTERS = "/~!$&'()*+,;=:@"
# Letters that no accent makes; others of ASCII's alphabet lose theirs by themselves.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "þ": "th"}
    | {"Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "--", "…": "..."}  # noqa: RUF001
)


def from_colons(pattern: str) -> str:
    """`/:year/:title/` of Jekyll and Hugo as `{year}/{title}/`."""
    return _COLON_PLACEHOLDER.sub(r"{\1}", pattern.replace(":output_ext", ".html")).lstrip("/")


def address_path(page: Page, upstream_id: str, day: date, pattern: str, convention: Convention) -> str:
    """What `pattern` says of the page: percent-encoded, without `//` but behind the scheme.

    Raises:
        PageError: the pattern asks for what the page does not have, or for what only the generator itself can tell.
    """
    parts = _parts(page, upstream_id, day, convention)
    filled = _PLACEHOLDER.sub(lambda found: _part(found[1], parts, pattern), pattern)
    return re.sub(r"(?<!:)/{2,}", "/", filled)


def generated_address(page: Page, upstream_id: str, day: date, site_url: str, convention: Convention) -> str:
    """The address that the generator gives to the page when neither the page nor the config states one.

    Raises:
        PageError: as `address_path`.
    """
    if page.url is not None:
        raise PageError(f"states an address that only the site's generator can work out ({page.url}); set 'url' for this source")
    place = convention.place(upstream_id)
    pattern = convention.pattern(place.folders[0] if place and place.folders else "")
    if convention.translated and page.language != convention.language:
        pattern = convention.translated
    path = address_path(page, upstream_id, day, pattern, convention)
    return f"{site_url}{_base(site_url, convention)}/{path.lstrip('/')}"


def stated_address(page: Page, upstream_id: str, day: date, site_url: str, convention: Convention) -> str | None:
    """The address that the page states, where no template stands in it; None when it states none.

    Raises:
        PageError: as `address_path`.
    """
    stated = page.url
    if stated is None or _TEMPLATE.search(stated):
        return None
    base = _base(site_url, convention)
    if convention.generator is Generator.JEKYLL and ":" in stated and "//" not in stated:
        stated = "/" + address_path(page, upstream_id, day, from_colons(stated), convention).lstrip("/")
    return f"{base}/{stated.lstrip('/')}" if base and "//" not in stated else stated


def _base(site_url: str, convention: Convention) -> str:
    """The generator's own path of the site, unless the site's address ends with it already."""
    return "" if urlsplit(site_url).path.rstrip("/").endswith(convention.base) else convention.base


def _part(name: str, parts: Mapping[str, str], pattern: str) -> str:
    part = parts.get(name)
    if part is None:
        raise PageError(
            f"has an address that cannot be told: the pattern {pattern!r} needs {name!r}, which only the site's generator knows; "
            "set 'url' for this source in the config, or the page's address in its front matter"
        )
    if not part and name not in _MAY_BE_EMPTY:
        raise PageError(f"has no {name}, of which its address is made ({pattern}); give it one, or an address in its front matter")
    return part


def _parts(page: Page, upstream_id: str, day: date, convention: Convention) -> dict[str, str]:
    path = PurePosixPath(upstream_id)
    place = convention.place(upstream_id) or Place((), path.stem)
    parts = {"path": str(path.with_suffix("")), "file": upstream_id, "name": path.stem}
    quoted = {name: quote(part, safe="/~") for name, part in parts.items()}
    words = _date_parts(day) | _WORDS[convention.generator](page, place, convention)
    words["section"] = place.folders[0] if place.folders else ""
    return {name: quote(word, safe=_PATH_CHARACTERS) for name, word in words.items()} | quoted


def _date_parts(day: date) -> dict[str, str]:
    return {
        "year": f"{day.year:04}",
        "month": f"{day.month:02}",
        "day": f"{day.day:02}",
        "short_year": f"{day.year % 100:02}",
        "i_month": str(day.month),
        "i_day": str(day.day),
        "y_day": f"{day.timetuple().tm_yday:03}",
        "yearday": str(day.timetuple().tm_yday),
    }


def _plain_words(page: Page, place: Place, convention: Convention) -> dict[str, str]:
    return {
        "slug": page.slug or hyphenated(without_date(place.name)),
        "category": hyphenated((*page.categories, *page.topics, convention.category or "")[0]),
    }


def _jekyll_words(page: Page, place: Place, _convention: Convention) -> dict[str, str]:
    slug = page.slug or without_date(place.name)
    lowered = dict.fromkeys(category.lower() for category in page.categories)
    slugs = list(dict.fromkeys(map(hyphenated, page.categories)))
    return {
        "slug": hyphenated(slug),
        "title": _hyphens(slug, "._~!$&'()+,;=@"),
        "categories": "/".join(lowered),
        "slugified_categories": "/".join(slugs),
        "category": slugs[0] if slugs else "",
    }


def _hugo_words(page: Page, place: Place, convention: Convention) -> dict[str, str]:
    own = page.slug or (without_date(place.name) if convention.slug_in_name and _DATE_IN_NAME.match(place.name) else "")
    name = urlized(place.name)
    words = {
        "title": urlized(page.title),
        "slug": urlized(own or page.title),
        "filename": name,
        "contentbasename": name,
        "slugorfilename": urlized(own) or name,
        "slugorcontentbasename": urlized(own) or name,
        "folders": "/".join(urlized(folder, plus=True) for folder in place.folders),
        "tail": urlized(own or place.name, plus=True),
        "category": urlized(page.categories[0]) if page.categories else "",
    }
    # Deeper folders are sections only where each has a page of its own.
    return words | ({"sections": "".join(place.folders).lower()} if len(place.folders) <= 1 else {})


def _pelican_words(page: Page, place: Place, convention: Convention) -> dict[str, str]:
    in_name = without_date(place.name) if convention.slug_in_name else ""
    return {
        "slug": page.slug or in_name or latin(page.title),
        "category": latin((*page.categories, convention.category or "")[0]),
        "author": latin(page.authors[0]) if page.authors else "",
        "lang": page.language or "",
    }


def _eleventy_words(page: Page, place: Place, _convention: Convention) -> dict[str, str]:
    twice = bool(place.folders) and place.folders[-1] == place.name
    tail = () if place.name == "index" or twice else (place.name,)
    name = place.folders[-1] if place.name == "index" and place.folders else place.name
    return {
        "place": "/".join((*place.folders, *tail)),
        "slug": page.slug or without_date(name),
        "category": hyphenated(page.categories[0]) if page.categories else "",
    }


def _astro_words(page: Page, place: Place, _convention: Convention) -> dict[str, str]:
    folders = [_github_slug(folder) for folder in place.folders]
    tail = [] if place.name == "index" else [_github_slug(place.name)]
    return {
        "place": "/".join((*place.folders, *([] if place.name == "index" else [place.name]))),
        "slug": page.slug or "/".join([*folders[1:], *tail]),
        "category": hyphenated(page.categories[0]) if page.categories else "",
    }


_WORDS = {
    Generator.NONE: _plain_words,
    Generator.JEKYLL: _jekyll_words,
    Generator.HUGO: _hugo_words,
    Generator.PELICAN: _pelican_words,
    Generator.ELEVENTY: _eleventy_words,
    Generator.ASTRO: _astro_words,
}


def without_date(name: str) -> str:
    """A file's name behind the date that it begins with."""
    return _DATE_IN_NAME.sub("", name, count=1)


def hyphenated(text: str) -> str:
    """Small letters and digits of any script, one hyphen for all that stands between them (Jekyll's default slug)."""
    return _hyphens(text, "").lower()


def _hyphens(text: str, kept: str) -> str:
    """Letters, digits and the characters in `kept`; one hyphen for each run of others between them."""
    return "-".join("".join(character if _is_word(character) or character in kept else " " for character in text).split())


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def urlized(text: str, *, plus: bool = False) -> str:
    """The text as Hugo writes it into an address; the plus sign stays where no pattern makes the address."""
    allowed = "./\\_#~-@" + "+" * plus
    kept: list[str] = []
    for character in text.strip():
        if character in allowed or _is_word(character):
            if character == "-" and kept[-1:] == [" "]:
                kept.pop()
            kept.append(character)
        elif character.isspace() and kept and kept[-1] not in " -":
            kept.append(" ")
    return "".join(kept).strip(" ").replace(" ", "-").lower()


def latin(text: str) -> str:
    """The text as Pelican's slug: ASCII, small letters, hyphens.

    Raises:
        PageError: it holds letters of another script or signs, which Pelican spells by a table of its own.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    ascii_only = "".join(map(_ascii, plain))
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip()).lower()


def _ascii(character: str) -> str:
    category = unicodedata.category(character)
    if character.isascii():
        return character
    if category == "Pd":
        return "-"
    if category[0] in "PMCZ":
        return " " if category[0] == "Z" else ""
    raise PageError(f"has an address that cannot be told: its slug would spell {character!r} in Latin letters; give it a slug")


def _github_slug(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
