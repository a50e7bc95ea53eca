"""What a mail says beside its templates: subjects, and what an inbox shows after them. Pure."""

from typing import assert_never

from hairfeed.digest.content import DigestContent, Letter, Notice, Occasion
from hairfeed.text.translations import Translations
from hairfeed.text.words import cut_at_word

SUBJECT_LIMIT = 90
"""Characters of a subject; a phone shows about half of them."""
PREHEADER_MIN = 40
PREHEADER_LIMIT = 130
"""Characters of a preheader: an inbox shows between these many beside the subject."""


def digest_subject(content: DigestContent, words: Translations) -> str:
    """The first article's title and how many more there are: one line of at most `SUBJECT_LIMIT` characters."""
    more = len(content.featured) + len(content.also) - 1
    ending = ""
    if more:
        ending = " " + words.ngettext("+ %(number)d more", "+ %(number)d more", more) % {"number": more}
    return cut_at_word(content.featured[0].title, SUBJECT_LIMIT - len(ending)) + ending


def digest_preheader(content: DigestContent, words: Translations) -> str:
    """What the inbox shows after the subject, and does not repeat it: the other titles, else the first article's summary."""
    first, *others = (*content.featured, *content.also)
    line = " · ".join(article.title for article in others)
    if len(line) < PREHEADER_MIN:
        line = " · ".join(part for part in (line, first.summary) if part)
    line = cut_at_word(line, PREHEADER_LIMIT)
    if line and line != digest_subject(content, words):
        return line
    return words.gettext("%(title)s, %(date)s") % {
        "title": content.newsletter.title,
        "date": words.date_in_words(content.issued_on),
    }


def the_rest(content: DigestContent, words: Translations) -> str:
    """The link to the articles that the mail had no room for."""
    number = content.trimmed
    if content.archive_url:
        message = words.ngettext("%(number)d more on the page of this issue", "%(number)d more on the page of this issue", number)
        return message % {"number": number}
    message = words.ngettext("%(number)d more on %(title)s", "%(number)d more on %(title)s", number)
    return message % {"number": number, "title": content.site.title}


def letter_subject(letter: Letter, words: Translations) -> str:
    """A letter's subject: what it is about, and the newsletter's title."""
    match letter.kind:
        case Occasion.CONFIRMATION:
            message = words.gettext("Please confirm: %(title)s")
        case Occasion.WELCOME:
            message = words.gettext("Welcome to %(title)s")
        case Occasion.GOODBYE:
            message = words.gettext("You have unsubscribed from %(title)s")
        case Occasion.STAY:
            message = words.gettext("Do you still want %(title)s?")
        case _:
            assert_never(letter.kind)
    room = SUBJECT_LIMIT - len(message % {"title": ""})
    return message % {"title": cut_at_word(letter.newsletter.title, room)}


def letter_preheader(letter: Letter, words: Translations) -> str:
    """What the inbox shows after a letter's subject."""
    match letter.kind:
        case Occasion.CONFIRMATION:
            return words.gettext("One more step: open the page and press the button there.")
        case Occasion.WELCOME:
            return words.gettext("Your subscription is confirmed, and the next issue is yours.")
        case Occasion.GOODBYE:
            return words.gettext("You will get no more issues. You can come back at any time.")
        case Occasion.STAY:
            return words.gettext("One press of a button, and everything stays as it is.")
        case _:
            assert_never(letter.kind)


def notice_preheader(notice: Notice) -> str:
    """The beginning of what a notice says."""
    return cut_at_word(" ".join(notice.paragraphs) or notice.site.title, PREHEADER_LIMIT)
