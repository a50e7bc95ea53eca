"""Content turned into a subject, a preheader, an HTML part and a text part.

The templates are Jinja2's, in `templates/email/`. An issue of a newsletter whose `template` is `digest` is made of `digest.html`
and `digest.txt`, or of `article.html` and `article.txt` where it has one article and nothing else. Letters to readers and notices
to the operator have templates by their own names. All extend `base.html` or `base.txt`, and take their parts from `macros.html` or
`macros.txt`. docs/digests.md lists what they may use. A name that is not there is an error. In `.html` everything is escaped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from hairfeed.digest.content import DigestContent, Letter, Notice
from hairfeed.digest.inline import inline
from hairfeed.digest.sayings import (
    digest_preheader,
    digest_subject,
    letter_preheader,
    letter_subject,
    notice_preheader,
    the_rest,
)
from hairfeed.digest.tidy import clean, told_apart
from hairfeed.errors import TemplateError
from hairfeed.settings.look import Look
from hairfeed.templates import TemplateSet
from hairfeed.text.merge import Mergeable, name_token
from hairfeed.text.translations import SOURCE_LANGUAGE, Translations, direction_of, translations
from hairfeed.text.words import wrap

LONG = 12
"""More featured articles than this, and the way out also stands at the top."""
ONE_ARTICLE = "article"
"""The template of an issue with one article, where the newsletter has the usual one."""
NOTICE = "notice"
USUAL = "digest"
_BLANK_LINES = re.compile(r"\n\s*\n")
_NO_MORE_GAPS = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Rendering:
    """One finished mail, the same for everybody who gets it but for its placeholders. `html` is inlined and final."""

    subject: str
    preheader: str
    html: str
    text: str


class Templates:
    """The e-mail templates: the operator's own, and HairFeed's where there is no own one by that name."""

    def __init__(self, own: Path | None, look: Look | None = None, inliner: Callable[[str], str] = inline) -> None:
        """`own` is the operator's folder, which holds an `email/` folder; None when there is none."""
        self._own = own
        self._inline = inliner
        self._look = look or Look()
        self._set = lru_cache(maxsize=16)(self._made_set)

    def render(self, content: DigestContent) -> Rendering:
        """The digest in full.

        Raises:
            TemplateError: a template is missing or faulty; the message names its file and line, and what is wrong.
        """
        words = translations(content.language)
        content = told_apart(clean(content), words)
        more = {
            "heading": content.newsletter.title,
            "rest": the_rest(content, words),
            "rest_url": content.archive_url or content.site.url,
            "is_long": len(content.featured) > LONG,
        }
        subject, preheader = digest_subject(content, words), digest_preheader(content, words)
        return self._filled(self._template_of(content), content.language, _names(content) | more, subject, preheader)

    def letter(self, letter: Letter) -> Rendering:
        """A letter to one reader about a subscription.

        Raises:
            TemplateError: as for `render`.
        """
        words = translations(letter.language)
        letter = clean(letter)
        names = _names(letter) | {"heading": letter.newsletter.title}
        return self._filled(letter.kind, letter.language, names, letter_subject(letter, words), letter_preheader(letter, words))

    def notice(self, notice: Notice) -> Rendering:
        """A notice to the operator, in English.

        Raises:
            TemplateError: as for `render`.
        """
        notice = clean(notice)
        names = _names(notice) | {"heading": notice.site.title}
        return self._filled(NOTICE, SOURCE_LANGUAGE, names, notice.title, notice_preheader(notice))

    def place_of(self, content: DigestContent | Letter | Notice) -> str:
        """The file of the HTML template that such a mail is made of."""
        match content:
            case DigestContent():
                name = self._template_of(content)
            case Letter():
                name = str(content.kind)
            case Notice():
                name = NOTICE
        return str(self._set(translations(SOURCE_LANGUAGE)).file(f"{name}.html"))

    def _filled(self, name: str, language: str, names: dict[str, Any], subject: str, preheader: str) -> Rendering:
        said = {"subject": subject, "preheader": preheader, "look": self._look, "recipient_name": name_token}
        names = names | said | _languages(language, names["site"].language)
        templates = self._set(translations(language))
        html = self._html(templates, f"{name}.html", names)
        text = _NO_MORE_GAPS.sub("\n\n\n", templates.fill(f"{name}.txt", names).strip("\n")) + "\n"
        for part, file in ((html, f"{name}.html"), (text, f"{name}.txt")):
            _expect_whole_placeholders(part, templates.file(file))
        _expect_whole_placeholders(subject, "the subject")
        return Rendering(subject, preheader, html, text)

    def _template_of(self, content: DigestContent) -> str:
        is_alone = len(content.featured) == 1 and not content.also and not content.trimmed
        # Whoever has written a digest of their own, and nothing for one article, means it for all.
        is_meant_for_all = self._is_own(USUAL) and not self._is_own(ONE_ARTICLE)
        is_shorter = is_alone and content.newsletter.template == USUAL and not is_meant_for_all
        return ONE_ARTICLE if is_shorter else content.newsletter.template

    def _is_own(self, name: str) -> bool:
        return self._own is not None and any((self._own / "email").glob(f"{name}.*"))

    def _html(self, templates: TemplateSet, name: str, names: dict[str, Any]) -> str:
        page = _BLANK_LINES.sub("\n", templates.fill(name, names).lstrip())
        try:
            return self._inline(page)
        except TemplateError as error:
            raise TemplateError(f"{templates.file(name)}: {error}") from error

    def _made_set(self, words: Translations) -> TemplateSet:
        return TemplateSet(self._own, "email", {"date_in_words": words.date_in_words, "wrap": wrap}, words)


def _names(content: DigestContent | Letter | Notice) -> dict[str, Any]:
    """What is in the content, by the names that it has there."""
    return {field.name: getattr(content, field.name) for field in fields(content)}


def _languages(language: str, theirs: str) -> dict[str, object]:
    """What the page is in, and the attributes of what on it is not: of our own words, or of the publication's."""
    ours = translations(language).language
    # Where we lack the words that were asked for, most of the mail is the publication's own.
    page = ours if ours == language else theirs
    return {
        "language": page,
        "direction": direction_of(page),
        "own_lang": _marks(ours, page),
        "own_block": _marks(ours, page, is_block=True),
        "article_lang": _marks(theirs, page),
        "article_within": _marks(theirs, page) or _direction(theirs, page),
        "article_block": _marks(theirs, page, is_block=True),
    }


def _direction(language: str, page: str) -> dict[str, str]:
    """The direction of a text within a sentence. A browser guesses it from the first letter, which may be of another script."""
    is_plain = direction_of(language) == direction_of(page) == "ltr"
    return {} if is_plain else {"dir": direction_of(language)}


def _marks(language: str, page: str, *, is_block: bool = False) -> dict[str, str]:
    """The attributes of a part in this language on such a page; a block begins on its own side."""
    if language.partition("-")[0] == page.partition("-")[0]:
        return {}
    marks = {"lang": language, "dir": direction_of(language)}
    if is_block and direction_of(language) != direction_of(page):
        marks["style"] = f"text-align:{'right' if direction_of(language) == 'rtl' else 'left'}"
    return marks


def _expect_whole_placeholders(part: str, where: str | None) -> None:
    try:
        Mergeable.of(part)
    except ValueError as error:
        raise TemplateError(f"{where}: {error}; leave what recipient_name gives, and addresses, as they are") from error
