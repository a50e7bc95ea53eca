"""What an entry of a feed says: text of either kind, and whether it is the article or only its beginning. Pure."""

import re
from dataclasses import dataclass
from html import escape, unescape

from hairfeed.text import markup

_BLANK_LINES = re.compile(r"\n\s*\n")
_TAG = re.compile("<[^<>]*>")
_FULL_WORDS = 120
_LONGEST_LINE = 20_000
_LONGEST_ENDING = 800
_LONGEST_INVITATION = 300
_WORD = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]{2}|[^\\s\u0e00-\u9fff]+"
)
# What feed writers put below a description: WordPress's credit, and links to the rest.
_CREDIT = re.compile(r"The post .{1,400} (?:appeared first|first appeared) on .{1,200}$")
_READ_ON = r"(?:(?:read|learn) more|read on|(?:keep|continue) reading|(?:read|see|view) the (?:full|whole|rest of the) \w+)\b"
_INVITATION = re.compile(
    # A sentence of its own; in brackets; or the last words, which begin with a capital.
    rf"(?:(?:^|(?<=[.!?…\])]))\s*{_READ_ON}[^.!?]{{0,200}}[\s.…»→›>]*"  # noqa: RUF001
    rf"|\s*[\[(](?:{_READ_ON}|more\b)[^\[\]()]{{0,200}}[\])]"
    rf"|\s(?=(?-i:[A-Z])){_READ_ON}[\s.…:»→›>]*)$",  # noqa: RUF001
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))$")


@dataclass(frozen=True, slots=True)
class Text:
    """A text construct (RFC 4287 §3.1): plain text, or HTML and the xml:base of its links, "" where none is in force."""

    value: str = ""
    is_html: bool = False
    base: str = ""

    def plain(self) -> str:
        """One line for titles and summaries: entities of HTML are decoded once, and what is absurdly long is cut."""
        return markup.strip_markup(self.value[:_LONGEST_LINE]) if self.is_html else " ".join(self.value.split())

    def rough(self) -> str:
        """Very nearly `plain`, at a fraction of its cost."""
        return " ".join((unescape(_TAG.sub(" ", self.value)) if self.is_html else self.value).split())

    def ending(self) -> str:
        """The last of `rough`, enough to see whether it stops short."""
        return Text(self.value[-2 * _LONGEST_ENDING :], self.is_html).rough()[-_LONGEST_ENDING:]

    def says_the_same(self, other: "Text") -> bool:
        """Whether it is the same text, whatever its markup."""
        return self.rough().replace(" ", "") == other.rough().replace(" ", "")

    def html(self) -> str:
        """The same as HTML."""
        if self.is_html and self.base:
            # Nothing but the sanitiser makes links absolute, and what it has cleaned once it leaves alone.
            return markup.sanitise(self.value, self.base)
        if self.is_html and markup.has_markup(self.value):
            return self.value
        return _paragraphs(self.value if self.is_html else escape(self.value, quote=False))


@dataclass(frozen=True, slots=True)
class Body:
    """What an entry says of its article."""

    html: str
    summary: str | None
    is_teaser: bool


def body(content: Text | None, description: Text) -> Body:
    """The article and its summary from an entry's content, if it has one, and its description.

    Full content is a teaser only where it ends as one; a description is, too, when it is short. A description without content
    is both: the article as far as the feed has it and, of a teaser, its summary.
    """
    if content is not None:
        summary = None if description.says_the_same(content) else _summary(description)
        return Body(content.html(), summary, _is_cut(_without(_CREDIT, content.ending())))
    ending = description.ending()
    is_short = len(_WORD.findall(description.rough())) < _FULL_WORDS
    is_teaser = is_short or _CREDIT.search(ending) is not None or _is_cut(ending)
    return Body(description.html(), _summary(description) if is_teaser else None, is_teaser)


def _summary(description: Text) -> str | None:
    return _without(_INVITATION, _without(_CREDIT, description.plain()), _LONGEST_INVITATION) or None


def _without(ending: re.Pattern[str], text: str, longest: int = _LONGEST_ENDING) -> str:
    found = ending.search(text, max(len(text) - longest, 0))
    return text[: found.start()].rstrip() if found else text


def _is_cut(ending: str) -> bool:
    return bool(_ELLIPSIS.search(ending) or _INVITATION.search(ending, max(len(ending) - _LONGEST_INVITATION, 0)))


def _paragraphs(html: str) -> str:
    """Lines of text, already escaped, as HTML: a paragraph behind every blank line."""
    pieces = (piece.strip().replace("\n", "<br>") for piece in _BLANK_LINES.split(html.replace("\r\n", "\n")))
    return "".join(f"<p>{piece}</p>" for piece in pieces if piece)
