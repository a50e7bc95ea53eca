"""Names that serve as a folder, in an address and in the ledger. Pure."""

import hashlib
import unicodedata
from functools import lru_cache

_SLUG_CHARACTERS = 80
_SLUG_BYTES = 240
"""A folder's name may have 255 bytes on the usual file systems."""


@lru_cache(maxsize=1024)
def slug(text: str) -> str:
    """A name for `text` that serves as a folder, in a URL and as a category term: `Skin & Hair` becomes `skin-hair`.

    Letters and digits of any script stay, compatibility forms folded (NFKC) and in lower case, each letter with its
    combining marks; whatever lies between becomes one hyphen. It is never empty, `.` or `..`, and has at most 80 characters
    and 240 bytes of UTF-8; a short hash stands for what had to go.
    """
    name = "-".join(_words(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())))
    if not name:
        return _short_hash(text)
    if len(name) <= _SLUG_CHARACTERS and len(name.encode()) <= _SLUG_BYTES:
        return name
    ending = f"-{_short_hash(name)}"
    whole_characters = name.encode()[: _SLUG_BYTES - len(ending)].decode(errors="ignore")
    return whole_characters[: _SLUG_CHARACTERS - len(ending)].rstrip("-") + ending


def category_path(topic: str) -> str:
    """The path of a category's feed, below the feeds directory."""
    return f"category/{slug(topic)}/"


def _words(text: str) -> list[str]:
    """The runs of letters and digits; a mark belongs to the letter that it follows (Devanagari's vowels are marks)."""
    kept: list[str] = []
    after_letter = False
    for character in text:
        kind = unicodedata.category(character)
        after_letter = kind[0] == "L" or (after_letter and kind in {"Mn", "Mc"})
        kept.append(character if after_letter or kind[0] == "N" else " ")
    return "".join(kept).split()


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
