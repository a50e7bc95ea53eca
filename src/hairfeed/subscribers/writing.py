"""How the stage has mails written that it queues: whoever starts it brings the hands, since templates are not its business."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from hairfeed.models.subscribers import Greeting
from hairfeed.settings import Settings
from hairfeed.store.database import Connection


class Written(Protocol):
    """A mail as it goes out."""

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def html(self) -> str: ...


class WriteConfirmation(Protocol):
    """Asks whether a subscription is meant."""

    def __call__(
        self, settings: Settings, newsletters: Sequence[str], language: str, confirm_url: str, expires_at: datetime
    ) -> Written:
        """The mail about newsletters of the config.

        Raises:
            TemplateError: a template is missing or faulty.
        """


class WriteGreeting(Protocol):
    """Greets who has come or left."""

    def __call__(
        self,
        connection: Connection,
        settings: Settings,
        kind: Greeting,
        newsletters: Sequence[str],
        language: str,
        name: str,
        links: tuple[str, str, str],
    ) -> Written:
        """The mail about newsletters of the config; `links` are to leave, to choose, and to subscribe.

        Raises:
            TemplateError: a template is missing or faulty.
        """


class WriteQuestion(Protocol):
    """Asks whether a newsletter is still wanted."""

    def __call__(
        self, settings: Settings, newsletter: str, language: str, name: str, links: tuple[str, str, str], until: date
    ) -> Written:
        """The mail about a newsletter of the config; `links` are to stay, to leave, and to choose.

        Raises:
            TemplateError: a template is missing or faulty.
        """
