"""What a batch says and to whom, before a provider gives it a form. Pure: the same rows give the same mailing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hairfeed.text.merge import Mergeable, Placeholder

BATCH, SUBSCRIBER = "hf_batch", "hf_subscriber"
"""Our ids as metadata of every mail: the batch's key and the subscriber's number. No other word about the reader."""


@dataclass(frozen=True, slots=True)
class Content:
    """What all mails of a batch share. Whatever differs by recipient stands in it as a field to be filled."""

    sender: str
    """A mailbox as in the config, `Name <address>` or the bare address; any script."""
    reply_to: str
    subject: Mergeable
    """One line."""
    text: Mergeable
    html: Mergeable
    dated_at: datetime
    """The Date of every mail, in the zone that it shows; the same at every attempt."""
    headers: tuple[tuple[str, Mergeable], ...] = ()
    """List-Unsubscribe and its like: ASCII but for a phrase before ` <`, unfolded, one line each. All of them must arrive."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a batch, and what their mail's fields are filled with."""

    subscriber_id: int
    email: str
    message_id: str
    """With its angle brackets (RFC 5322 §3.6.4); the same at every attempt. For providers that let us name mails."""
    values: Mapping[Placeholder, str]
    """Every placeholder. A name is plain text, empty where there is none; addresses hold nothing that HTML would escape."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """One provider call's worth: a content and its recipients, who are as many as the provider's capabilities allow."""

    key: str
    """The batch's, the same at every attempt and in no other batch: letters, digits and `-`, at most 80."""
    name: str
    """What it is called where people read it, `weekly-0012`; in no mail and at no provider."""
    content: Content
    recipients: tuple[Recipient, ...]
