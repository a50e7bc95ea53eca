"""Mails on their way to a provider, and what it says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hairfeed.models import Refusal


@dataclass(frozen=True, slots=True)
class Mail:
    """One recipient's mail before a provider gives it a form; header values are unfolded text."""

    to: str
    message_id: str
    """With its angle brackets (RFC 5322 §3.6.4); the same at every attempt."""
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    dated_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    """What a mailing carries beside: List-Id and its like."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One recipient's finished mail: `content` is what the provider takes, a pure function of frozen rows."""

    subscriber_id: int
    address: str
    name: str
    """What this mail is called where it needs a name: newsletter, issue and address."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """A provider's answer to an accepted batch: everyone in it was taken but `refusals`."""

    refusals: Sequence[Refusal] = ()
    provider_id: str = ""
    """The provider's own name for what it took, where it gives one."""
    taken_before: bool = False
    """An earlier attempt was taken, as the batch was then; this one changed nothing."""
