"""Whether two texts are in different languages: said only when it is certain."""

import re
import unicodedata
from collections import Counter

# Language family: small words that are everyday in it and rare in the others. Languages that share theirs are one family.
_SMALL_WORDS = {
    "English": "the and of to is are was were with for that this from have has not it you your they which",
    "German": "der das und ist sind nicht mit dem den ein eine für auf sich von wird werden auch sie ihr",
    "French": "le les des et est une dans pour qui sur pas vous avec du ce cette sont plus leur au",
    "Iberian": "el los las y que para con por una del se su más como o os uma não ao dos",
    "Italian": "il di che è per una con non sono della dei gli nel alla più si lo come anche del",
    "Dutch": "het een van en niet is dat op te voor met zijn wordt ook bij naar uit maar deze aan",
    "Scandinavian": "och att det som är på av för med inte en og er ikke til af den har ett kan",
    "Polish": "i w na nie się jest że do z o jak przez są od dla oraz po to tym które",
    "Czech": "a je se na že s v to jsou pro ale jako by za do který není podle jsme ze",
    "Turkish": "ve bir bu için ile de da çok olarak daha olan gibi en kadar değil sonra ne var her ama",
    "Finnish": "ja on ei että se joka ovat mutta kun myös oli sen kuin tai niin voi jos ole hän ne",
}
_FAMILIES = {family: frozenset(words.split()) for family, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")

_FEWEST_LETTERS = 12
_LEAST_SHARE = 0.8
_FEWEST_HITS = 3
_LEAD = 2
_ENOUGH_TEXT = 4000
# Writing that mixes them is one.
_SCRIPTS = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK"}


def are_different(one: str, other: str) -> bool:
    """Whether two texts are certainly in different scripts or languages; False when either is too short or too mixed to tell."""
    one, other = one[:_ENOUGH_TEXT], other[:_ENOUGH_TEXT]
    scripts = _script(one), _script(other)
    if None in scripts or scripts[0] != scripts[1]:
        return None not in scripts
    families = _family(one), _family(other)
    return None not in families and families[0] != families[1]


def _script(text: str) -> str | None:
    """The script of nearly all letters, by the first word of their Unicode names."""
    names = [unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()]
    if len(names) < _FEWEST_LETTERS:
        return None
    script, count = Counter(_SCRIPTS.get(name, name) for name in names).most_common(1)[0]
    return script if count >= _LEAST_SHARE * len(names) else None


def _family(text: str) -> str | None:
    """The one family whose small words are far more frequent in `text` than those of any other."""
    words = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    hits = sorted(((sum(word in small for word in words), family) for family, small in _FAMILIES.items()), reverse=True)
    (most, family), (next_most, _) = hits[:2]
    return family if most >= _FEWEST_HITS and most >= _LEAD * next_most else None
