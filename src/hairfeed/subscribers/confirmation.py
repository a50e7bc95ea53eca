"""The mail that asks a reader to confirm: the only one that goes to someone whose address nobody has proven yet.

Nothing that was typed into the form is in it: whoever signs a stranger up must not be able to write to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hairfeed.settings import Settings
from hairfeed.store.letters import Letter
from hairfeed.templates import TemplateSet
from hairfeed.text.translations import Translations, translations
from hairfeed.text.words import wrap

KIND = "confirmation"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask, and for what."""

    subscriber_id: int
    newsletters: Sequence[str]
    language: str
    confirm_url: str
    expires_at: datetime


class Confirmations:
    """Confirmation mails by the templates `templates/email/confirmation.html` and `.txt`.

    They may use `subject`, `titles` (the newsletters'), `action_url`, `expires_on`, `site`, `language`, `direction`, the words by
    Jinja2's own `trans` and `gettext`, and the filters `date_in_words` and `wrap`.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self._templates = TemplateSet(settings.site.templates, "email", {"wrap": wrap})

    def letter(self, asked: Asked) -> Letter:
        """The finished mail.

        Raises:
            TemplateError: a template is missing or faulty.
        """
        words = translations(asked.language)
        titles = [self._settings.newsletters[name].title for name in asked.newsletters]
        subject = words.gettext("Please confirm: %(titles)s") % {"titles": ", ".join(titles)}
        names = self._names(asked, words) | {"subject": subject, "titles": titles}
        return Letter(
            kind=KIND,
            subscriber_id=asked.subscriber_id,
            newsletter=asked.newsletters[0] if len(asked.newsletters) == 1 else "",
            language=words.language,
            subject=subject,
            text=self._templates.fill("confirmation.txt", names),
            html=self._templates.fill("confirmation.html", names),
        )

    def _names(self, asked: Asked, words: Translations) -> dict[str, object]:
        expires_on = asked.expires_at.astimezone(self._settings.site.timezone).date()
        return {
            "site": self._settings.site,
            "language": words.language,
            "direction": words.direction,
            "gettext": words.gettext,
            "ngettext": words.ngettext,
            "action_url": asked.confirm_url,
            "expires_on": words.date_in_words(expires_on),
        }
