"""The summary of an article: its author's own, or else its first sentences word for word."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import sentencex

from hairfeed.text.characters import clean_line
from hairfeed.text.date_words import fold
from hairfeed.text.furniture import is_finished, is_furniture, without_dateline
from hairfeed.text.language import are_different

_MOST_WORDS = 60
# A first sentence that is longer: the fewest words before a clause mark, and where it is cut without such a mark.
_FEWEST_WORDS = 35
_CUT_WORDS = 55
# The same for scripts that put no spaces between words.
_MOST_CHARACTERS = 110
# Rather a short excerpt than one that ends within a word: where words stand without spaces only a clause mark shows their end.
_LEAST_CHARACTERS = 30
# An author's own summary of fewer words is a slogan, a topic, or what a page's template says.
_FEWEST_OWN_WORDS = 8
_CHARACTERS_A_WORD = 2

_AFTER_PRIMARY = re.compile("[^a-z]")
_SPACELESS_LANGUAGES = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my"})
_SPACELESS_LETTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LONGEST_MEAN_WORD = 30
_WIDE_STOPS = tuple("。！？」』）")  # noqa: RUF001
_WIDE_CLAUSE = re.compile(r"[、，；：。！？ ]|[,;:](?!\d)")  # noqa: RUF001
_WIDE_POINTS = "．，"  # noqa: RUF001
_WIDE_NEGATIONS = "不没沒无無未非"
_THAI_FOLLOWERS = frozenset("ะาำๅ")
_THAI_LEADERS = frozenset("เแโใไ")
_JOINER = "\u200d"
# Signs that bind the letter behind them: Myanmar's and Khmer's stackers.
_STACKERS = frozenset("\u1039\u17d2")
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]+$")

_PAIRS = ("()", "[]", "“”", "«»", "（）", "「」", "『』", "《》", "【】")  # noqa: RUF001
_OPENING = re.compile(r"^[\"“„«]|[(\[]")
_WIDE_OPENING = re.compile("[（「『《【“]")  # noqa: RUF001
_STRAY_OPENING = re.compile(r"(?<=\s)[“„«(\[]\s*$")
_INCHES = re.compile(r"(?<=\d)\"")
# Sentences that the splitter ends too early: an abbreviation, an initial, a title and the name; what was said, and who says it.
_SHORT_WORD = re.compile(r"(?:^|[^\w.])(?P<word>[^\W\d]{1,4}|[^\W\d]+\.[\w.]*)\.\s*$")
_TITLES = frozenset(
    {"m", "mm", "mme", "mlle", "dr", "dra", "prof", "sr", "sra", "sig", "dott", "hab", "mgr", "ing", "dhr", "mevr", "hr", "fr"}
    | {"fa", "kl", "nr", "ul", "св", "им", "ул", "стр", "рис", "κος"}
)
_SAID = re.compile(r"(?:と|って)|[^。！？」』”]{1,8}(?:说|說|道|表示)[，。：]")  # noqa: RUF001
_CLOSING_QUOTE = re.compile("[」』”]\\s*$")

_CUT_ENDINGS = ("…", "...", "[…]", "[...]", "(…)", "(...)", "‥")
_PUNCTUATION = "\"'“”‘’«»()[],;:.!?…–—-"  # noqa: RUF001
_DASHES = frozenset({"–", "—", "-"})  # noqa: RUF001
_CLAUSE_MARK = re.compile("[,;:][\"'”’)\\]]?$")  # noqa: RUF001

_LONGEST_HEADING = 80

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


def summary(written: str | None, title: str, prose: Sequence[str], language: str, *, trusted: bool = False) -> str:
    """The author's own summary where `written` is a real one, else the excerpt of `prose`, else the title: one plain line.

    `written` and `prose` are plain text. A `written` that is empty, repeats the title or was cut short by a machine is none; nor is
    one of fewer than eight words, in another language than `prose`, or that speaks of the page, unless it is `trusted`: written by
    the operator.
    """
    own, heading = clean_line(written or ""), clean_line(title)
    own = own if trusted else without_dateline(own)
    body = clean_line(" ".join(prose))
    if own and not _same(own, heading) and not own.endswith(_CUT_ENDINGS) and (trusted or _says_enough(own, body)):
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


def first_sentences(text: str, language: str, limit: int) -> str:
    """As many whole sentences from the beginning of `text` as have room in `limit` characters, and the first in any case.

    `text` is plain, in one line; `language` is a BCP 47 tag. Every character of it is in the result, up to where it ends.
    """
    if len(text) <= limit or not text:
        return text
    sentences = _split(text, _AFTER_PRIMARY.split(language.lower(), maxsplit=1)[0])
    count = 1
    while count < len(sentences) and len("".join(sentences[: count + 1]).rstrip()) <= limit:
        count += 1
    return _closed(sentences[:count])


def _says_enough(own: str, body: str) -> bool:
    count = len(own) // _CHARACTERS_A_WORD if _has_no_spaces(own) else len(own.split())
    if count < _FEWEST_OWN_WORDS or is_furniture(own) or are_different(own, body):
        return False
    place = -1 if is_finished(own) else body.find(own)
    # Where the article goes on in the middle of a sentence, a machine has cut it.
    return place < 0 or not body[place + len(own) :].lstrip(_PUNCTUATION)


def _same(text: str, title: str) -> bool:
    return text.rstrip(".").casefold() == title.rstrip(".").casefold()


def _lines(prose: Sequence[str]) -> list[str]:
    lines = [line for paragraph in prose if (line := _without_furniture(paragraph))]
    # Plain text knows no headings. Where every line looks like one, it is how this author writes, or this language.
    return [line for line in lines if not _is_heading(line)] or lines


def _without_furniture(paragraph: str) -> str:
    """A paragraph as one line, without those of its lines that are no prose; "" when none is."""
    cleaned = [without_dateline(clean_line(line)) for line in paragraph.split("\n")]
    return " ".join(line for line in cleaned if line and not is_furniture(line))


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not is_finished(line)


def _sentences(lines: Sequence[str], language: str) -> Iterator[str]:
    """Sentence by sentence, each with the space that stands behind it."""
    for line in lines:
        sentences = _split(line, language)
        if not line.endswith(_WIDE_STOPS):
            sentences[-1] += " "
        # What it announces, a list or a table, is no prose and does not follow.
        if line.endswith((":", "：")) and len(sentences[-1].split()) <= _MOST_WORDS:  # noqa: RUF001
            sentences.pop()
        yield from sentences


def _split(line: str, language: str) -> list[str]:
    """The sentences of a line, each with the space behind it."""
    sentences: list[str] = []
    for segment in sentencex.segment(language, line):
        piece = segment
        if sentences and (stray := _STRAY_OPENING.search(sentences[-1])):
            sentences[-1], piece = sentences[-1][: stray.start()], stray[0] + piece
        if sentences and _goes_on(sentences[-1], piece):
            sentences[-1] += piece
        elif piece.strip():
            sentences.append(piece)
    return sentences


def _goes_on(before: str, after: str) -> bool:
    """Whether what the splitter took for two sentences is one."""
    if _CLOSING_QUOTE.search(before):
        return _SAID.match(after) is not None
    if before[-1] in _WIDE_POINTS and after[:1].isnumeric():
        return True
    short = _SHORT_WORD.search(before)
    if short is None:
        return False
    word, following = fold(short["word"]), after[:1]
    is_cased = word.upper() != word
    return (is_cased and following.islower()) or following.isdigit() or len(word) == 1 or word in _TITLES


def _whole_sentences(sentences: Iterator[str], *, spaceless: bool) -> tuple[str, str]:
    """The sentences that fit, and the first one that does not ("" when all do)."""
    chosen: list[str] = []
    for sentence in sentences:
        longer = "".join([*chosen, sentence]).rstrip()
        if (len(longer) > _MOST_CHARACTERS) if spaceless else (len(longer.split()) > _MOST_WORDS):
            return _closed(chosen), sentence.rstrip()
        chosen.append(sentence)
    return "".join(chosen).rstrip(), ""


def _closed(sentences: Sequence[str]) -> str:
    """The sentences without the last ones that leave a quotation or bracket open; all of them when the first does."""
    texts = ("".join(sentences[:end]).rstrip() for end in range(len(sentences), 0, -1))
    return next((text for text in texts if not _is_open(text)), "".join(sentences).rstrip())


def _is_open(text: str) -> bool:
    """Whether a bracket or quotation begins in `text` and does not end in it."""
    if _INCHES.sub("", text).count('"') % 2:
        return True
    if "„" in text:
        return text.count("„") > text.count("“") + text.count("”")
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in _PAIRS)


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
    steady = end
    if _is_open(" ".join(words[:end])):
        steady = next((start for start in range(end - 1, end // 2, -1) if _OPENING.search(words[start])), end)
    while steady > end // 2 and _hangs(words[steady - 1], dangling):
        steady -= 1
    return steady if steady > end // 2 else end


def _hangs(word: str, dangling: frozenset[str]) -> bool:
    """Whether a text must not end with this word: a number (its unit follows), a sign, a "not", an article and the like."""
    bare = word.strip(_PUNCTUATION).lower()
    if not any(character.isalnum() for character in bare):
        return True
    return bare[-1].isnumeric() or bare in dangling or bare.endswith(("n't", "n’t"))  # noqa: RUF001


def _cut_characters(sentence: str) -> str:
    marks = [mark.start() for mark in _WIDE_CLAUSE.finditer(sentence, _LEAST_CHARACTERS, _MOST_CHARACTERS)]
    end = marks[-1] if marks else _MOST_CHARACTERS
    if _is_open(sentence[:end]):
        end = next((at.start() for at in reversed([*_WIDE_OPENING.finditer(sentence, _LEAST_CHARACTERS, end)])), end)
    while end > 1 and _inseparable(sentence, end):
        end -= 1
    return sentence[: end if end > 1 else _MOST_CHARACTERS].rstrip(_PUNCTUATION + "、，；：。 ") + "…"  # noqa: RUF001


def _inseparable(text: str, end: int) -> bool:
    """Whether the characters on both sides of `end` belong together: one sign to the eye, one word, a number and its unit."""
    last, following = text[end - 1], text[end]
    if unicodedata.category(following) in {"Mn", "Mc", "Me", "Cf", "Sk"} or last == _JOINER or last in _STACKERS:
        return True
    if (flags := _FLAG_LETTER.search(text, 0, end)) and _FLAG_LETTER.match(following):
        return len(flags[0]) % 2 == 1
    if following in _THAI_FOLLOWERS or last in _THAI_LEADERS or last in _WIDE_NEGATIONS or last.isnumeric():
        return True
    if following.isnumeric() and last in _WIDE_POINTS:
        return True
    # Words, numbers and addresses.
    return last.isascii() and following.isascii() and not last.isspace() and not following.isspace()
