"""What stands round the text of an article and is none of it: bylines, credits, dates, calls to the reader, datelines."""

# ruff: noqa: RUF001 - dashes and letters that look alike are meant as they stand

import re

from hairfeed.text.date_forms import is_date, may_have_date, what_lacks
from hairfeed.text.date_lines import dated_parts
from hairfeed.text.date_words import MONTHS_BY_NAME, PUBLISHED_LABELS, UPDATED_LABELS, any_of, fold
from hairfeed.text.furniture_words import (
    AGENCIES,
    BARE_LINES,
    BYLINES,
    CALLS,
    COOKIE_OPENINGS,
    EARNING_OPENINGS,
    LABELS,
    PARTICLES,
    SIGNALS,
    SIGNPOSTS,
    UNSPACED_CALLS,
)
from hairfeed.text.patterns import lazily

_LONGEST_FURNITURE = 100
_LONGEST_NOTICE = 250
# Behind a label: a name, an agency, a title. What ends like a sentence and is longer is one.
_MOST_VALUE_WORDS = 6
_MOST_VALUE_CHARACTERS = 60
_MOST_PLACE_WORDS = 8
_MOST_NAME_WORDS = 10


_READING_TIME = lazily(
    r"(?:[^\W\d]+ ){0,3}:? ?(?:ca\.? )?[0-9]{1,3}[ -]?(?:min[a-z]*|мин[а-я]*|dk|dakika|分钟?|דקות|دقائق)\.?(?: [^\W\d]+){0,2}"
    r"|.{0,8}約?[0-9]{1,3}分て読め.{0,5}"
)
_COPYRIGHT = lazily(r"(?:copyrights?\ )?(?:©|\(c\)\ )|copyrights?\ (?:\d{4}|by\ )")
_LABEL = lazily(
    rf"(?P<label>{LABELS})"
    r"(?: (?:\([^)]{1,20}\)|of|by))?\ ?[:：/|｜=](?!/)\ ?(?P<value>.*)"
)
_DATE_LABEL = lazily(
    rf"(?:{any_of((*PUBLISHED_LABELS, *UPDATED_LABELS))})(?: (?:by|on|at|von|am|par|le|por|el|da|il))?\ ?[:：](?P<value>.*)"
)
_NOTICE = lazily(
    rf"(?:{COOKIE_OPENINGS}).*?(?:cookie|куки|cerez|{fold('クッキー')}|쿠키)|(?:{EARNING_OPENINGS})\ .*?affiliate[ -]?link"
    r"|.{0,80}\b(?:in|to)\ your\ inbox\b"
)
_CALL = lazily(rf"(?:{CALLS})(?!\w)")
_UNSPACED_CALL = lazily(UNSPACED_CALLS)
# Behind these stand names, or a day.
_BYLINE = lazily(rf"(?:{BYLINES})(?:\ ?[:：]\ ?|\ )(?P<names>.+)", re.IGNORECASE)
_OPEN_LABEL = lazily(rf"(?:{BYLINES}|{any_of((*PUBLISHED_LABELS, *UPDATED_LABELS))})\ |{SIGNPOSTS}")
_REPORTER = lazily(r"[가-힣]{2,4} 기자(?: \S+@\S+)?")
_PARTS = lazily(r" [-–—|•·] ")
# What may follow the last letter of a sentence: quotes, brackets, an emoji.
_SENTENCE_END = lazily(r"[.!?…。！？؟।۔:：][^\w]*$")

_AGENCY_NAME = lazily("[A-Z][A-Za-z ]{1,20}")
_AGENCY_ENDING = lazily(r"(?:共同|時事|ロイター|通信|連合ニュース|뉴스|뉴시스|일보|신문|[电電讯訊])$")
_IN_BRACKETS = lazily(
    r"(?P<place>(?:[^()\[\]（）［］/“”\"«»]|(?<=\w)/(?=\w)){0,60}?)"
    r"[(\[（［/](?P<agency>[^()\[\]（）［］/]{2,40}(?:/[^()\[\]（）［］/\ ]{2,10})?)[)\]）］/]"
)
_RULE = lazily(r"\s*(?:\.?\s?(?:--|[-–—－=])|[.:：])\s*")
_DASHED = lazily(r"(?P<head>[^()\[\]“”\"«»?!]{3,60}?)\s?(?:--|\s[-–—])\s(?P<after>\S.*)", re.DOTALL)
_SECOND_DASH = lazily(r"[^.!?]*\s(?:--|[-–—])\s")
_PLACE_END = lazily(r"(?<=[^\W\d])[.,] ")
_SIGNED = lazily(r"(?P<agency>[^\W\d][\w.]+(?: [^\W\d]\w+)?)(?:\.\s|\s?[-–—:]\s)")
_FAR_EASTERN = lazily(
    r"【[^】]{1,30}】\s*(?:[가-힣]{2,4} ?(?:기자|특파원) ?= ?)?"
    r"|[\u4e00-\u9fff]{2,14}?(?:[0-9]{1,2}月)?[0-9]{1,2}日[电電讯訊](?:\s?[（(][^）)]{1,20}[）)])?[\s：:，,]*"
    r"|[\u4e00-\u9fff]{2,8}(?:消息|[电電讯訊])[：:]\s*"
    r"|(?:新华社|中新社|本报|本報)[记記]者\s?[\u4e00-\u9fff]{2,4}\s"
    r"|[\u4e00-\u9fff]{2,8}[0-9]{1,2}月[0-9]{1,2}日 ?[-–—] "
)
_KOREAN_REPORTER = lazily(r"[가-힣]{2,4} ?(?:기자|특파원) ?= ?")
_LEAST_CAPITALS = 4


