"""The dates in a line that says more than a date: labels, bylines and reading times are told from what is dated by them."""

# ruff: noqa: RUF001 - dashes and letters that look alike are meant as they stand

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hairfeed.text.date_words import ARTICLES, BYLINE_WORDS, PUBLISHED_LABELS, UPDATED_LABELS, WEEKDAYS_BY_NAME, any_of
from hairfeed.text.patterns import lazily

# A label ends at a colon, a space or, in scripts without spaces, at the first digit.
_LABEL_END = rf"(?:(?:\ (?:{any_of(ARTICLES)}|at))?\ ?:\ ?|\ |(?=[0-9]))"
_LABEL = lazily(rf"(?:(?P<updated>{any_of(UPDATED_LABELS)})|(?:{any_of(PUBLISHED_LABELS)})){_LABEL_END}")
_LABELS = lazily(rf"(?<!\w){_LABEL.pattern}")
_BREAK = lazily(r"\ ?[|·•∙⋅・●]\ ?|\ (?:[-–—~/]|//)\ ")
_JOINT = lazily(r"(?:[\ ,;.(\[]|\ (?:and|und|et|y|e|en|i|och|og|ja|ve|&)\ ?)+$")
_BY = any_of(BYLINE_WORDS)
_BYLINE = lazily(rf"(?:{_BY})(?:\ ?:\ ?|\ )(?P<name>[^0-9|]{{1,80}})")
_DATE_FIRST = lazily(rf"(?P<date>.+?),?\ (?:{_BY})(?:\ ?:\ ?|\ )[^0-9|]{{1,80}}")
_NAME_END = lazily(r"[^\ ](?P<end>\ ?[,(]?\ )")

_READ_WORDS = (
    r"(?:to\ )?(?:read(?:ing)?(?:\ time)?|lesezeit|de\ lectur[ae]|di\ lettura"
    r"|de\ leitura|leestijd|czytania|cteni|lasning|baca|okuma)"
)
_READING_TIME = (
    r"(?:(?:reading\ time|lesezeit|temps\ de\ lecture|tiempo\ de\ lectura|tempo\ di\ lettura|leestijd|время\ чтения)\ ?:?\ )?"
    rf"(?:ca\.?\ |~\ ?)?[0-9]{{1,3}}[\ -]?(?:minut[a-z]*|mins?|мин(?:ут[аы]?)?|dk|dakika)\.?(?:\ {_READ_WORDS})?"
)
_REACTIONS = r"(?:[0-9]{1,3}(?:,[0-9]{3})*|no|leave\ a)\ (?:comment|repl[yi]|view|share|like)(?:e?s)?"
_FURNITURE = lazily(rf"{_READING_TIME}|{_REACTIONS}")


@dataclass(frozen=True, slots=True)
class DatedPart:
    """One date in a line, without its label; `updated` when the label says that it is the date of a change."""

    text: str
    updated: bool


def dated_parts(line: str, is_date: Callable[[str], bool]) -> list[DatedPart] | None:
    """The dates in a folded line; None when there is anything in it whose meaning is not known.

    `is_date` says whether a whole text has the form of a date; each part that is returned passed it.
    """
    parts = []
    for segment in _segments(line):
        if _FURNITURE.fullmatch(segment) or _is_byline(segment):
            continue
        part = _dated_part(segment, is_date)
        if part is None:
            return None
        parts.append(part)
    return parts


def unlabelled(line: str) -> str:
    """A folded line without the label in front of it, if it has one."""
    label = _LABEL.match(line)
    return line[label.end() :] if label else line


def _segments(line: str) -> Iterator[str]:
    for segment in _BREAK.split(_LABELS.sub(r"|\g<0>", line)):
        bare = _JOINT.sub("", segment).strip(" ,;([")
        # A bracket that closes what opened in an earlier segment; "(cest)" keeps both of its own.
        bare = bare if "(" in bare else bare.rstrip(")].")
        if bare:
            yield bare


def _is_byline(segment: str) -> bool:
    return bool(_BYLINE.fullmatch(segment))


def _dated_part(segment: str, is_date: Callable[[str], bool]) -> DatedPart | None:
    label = _LABEL.match(segment)
    rest = segment[label.end() :] if label else segment
    date = _date_in(rest, is_date)
    return DatedPart(date, updated=bool(label and label["updated"])) if date else None


def _date_in(text: str, is_date: Callable[[str], bool]) -> str | None:
    """The date that `text` is, perhaps with "by somebody" in front of it or behind."""
    if is_date(text):
        return text
    first = _DATE_FIRST.fullmatch(text)
    if first and is_date(first["date"]):
        return first["date"]
    return next((date for date in _after_names(text) if is_date(date)), None)


def _after_names(text: str) -> Iterator[str]:
    """What follows each name that the byline in front of `text` can be: names have no digit and do not end with a weekday."""
    opening = _BYLINE.match(text)
    if not opening:
        return
    for gap in _NAME_END.finditer(text, opening.start("name"), opening.end()):
        last_word = text[: gap.start("end")].rpartition(" ")[2]
        if last_word.rstrip(".,") not in WEEKDAYS_BY_NAME:
            yield text[gap.end() :]
