"""The forms in which dates are printed: what a text looks like, before anybody asks whether there is such a day."""

# ruff: noqa: RUF001 - letters that look alike are meant as they stand

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hairfeed.text.date_words import (
    AFTER_COUNT,
    ARTICLES,
    AT_WORDS,
    BEFORE_COUNT,
    DAY_WORDS,
    MONTHS_BY_NAME,
    O_CLOCK_WORDS,
    UNITS_BY_WORD,
    WEEKDAYS_BY_NAME,
    YEAR_MARKS,
    any_of,
)
from hairfeed.text.patterns import lazily

# All patterns see folded text (see date_words.fold), and only ASCII digits are digits.
# Vowel signs of Hindi and Thai are no letters to a pattern; months of Arabic have two words, short ones of Thai a dot.
_LETTER = r"(?:[^\W\d_]|[\u0900-\u0963\u0e31-\u0e4e])"
_WORD = rf"{_LETTER}+(?:(?<=[\u0600-\u06ff])\ [\u0600-\u06ff]+|(?<=[\u0e00-\u0e4e])\.[\u0e00-\u0e4e]+)?"
_NAMED_DAY = any_of(WEEKDAYS_BY_NAME)
_ARTICLE = rf"(?:(?:{any_of(ARTICLES)})\ ){{0,2}}"
_ARTICLES = lazily(rf"(?:(?:{any_of(ARTICLES)})\ ){{1,2}}")
_ARTICLES_AND_WEEKDAY = lazily(rf"{_ARTICLE}(?P<weekday>{_NAMED_DAY})\.?,?\ {_ARTICLE}")

_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|ste|de|er|ro|do|[oae°ºª]|:[ae]|η|-?го|-?е|\.)?"
_MONTH = rf"(?P<month>{_WORD})\.?"
_YEAR = r"(?P<year>[0-9]{4})(?![0-9])"
_YEAR_MARK = rf"{_YEAR}(?:\ ?(?:{any_of(YEAR_MARKS)})(?!\w)\.?)?"

# From 2001 to 2096; telephone numbers and ISBNs lie beyond.
_EPOCH = lazily(r"(?P<seconds>[1-3][0-9]{9})(?P<millis>[0-9]{3})?")
_YEAR_FIRST = lazily(rf"{_YEAR}(?P<mark>\ ?[-/.]\ ?)(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})(?![0-9])\.?")
_COMPACT = lazily(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?![0-9])")
_YEAR_LAST = lazily(rf"(?P<first>[0-9]{{1,2}})(?P<mark>\ ?[-/.]\ ?)(?P<other>[0-9]{{1,2}})(?P=mark){_YEAR_MARK}\.?")
_EAST_ASIAN = lazily(r"(?P<year>[0-9]{4})\ ?[年년]\ ?(?P<month>[0-9]{1,2})\ ?[月월]\ ?(?P<day>[0-9]{1,2})\ ?[日号號일]")
_DAY_AND_MONTH = rf"{_DAY}(?:\ (?:of|de|di)\ |\ d'|[-/\ ]|(?<=\.)){_MONTH}"
_DAY_FIRST = lazily(rf"{_DAY_AND_MONTH}(?:\ (?:de|del|of|พ\.?ศ\.?)\ |,?\ |[-/]|(?<=\.)){_YEAR_MARK}")
_MONTH_FIRST = lazily(rf"{_MONTH}[\ -]{_DAY}(?:,?\ |-){_YEAR_MARK}")
_YEAR_THEN_MONTH = lazily(rf"{_YEAR}(?:\.|,|\ m\.)?[\ -]{_MONTH}[\ -](?P<day>[0-9]{{1,2}})(?![0-9])(?:\ d\.|-an|-en|\.)?")

_DAY_WORD = lazily(rf"(?P<word>{any_of(DAY_WORDS)})")
_COUNT = r"(?P<count>[0-9]{1,4}|[a-z]{1,5})"
_UNIT = rf"(?P<unit>{any_of(UNITS_BY_WORD)})"
_AGO = (
    lazily(rf"{_COUNT}\ ?{_UNIT}\.?\ ?(?:{any_of(AFTER_COUNT)})(?!\w)"),
    lazily(rf"(?:{any_of(BEFORE_COUNT)})\ {_COUNT}\ ?{_UNIT}(?!\w)\.?(?:\ (?:{any_of(AFTER_COUNT)})(?!\w))?"),
)

