"""The addresses of the pages that belong to one reader: to confirm, to choose, to stay, to leave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hairfeed.text.tokens import Purpose, sign_all

PATHS = {Purpose.CONFIRM: "c", Purpose.UNSUBSCRIBE: "u", Purpose.PREFERENCES: "p", Purpose.STAY: "s", Purpose.TRACK: "l"}
"""By purpose, the first part of a page's path below the public address of the subscribe pages; its token is the second."""


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """Links for readers of one installation."""

    base: str
    """The public address of the subscribe pages, without a slash at its end."""
    secret: bytes = field(repr=False)

    def confirm(self, subscriber_id: int, newsletter: str, expires_at: datetime) -> str:
        """The page with the button that confirms a subscription."""
        (link,) = self.for_all(Purpose.CONFIRM, [subscriber_id], newsletter, expires_at)
        return link

    def unsubscribe(self, subscriber_id: int, newsletter: str) -> str:
        """The page to leave the newsletter; a POST of mail programs there does it with one click (RFC 8058). Good for ever."""
        (link,) = self.for_all(Purpose.UNSUBSCRIBE, [subscriber_id], newsletter)
        return link

    def preferences(self, subscriber_id: int, newsletter: str) -> str:
        """The page to choose topics and language; it begins with the newsletter that led there. Good for ever."""
        (link,) = self.for_all(Purpose.PREFERENCES, [subscriber_id], newsletter)
        return link

    def stay(self, subscriber_id: int, newsletter: str) -> str:
        """The page with the button that says that its reader still wants the newsletter. Good for ever."""
        (link,) = self.for_all(Purpose.STAY, [subscriber_id], newsletter)
        return link

    def track(self, subscribers: Sequence[int], issue_id: int) -> list[str]:
        """What the links of an issue begin with for each reader; a link's number comes behind it. Good for ever."""
        before = f"{self.base}/{PATHS[Purpose.TRACK]}/{issue_id}/"
        return [f"{before}{token}/" for token in sign_all(self.secret, Purpose.TRACK, str(issue_id), subscribers)]

    def for_all(
        self, purpose: Purpose, subscribers: Sequence[int], newsletter: str, expires_at: datetime | None = None
    ) -> list[str]:
        """The pages of many at once, in their order: a batch's links cost little more than one."""
        before = f"{self.base}/{PATHS[purpose]}/"
        return [before + token for token in sign_all(self.secret, purpose, newsletter, subscribers, expires_at)]