def is_finished(line: str) -> bool:
    """Whether a line ends as sentences do."""
    return _SENTENCE_END.search(line) is not None


def is_furniture(line: str) -> bool:
    """Whether a line is a byline, a credit, a date or a call to the reader, and no prose."""
    if len(line) > _LONGEST_NOTICE:
        return False
    line = line[1:-1] if line[:1] == "(" and line[-1:] == ")" else line
    folded = fold(line)
    if _CALL.match(folded) or _UNSPACED_CALL.match(folded) or _NOTICE.match(folded) or _COPYRIGHT.match(folded):
        return True
    if len(line) > _LONGEST_FURNITURE:
        return False
    return (
        folded.strip(" .:!…") in BARE_LINES
        or not any(map(str.isalnum, line))
        or _READING_TIME.fullmatch(folded) is not None
        or _REPORTER.fullmatch(line) is not None
        or _is_byline(line)
        or _is_labelled(folded)
        or _is_dated(folded)
    )


def without_dateline(line: str) -> str:
    """A line without the place, day and agency that reports begin with: `LONDON, Aug 8 (Reuters) - `, `【東京】`."""
    for pattern in (_FAR_EASTERN, _KOREAN_REPORTER):
        if opening := pattern.match(line):
            line = line[opening.end() :] or line
    for _ in range(2):
        line = _without_agency(line)
        line = _without_place(line)
    return line


def _is_labelled(folded: str) -> bool:
    label = _LABEL.fullmatch(folded) or _DATE_LABEL.fullmatch(folded)
    if label is None:
        return False
    value = label["value"]
    return not is_finished(value) or (len(value.split()) <= _MOST_VALUE_WORDS and len(value) <= _MOST_VALUE_CHARACTERS)


def _is_dated(folded: str) -> bool:
    """Whether a line says no more than a day, or stands unfinished behind a label or with a day between dashes."""
    if may_have_date(folded) and dated_parts(folded, is_date):
        return True
    if is_finished(folded):
        return False
    return _OPEN_LABEL.match(folded) is not None or any(is_date(part) for part in _PARTS.split(folded))


def _is_byline(line: str) -> bool:
    opening = _BYLINE.fullmatch(fold(line))
    if opening is None:
        return False
    # Folding keeps the number of words, and takes the capitals that tell a name.
    names = line.split()[-len(opening["names"].split()) :]
    has_capitals = any(name[0].isupper() for name in names)
    if is_finished(line) and not has_capitals:
        return False
    return len(names) <= _MOST_NAME_WORDS and _are_names(names) and not re.search(r"\d", opening["names"])


def _are_names(words: list[str]) -> bool:
    """Whether no word begins with a small letter, but for those that stand in names, and the months."""
    return all(not word[0].islower() or (bare := fold(word).strip(".,;&")) in PARTICLES or bare in MONTHS_BY_NAME for word in words)


def _without_agency(line: str) -> str:
    opening = _IN_BRACKETS.match(line)
    if opening is None:
        return line
    place, agency = opening["place"].strip(" -–—"), opening["agency"]
    rule = _RULE.match(line, opening.end())
    end = rule.end() if rule else opening.end()
    rest = line[end:].lstrip()
    is_place = len(place.split()) <= _MOST_PLACE_WORDS and _are_names(place.split())
    is_known = _is_agency(agency) and (rule is not None or not place)
    looks_like_one = (
        rule is not None and (not place or _is_capitals(place)) and _AGENCY_NAME.fullmatch(agency) and rest[:1].isupper()
    )
    if not is_place or not rest or not (is_known or looks_like_one):
        return line
    reporter = _KOREAN_REPORTER.match(rest)
    return rest[reporter.end() :] if reporter else rest


def _is_agency(text: str) -> bool:
    folded = fold(text.strip())
    parts = {folded, *re.split(r"[/=＝,]\s?|-(?=afx)", folded)}
    return not parts.isdisjoint(AGENCIES) or _AGENCY_ENDING.search(text.strip()) is not None


def _without_place(line: str) -> str:
    """The line without a place, in capitals or with its day, and the dash behind it."""
    opening = _DASHED.match(line)
    if opening is None:
        return line
    head, after = opening["head"], opening["after"]
    place = _PLACE_END.split(head, maxsplit=1)
    words = place[0].split()
    if len(words) > _MOST_PLACE_WORDS // 2 or not _are_names(words) or after[0].islower():
        return line
    if _is_day(place[-1]):
        signed = _SIGNED.match(after)
        return after[signed.end() :] if signed and _is_agency(signed["agency"]) else after
    # Two dashes hold an aside: what the letters in front of it stand for.
    return after if _is_capitals(head) and fold(head) not in SIGNALS and not _SECOND_DASH.match(after) else line


def _is_day(text: str) -> bool:
    folded = fold(text.strip(" ."))
    # As in "LONDON, Aug 8".
    lacks = what_lacks(folded) or ""
    return is_date(folded) or lacks == "has no year" or _is_agency_day(text)


def _is_agency_day(text: str) -> bool:
    """A day and, behind it, who reports: "8 августа. INTERFAX.RU"."""
    day, _, agency = text.strip().partition(". ")
    return bool(agency) and _is_agency(agency) and _is_day(day)


def _is_capitals(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= _LEAST_CAPITALS and all(map(str.isupper, letters)) and not re.search(r"\d", text)