_OFFSET = r"(?:\ ?(?P<offset>(?:gmt|utc)?[+-][0-9]{2}(?::?[0-9]{2})?|[a-z]{1,5}))?(?:\ \([^()0-9]{1,40}\)|\[[a-z_/+-]{1,40}\])?"
_SECOND = r"(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?"
_HALF = r"(?P<half>[ap])\.?m\.?"
_HOUR = r"(?P<hour>[0-9]{1,2})"
_MINUTE = r"(?P<minute>[0-9]{2})"
_O_CLOCK = rf"(?:{any_of(O_CLOCK_WORDS)})(?!\w)\.?"
_AT_WORD = rf"(?:{any_of(AT_WORDS)})"
_AT = rf"(?:t|,?\ (?:[-–—/]\ )?(?:{_AT_WORD}\ )?)"
_CLOCKS = tuple(
    lazily(pattern)
    for pattern in (
        rf"{_AT}{_HOUR}:{_MINUTE}(?::{_SECOND})?(?:\ ?{_HALF})?(?:\ ?{_O_CLOCK})?{_OFFSET}",
        rf"{_AT}{_HOUR}\ ?h\ ?{_MINUTE}(?:\ ?min)?{_OFFSET}",
        rf"{_AT}{_HOUR}(?:\.{_MINUTE})?\ ?(?:{_HALF}|{_O_CLOCK}){_OFFSET}",
        rf",?\ {_AT_WORD}\ {_HOUR}\.{_MINUTE}{_OFFSET}",
        rf",?\ {_HOUR}\.{_MINUTE}\ (?P<offset>[a-z]{{2,5}})",
        rf",?\ ?(?P<east>午前|午後|上午|下午|오전|오후)?\ ?{_HOUR}(?::|[時时点點시]\ ?){_MINUTE}(?:[分분])?",
        rf",?\ ?(?P<east>午前|午後|上午|下午|오전|오후)?\ ?{_HOUR}[時时点點시]",
    )
)
_COMPACT_CLOCK = lazily(rf"[t\ ](?P<hour>[0-9]{{2}}){_MINUTE}(?:{_SECOND})?{_OFFSET}")
# Behind a date "to" and "on" are no shortened weekdays.
_FULL_NAMED_DAY = any_of(name for name in WEEKDAYS_BY_NAME if len(name) > 3 or not name.isascii())  # noqa: PLR2004
_WEEKDAY_BEHIND = lazily(rf",?\ ?(?:\((?P<in_brackets>{_NAMED_DAY})\.?\)|(?P<weekday>{_FULL_NAMED_DAY})(?![^\W\d_])\.?)")

# The parts of a date in an order of their own, and how they are put into a usual one.
_REORDERED = tuple(
    (lazily(pattern), usual)
    for pattern, usual in (
        (
            r"(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\ ?[ap]\.?m\.?|\ uhr)?)(?:,|\ [-–—|·/])?\ (?:on\ )?(?P<date>.+)",
            r"\g<date> \g<clock>",
        ),
        # C's asctime, and the same with a zone.
        (
            rf"(?P<day>(?:{_NAMED_DAY})\ {_WORD}\ [0-9]{{1,2}})\ (?P<clock>[0-9]{{2}}(?::[0-9]{{2}}){{2}}"
            r"(?:\ (?:[a-z]{2,5}|[+-][0-9]{4}))?)"
            r"\ (?P<year>[0-9]{4})",
            r"\g<day>, \g<year> \g<clock>",
        ),
        # Vietnamese has no names of months.
        (
            r"(?:ngay\ )?(?P<day>[0-9]{1,2})\ thang\ (?P<month>[0-9]{1,2})(?:,|\ nam)?\ (?P<year>[0-9]{4})(?P<rest>.*)",
            r"\g<year>-\g<month>-\g<day>\g<rest>",
        ),
    )
)

_REFUSALS = tuple(
    (lazily(pattern), reason)
    for pattern, reason in (
        (r"0+", "stands for no date"),
        (r"[0-9]{4}-?w[0-9]{1,2}(?:-?[0-7])?", "counts by weeks, which is not read"),
        (r"[0-9]{4}-[0-9]{3}", "counts the days of the year, which is not read"),
        (r"(?:令和|平成|昭和|大正|明治|民國|民国)\ ?(?:元|[0-9]{1,3})年.*", "counts years by an era, which is not read"),
        (r"[0-9]{4}(?:[-/.][0-9]{1,2})?|[0-9]{1,2}[-/.][0-9]{4}|[0-9]{4}\ ?[年년](?:\ ?[0-9]{1,2}\ ?[月월])?", "has no day"),
        (rf"{_MONTH},?\ (?:de\ |del\ )?{_YEAR_MARK}", "has no day"),
        (rf"[0-9]{{4}}[\ -]{_MONTH}", "has no day"),
        (r"[0-9]{1,2}([-/.])[0-9]{1,2}\1?|[0-9]{1,2}\ ?[月월]\ ?[0-9]{1,2}\ ?[日号號일]", "has no year"),
        (rf"{_MONTH}[\ -][0-9]{{1,2}}(?:st|nd|rd|th)?", "has no year"),
        (_DAY_AND_MONTH, "has no year"),
        (r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}(?:[t,\ ].*:.*)?", "has a year of two digits"),
        (rf"{_DAY_AND_MONTH}(?:\ de\ |[-/\ ])'?[0-9]{{2}}(?:[t,\ ].*:.*)?", "has a year of two digits"),
        (rf"{_MONTH}[\ -](?:{_DAY},?[\ -])?'?[0-9]{{2}}(?:[t,\ ].*:.*)?", "has a year of two digits"),
        (rf"(?:[a-z]+\ )?(?:{_NAMED_DAY})(?:\ [a-z]+)?", "names no more than a day of the week"),
    )
)


