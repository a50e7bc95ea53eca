"""What a provider is: where mails are handed over, and what may be known of a call that was cut off."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from hairfeed.deliver.mail import Mail, OutgoingMessage, Submission


class Provider(Protocol):
    """A mail API, a relay, or a folder."""

    @property
    def batch_size(self) -> int:
        """Recipients in one call."""

    @property
    def repeatable_for(self) -> timedelta:
        """How long after a call the same one may be repeated without a second mail to anyone; zero when it never may."""

    @property
    def destination(self) -> str:
        """Where mails go, for people."""

    def form(self, mail: Mail) -> bytes:
        """The mail as the provider takes it. Pure."""

    def submit(self, key: str, messages: Sequence[OutgoingMessage]) -> Submission:
        """Hand a batch over; `key` is the same at every attempt.

        Raises:
            Refused: it said no, for good; nothing was taken.
            NotNow: nothing was taken; another time it may be.
            Unreachable: nothing was taken, and nothing will be in this pass.
            InDoubt: it may have been taken.
        """

    def close(self) -> None:
        """Let connections go."""
