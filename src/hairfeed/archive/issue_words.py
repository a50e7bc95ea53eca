"""What HairFeed says on the pages of issues, in the language of the site; in English where it does not speak that."""

from dataclasses import dataclass, field

from hairfeed.text.translations import Translations, translations


@dataclass(frozen=True, slots=True)
class IssueWords:
    """Everything that such a page says by itself; whole sentences, for languages order their parts differently."""

    language: str
    """Without the country."""
    direction: str
    all_issues: str
    every_issue: str
    issues: str
    previous: str
    next: str
    also: str
    corrections: str
    corrected: str
    mail: str
    mail_link: str
    feeds: str
    to_site: str
    _translations: Translations = field(repr=False)

    def issue(self, number: int) -> str:
        """What an issue is called."""
        return self._translations.pgettext("issue page", "Issue %(number)d") % {"number": number}


def issue_words(language: str) -> IssueWords:
    """The words for a site's language."""
    words = translations(language)
    pgettext = words.pgettext
    return IssueWords(
        language=words.language.partition("-")[0],
        direction=words.direction,
        all_issues=pgettext("issue page", "All issues"),
        every_issue=pgettext("issue page", "Every issue, the newest first."),
        issues=pgettext("issue page", "Issues"),
        previous=pgettext("issue page", "Previous issue"),
        next=pgettext("issue page", "Next issue"),
        also=pgettext("issue page", "Also new"),
        corrections=pgettext("issue page", "Corrections"),
        corrected=pgettext("issue page", "These articles were in an earlier issue and have been corrected since."),
        mail=pgettext("issue page", "Get the next issue by mail"),
        mail_link=pgettext("issue page", "Subscribe by mail"),
        feeds=pgettext("issue page", "All feeds"),
        to_site=pgettext("issue page", "To the site"),
        _translations=words,
    )
