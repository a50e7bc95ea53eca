"""Lines round an article that are not its text: bylines, dates, requests to share, the headline once more."""

import re

from hairfeed.collect.html.dates import holds_date, is_date

_NAMES = r"(?:(?:[A-ZÀ-ÖØ-Þ]\S*|and|&|de|van|von|der|la)(?: |$)){1,10}"
_LONGEST = 20  # words
_LONGEST_DATED = 6  # words
_PUBLICATION = re.compile(
    r"(?:medically |last |first |originally )?(?:written|reviewed|edited|updated|published|posted|modified|fact[- ]checked"
    r"|reading time|veröffentlicht|aktualisiert|publié|publicado|pubblicato|geplaatst)\b.*",
    re.IGNORECASE,
)
_BYLINE = re.compile(rf"(?:[Bb]y|BY|Von|Par|Por|Door|Di):? {_NAMES}")
_DATED = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|\b\d{1,2}(?:st|nd|rd|th)?,? (?:[^\W\d]+ )?\d{4}|\d{1,2}:\d{2}")
_REQUEST = re.compile(
    r"(?:share (?:this|on|via|article)\b|follow us\b|subscribe\b|sign up\b|join our\b|get our\b|read more\b|read also\b"
    r"|continue reading\b|also read\b|related:|see also:|copyrights? (?:©|\(c\)|\d{4})|©|all rights reserved|click here\b"
    r"|advertisement|sponsored\b|tags?:|filed under|posted in|categor(?:y|ies):|leave a (?:comment|reply)|skip to\b"
    r"|comments? (?:are closed|\(\d+\))|print this|download our|this post may contain affiliate|jump to recipe|table of contents"
    r"|photo(?:graph)?(?: by|:| credit)|image(?: by|:| credit)|(?:photo|image) credits?|credit:|source:|getty images|foto:).*",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"(?:share|print|tweet|email|pin|save|like|facebook|twitter|whatsapp|linkedin|pinterest|copy link|related|home|listen|menu"
    r"|\d+ (?:min(?:ute)?s?(?: read)?|comments?|shares?|views?)|comments?(?: off)?|no comments)[\s\d,.|·•-]*",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"[^.!?>›»]{2,40}(?:\s*[>›»]\s*[^.!?>›»]{2,80}){1,6}")  # noqa: RUF001
_PART_MARK = re.compile(r"\s+[-–—|•·]\s+|\s*[|•·]\s*|,\s+(?=\d)")  # noqa: RUF001


def is_debris(line: str, title: str) -> bool:
    """Whether a line at the top or the end of an article is no text of it; `title` is the headline."""
    text = line.strip()
    if not text or _same(text, title):
        return True
    if len(text.split()) > _LONGEST:
        return False
    if is_date(text) or (len(text.split()) <= _LONGEST_DATED and not text.endswith((".", "?", "!")) and holds_date(text)):
        return True
    return _is_furniture(text) or _is_byline(text) or _TRAIL.fullmatch(text) is not None


def _is_furniture(text: str) -> bool:
    return _REQUEST.fullmatch(text) is not None or _COUNTER.fullmatch(text) is not None


def _is_byline(text: str) -> bool:
    """Who and when, alone or side by side; a sentence that begins with "Published" and ends like one is text."""
    if _BYLINE.fullmatch(text):
        return True
    if _PUBLICATION.fullmatch(text) and (not text.endswith((".", "!", "?")) or _DATED.search(text)):
        return True
    parts = [part for part in _PART_MARK.split(text) if part]
    return len(parts) > 1 and any(is_date(part) for part in parts) and all(len(part.split()) <= 6 for part in parts)  # noqa: PLR2004


def _same(text: str, title: str) -> bool:
    return re.sub(r"\W+", "", text.casefold()) == re.sub(r"\W+", "", title.casefold())
