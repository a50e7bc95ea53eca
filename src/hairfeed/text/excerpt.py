"""The summary of an article: its author's own, or else its first sentences word for word."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import sentencex

from hairfeed.errors import DateError
from hairfeed.text.dates import DateOrder, read_date
from hairfeed.text.markup import clean_line

_MOST_WORDS = 60
# A first sentence that is longer: the fewest words before a clause mark, and where it is cut without such a mark.
_FEWEST_WORDS = 35
_CUT_WORDS = 55
# The same for scripts that put no spaces between words.
_MOST_CHARACTERS = 110
_FEWEST_CHARACTERS = 65

_AFTER_PRIMARY = re.compile("[^a-z]")
_SPACELESS_LANGUAGES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my"})
_SPACELESS_LETTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LONGEST_MEAN_WORD = 30
_WIDE_STOPS = tuple("。！？」』）")  # noqa: RUF001
_WIDE_CLAUSE = re.compile(r"[、，；：。！？ ]|[,;:](?!\d)")  # noqa: RUF001
_WIDE_NEGATIONS = "不没沒无無未非"
_THAI_FOLLOWERS = frozenset("ะาำๅ")
_THAI_LEADERS = frozenset("เแโใไ")
_JOINER = "\u200d"

_PUNCTUATION = "\"'“”‘’«»()[],;:.!?…–—-"  # noqa: RUF001
_DASHES = frozenset({"–", "—", "-"})  # noqa: RUF001
_CLAUSE_MARK = re.compile("[,;:][\"'”’)\\]]?$")  # noqa: RUF001
_SENTENCE_END = re.compile("[.!?…。！？؟।:][\"'”’)\\]]?$")  # noqa: RUF001

# Lines between the title and the text: who, when, and what the page wants of its readers.
_LONGEST_FURNITURE = 100
_LONGEST_HEADING = 80
_NAMES = r"(?:(?:[A-ZÀ-ÖØ-Þ]\S*|and|&|de|van|von|der|la)(?: |$)){1,10}"
_FURNITURE = [
    re.compile(rf"(?:[Bb]y|BY|Von|Par|Por|Door):? {_NAMES}"),
    re.compile(
        r"(?:(?:medically |last |first )?(?:written|reviewed|edited|updated|published|posted|modified|fact[- ]checked)"
        r"|photos?|images?|pictures?|sources?|credits?|authors?|date)(?: credit| by| on| at)?: ?.*",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:share (?:this|on|via)\b|follow us|subscribe (?:to|now|here)\b|sign up (?:for|to|now)\b|read more\b"
        r"|continue reading\b|copyrights? (?:©|\(c\)|\d{4})|©|all rights reserved).*",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:share|print|tweet|email|related|advertisement|sponsored(?: content)?|\d+ min(?:ute)?s?(?: read)?)", re.IGNORECASE
    ),
]
_UNFINISHED_FURNITURE = re.compile(
    r"(?:medically |last |first )?(?:written|reviewed|edited|updated|published|posted|modified|fact[- ]checked)(?: by| on| at)? .*",
    re.IGNORECASE,
)
_PARTS = re.compile(r" [-–—|•·] ")  # noqa: RUF001
# As news agencies begin: LONDON (Reuters) and a dash.
_PLACE_AND_AGENCY = re.compile(r"^(?:[A-Z][A-Z .,'-]{2,40} )?\([A-Z][A-Za-z ]{1,20}\) (?:--|[-–—]) ")  # noqa: RUF001
_ANY_ZONE = ZoneInfo("UTC")

# After these a reader waits for more; without its "not" a verb says the opposite, so verbs that take one are here too.
_DANGLING_BY_LANGUAGE = {
    "en": "a an the of and or but nor for to in on at by with from as than that which who whose if when while because although"
    " unless until since whether into onto per about between under over after before during through without within against"
    " no not never neither either only hardly barely less more fewer least most very too so such every each any some all"
    " is are was were be been being am has have had do does did can could may might must shall should will would cannot"
    " its his her their our your my this these those it they he she we you i there minus plus"
    " one two three four five six seven eight nine ten hundred thousand million billion",
    "de": "der die das den dem des ein eine einen einem einer und oder aber nicht kein keine keinen nie ohne von mit zu zum zur"
    " in im an am auf für bei als wie dass weil wenn ob ist sind war waren hat haben wird werden kann können",
    "fr": "le la les un une des du de et ou mais ne pas jamais sans à au aux en dans sur par pour avec que qui si est sont"
    " a ont peut peuvent",
    "es": "el la los las un una unos unas de del y o pero no nunca sin a al en con por para que si es son ha han puede pueden",
    "nl": "de het een en of maar niet geen nooit zonder van met te in op aan bij voor als dat die is zijn heeft kan kunnen",
}
_DANGLING = {language: frozenset(words.split()) for language, words in _DANGLING_BY_LANGUAGE.items()}


def summary(written: str | None, title: str, prose: Sequence[str], language: str) -> str:
    """The author's own summary where `written` is a real one, else the excerpt of `prose`, else the title: one plain line.

    `written` and `prose` are plain text. A `written` that is empty, repeats the title or was cut short by a machine is none.
    """
    own, heading = clean_line(written or ""), clean_line(title)
    if own and not _same(own, heading) and not own.endswith(("…", "...", "[…]", "[...]")):
        return own
    return excerpt([paragraph for paragraph in prose if not _same(clean_line(paragraph), heading)], language) or heading


def excerpt(prose: Sequence[str], language: str) -> str:
    """Whole sentences from the beginning of `prose`, at most 60 words; "" when there is no prose.

    A first sentence that is longer is cut and ends in "…". Scripts without spaces count 110 characters instead of words.
    `prose` is plain text, a paragraph each; `language` is a BCP 47 tag.
    """
    primary = _AFTER_PRIMARY.split(language.lower(), maxsplit=1)[0]
    lines = _lines(prose)
    if not lines:
        return ""
    spaceless = primary in _SPACELESS_LANGUAGES or _has_no_spaces(lines[0])
    chosen, next_one = _whole_sentences(_sentences(lines, primary), spaceless=spaceless)
    if chosen or not next_one:
        return chosen
    return _cut_characters(next_one) if spaceless else _cut_words(next_one, _DANGLING.get(primary, frozenset()))


def _same(text: str, title: str) -> bool:
    return text.rstrip(".").casefold() == title.rstrip(".").casefold()


def _lines(prose: Sequence[str]) -> list[str]:
    cleaned = (_PLACE_AND_AGENCY.sub("", clean_line(paragraph)) for paragraph in prose)
    lines = [line for line in cleaned if line and not _is_furniture(line)]
    # Plain text knows no headings. Where every line looks like one, it is how this author writes, or this language.
    return [line for line in lines if not _is_heading(line)] or lines


def _is_furniture(line: str) -> bool:
    """Whether a line is a byline, a dateline or a call to the reader."""
    if len(line) > _LONGEST_FURNITURE:
        return False
    if any(pattern.fullmatch(line) for pattern in _FURNITURE):
        return True
    if _SENTENCE_END.search(line):
        return False
    return bool(_UNFINISHED_FURNITURE.fullmatch(line)) or any(_is_date(part) for part in _PARTS.split(line))


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not _SENTENCE_END.search(line)


def _is_date(text: str) -> bool:
    for order in (DateOrder.DMY, DateOrder.MDY):
        try:
            read_date(text, order=order, zone=_ANY_ZONE)
        except DateError:
            continue
        return True
    return False


def _sentences(lines: Sequence[str], language: str) -> Iterator[str]:
    """Sentence by sentence, each with the space that stands behind it."""
    for line in lines:
        sentences = [sentence for sentence in sentencex.segment(language, line) if sentence.strip()]
        if not line.endswith(_WIDE_STOPS):
            sentences[-1] += " "
        # What it announces, a list or a table, is no prose and does not follow.
        if line.endswith((":", "：")) and len(sentences[-1].split()) <= _MOST_WORDS:  # noqa: RUF001
            sentences.pop()
        yield from sentences


def _whole_sentences(sentences: Iterator[str], *, spaceless: bool) -> tuple[str, str]:
    """The sentences that fit, and the first one that does not ("" when all do)."""
    chosen = ""
    for sentence in sentences:
        longer = (chosen + sentence).rstrip()
        if (len(longer) > _MOST_CHARACTERS) if spaceless else (len(longer.split()) > _MOST_WORDS):
            return chosen.rstrip(), sentence.rstrip()
        chosen += sentence
    return chosen.rstrip(), ""


def _has_no_spaces(text: str) -> bool:
    return len(_SPACELESS_LETTER.findall(text)) * 2 > len(text) or len(text) > _LONGEST_MEAN_WORD * len(text.split())


def _cut_words(sentence: str, dangling: frozenset[str]) -> str:
    words = sentence.split()
    ends = [end for end in range(_MOST_WORDS, _FEWEST_WORDS - 1, -1) if _ends_clause(words, end)]
    end = next((end for end in ends if _steady_end(words, end, dangling) == end), 0)
    return " ".join(words[: end or _steady_end(words, _CUT_WORDS, dangling)]).rstrip(" ,;:–—-([") + "…"  # noqa: RUF001


def _ends_clause(words: Sequence[str], end: int) -> bool:
    return _CLAUSE_MARK.search(words[end - 1]) is not None or words[end] in _DASHES


def _steady_end(words: Sequence[str], end: int, dangling: frozenset[str]) -> int:
    """The last place up to `end` where nothing is left hanging; `end` itself when there is none in its second half."""
    opened = (start for start in range(end - 1, end // 2, -1) if _opens_bracket(" ".join(words[start:end])))
    steady = next(opened, end)
    while steady > end // 2 and _hangs(words[steady - 1], dangling):
        steady -= 1
    return steady if steady > end // 2 else end


def _opens_bracket(text: str) -> bool:
    return text.count("(") > text.count(")") or text.count("[") > text.count("]")


def _hangs(word: str, dangling: frozenset[str]) -> bool:
    """Whether a text must not end with this word: a number (its unit follows), a sign, a "not", an article and the like."""
    bare = word.strip(_PUNCTUATION).lower()
    if not any(character.isalnum() for character in bare):
        return True
    return bare[-1].isnumeric() or bare in dangling or bare.endswith(("n't", "n’t"))  # noqa: RUF001


def _cut_characters(sentence: str) -> str:
    marks = [mark.start() for mark in _WIDE_CLAUSE.finditer(sentence, _FEWEST_CHARACTERS, _MOST_CHARACTERS)]
    end = marks[-1] if marks else _MOST_CHARACTERS
    while end > 1 and _inseparable(sentence, end):
        end -= 1
    return sentence[: end if end > 1 else _MOST_CHARACTERS].rstrip(_PUNCTUATION + "、，；：。 ") + "…"  # noqa: RUF001


def _inseparable(text: str, end: int) -> bool:
    """Whether the characters on both sides of `end` belong together: one sign to the eye, one word, a number and its unit."""
    last, following = text[end - 1], text[end]
    if unicodedata.category(following) in {"Mn", "Mc", "Me", "Cf", "Sk"} or last == _JOINER:
        return True
    if following in _THAI_FOLLOWERS or last in _THAI_LEADERS or last in _WIDE_NEGATIONS or last.isnumeric():
        return True
    return last.isascii() and following.isascii() and last.isalnum() and following.isalnum()
