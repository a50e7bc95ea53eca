"""The addresses of the pages that belong to one reader: to confirm, to choose, to leave. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from hairfeed.text.tokens import Bearer, Purpose, sign

PATHS = {Purpose.CONFIRM: "c", Purpose.UNSUBSCRIBE: "u", Purpose.PREFERENCES: "p", Purpose.TRACK: "l"}
"""By purpose, the first part of a page's path below the public address of the subscribe pages; its token is the second."""


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """Links for readers of one installation."""

    base: str
    """The public address of the subscribe pages, without a slash at its end."""
    secret: bytes = field(repr=False)

    def confirm(self, subscriber_id: int, newsletter: str, expires_at: datetime) -> str:
        """The page with the button that confirms a subscription."""
        return self._link(Purpose.CONFIRM, Bearer(subscriber_id, newsletter), expires_at)

    def unsubscribe(self, subscriber_id: int, newsletter: str) -> str:
        """The page to leave the newsletter; a POST of mail programs there does it with one click (RFC 8058). Good for ever."""
        return self._link(Purpose.UNSUBSCRIBE, Bearer(subscriber_id, newsletter))

    def preferences(self, subscriber_id: int, newsletter: str) -> str:
        """The page to choose topics and language; it begins with the newsletter that led there. Good for ever."""
        return self._link(Purpose.PREFERENCES, Bearer(subscriber_id, newsletter))

    def track(self, subscriber_id: int, issue_id: int) -> str:
        """What the links of an issue begin with for one reader; a link's number comes behind it. Good for ever."""
        token = sign(self.secret, Purpose.TRACK, Bearer(subscriber_id, str(issue_id)))
        return f"{self.base}/{PATHS[Purpose.TRACK]}/{issue_id}/{token}/"

    def _link(self, purpose: Purpose, bearer: Bearer, expires_at: datetime | None = None) -> str:
        return f"{self.base}/{PATHS[purpose]}/{sign(self.secret, purpose, bearer, expires_at)}"
