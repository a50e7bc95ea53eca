"""What providers tell of mails that they took."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What a provider can tell of a mail that it took."""

    ACCEPTED = "accepted"
    """It took it."""
    DELIVERED = "delivered"
    """The receiving server took it."""
    REJECTED = "rejected"
    """It took it, and does not send it."""
    HARD_BOUNCE = "hard bounce"
    """There is no such address, for good."""
    SOFT_BOUNCE = "soft bounce"
    """It was not taken this time: a full mailbox, a server that refuses us."""
    COMPLAINT = "complaint"
    """The reader marked it as spam."""
    UNSUBSCRIBE = "unsubscribe"
    """The reader left by the provider's own way."""
    OPENED = "opened"
    CLICKED = "clicked"


@dataclass(frozen=True, slots=True)
class MailEvent:
    """A provider's notice of one mail."""

    provider: str
    id: str
    """The same when the provider sends the notice again, and in no other notice of it."""
    kind: EventKind
    at: datetime
    email: str
    batch_key: str = ""
    """Of our batch; empty where the notice does not bear our metadata."""
    subscriber_id: int | None = None
    reason: str = ""
    """What the provider or the receiving server said."""