# What dates without a figure have: words that stand alone, and what may be joined to others.
_PHRASES = (*DAY_WORDS, *BEFORE_COUNT, *AFTER_COUNT)
_PLAIN_WORDS = frozenset(phrase for phrase in _PHRASES if phrase.isascii() and phrase.isalpha())
_OTHER_PHRASES = tuple(phrase for phrase in _PHRASES if phrase not in _PLAIN_WORDS)


class Form(StrEnum):
    """How a date is printed."""

    YEAR_FIRST = "2024-8-8"
    YEAR_LAST = "8-8-2024"
    COMPACT = "20240808"
    EAST_ASIAN = "2024年8月8日"
    DAY_FIRST = "8 August 2024"
    MONTH_FIRST = "August 8, 2024"
    YEAR_THEN_MONTH = "2024 August 8"
    EPOCH = "1723075200"
    DAY_WORD = "yesterday"
    AGO = "3 days ago"


_WITH_FIGURES = (
    (Form.YEAR_FIRST, _YEAR_FIRST),
    (Form.YEAR_LAST, _YEAR_LAST),
    (Form.COMPACT, _COMPACT),
    (Form.DAY_FIRST, _DAY_FIRST),
    (Form.MONTH_FIRST, _MONTH_FIRST),
    (Form.EAST_ASIAN, _EAST_ASIAN),
    (Form.YEAR_THEN_MONTH, _YEAR_THEN_MONTH),
    (Form.EPOCH, _EPOCH),
)
_IN_WORDS = ((Form.DAY_WORD, _DAY_WORD), *((Form.AGO, pattern) for pattern in _AGO))


@dataclass(frozen=True, slots=True)
class Found:
    """A folded text that has the form of a date: its parts by name, the weekdays named beside it, and the parts of its time."""

    form: Form
    parts: re.Match[str]
    weekdays: tuple[str, ...]
    clock: re.Match[str] | None


def recognised(text: str) -> Found | None:
    """What the whole of a folded `text` has the form of; whether there is such a day is not looked at."""
    found = _in_usual_order(text)
    if found or not _has_figures(text):
        return found
    matches = ((pattern.fullmatch(text), usual) for pattern, usual in _REORDERED)
    return next((found for match, usual in matches if match and (found := _in_usual_order(match.expand(usual)))), None)


def _in_usual_order(text: str) -> Found | None:
    # Most lines that are looked at are prose without a figure, for which these need not even be compiled.
    patterns = (*_WITH_FIGURES, *_IN_WORDS) if _has_figures(text) else _IN_WORDS
    for start, weekdays in _openings(text):
        for form, pattern in patterns:
            parts = pattern.match(text, start)
            if parts and _has_known_month(parts) and (found := _with_tail(form, parts, weekdays)):
                return found
    return None


def _has_figures(text: str) -> bool:
    return any("0" <= letter <= "9" for letter in text)


def may_have_date(text: str) -> bool:
    """Whether a folded `text` has anything that every date has: a figure, or a word like "yesterday" or "ago"."""
    if _has_figures(text):
        return True
    return not _PLAIN_WORDS.isdisjoint(re.findall(r"\w+", text)) or any(phrase in text for phrase in _OTHER_PHRASES)


def is_date(text: str) -> bool:
    """Whether the whole of a folded `text` has the form of a date."""
    return recognised(text) is not None


def what_lacks(text: str) -> str | None:
    """What a folded `text` that comes near a date lacks, or why its form is not read; None when it is nothing like a date."""
    for start, _ in _openings(text):
        for pattern, reason in _REFUSALS:
            found = pattern.fullmatch(text, start)
            if found and _has_known_month(found):
                return reason
    return None


def _openings(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where a date may begin, and the weekdays named before it: "mar 8" opens with a month or, in French, with a Tuesday."""
    yield 0, ()
    if article := _ARTICLES.match(text):
        yield article.end(), ()
    if opening := _ARTICLES_AND_WEEKDAY.match(text):
        yield opening.end(), (opening["weekday"],)


def _has_known_month(parts: re.Match[str]) -> bool:
    month = parts.groupdict().get("month")
    return month is None or month.isdigit() or month in MONTHS_BY_NAME


def _with_tail(form: Form, parts: re.Match[str], weekdays: tuple[str, ...]) -> Found | None:
    """The find when weekday and time are all that follows it."""
    text, end = parts.string, parts.end()
    if end < len(text) and (behind := _WEEKDAY_BEHIND.match(text, end)):
        weekdays, end = (*weekdays, behind["weekday"] or behind["in_brackets"]), behind.end()
    if end == len(text):
        return Found(form, parts, weekdays, None)
    patterns = (_COMPACT_CLOCK, *_CLOCKS) if form is Form.COMPACT else _CLOCKS
    clock = next((clock for pattern in patterns if (clock := pattern.fullmatch(text, end))), None)
    return Found(form, parts, weekdays, clock) if clock else None
