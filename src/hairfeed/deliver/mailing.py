"""What a batch says and to whom, before a provider gives it a form. Pure: the same rows give the same mailing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from hairfeed.text.merge import Mergeable, Placeholder

BATCH, SUBSCRIBER = "hf_batch", "hf_subscriber"
"""Our ids as metadata of every mail: the batch's key and the subscriber's number. No other word about the reader."""


@dataclass(frozen=True, slots=True)
class MessageIds:
    """Names for a content's mails (RFC 5322 §3.6.4): unique in the world, and the same at every attempt."""

    name: str
    """What each of them begins with."""
    domain: str
    seed: str
    """What tells this content from every other, also of other ledgers."""

    def of(self, email: str) -> str:
        """That of the recipient's mail, with its angle brackets and without a word about them."""
        return f"<{self.name}.{sha256(f'{self.seed} {email}'.encode()).hexdigest()[:24]}@{self.domain}>"


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
    message_ids: MessageIds
    """For providers that let us name mails."""
    headers: tuple[tuple[str, Mergeable], ...] = ()
    """List-Unsubscribe and its like: ASCII but for a phrase before ` <`, unfolded, one line each. All of them must arrive."""


class Recipient(NamedTuple):
    """One recipient of a batch, and by the names of placeholders what their mail's fields are filled with.

    A tuple, since a batch has a thousand: `zip(*recipients)` has all of one kind at once.
    """

    subscriber_id: int
    email: str
    name: str
    """Plain text; empty where there is none."""
    unsubscribe: str
    """An address, which holds nothing that HTML would escape."""
    preferences: str
    """Likewise."""
    leave: str
    """Likewise; to write to."""
    track: str = ""
    """What the addresses of their links to articles begin with, where these are counted; likewise."""

    @property
    def values(self) -> Mapping[Placeholder, str]:
        """What their fields are filled with."""
        return {
            Placeholder.NAME: self.name,
            Placeholder.UNSUBSCRIBE: self.unsubscribe,
            Placeholder.PREFERENCES: self.preferences,
            Placeholder.LEAVE: self.leave,
            Placeholder.TRACK: self.track,
        }


@dataclass(frozen=True, slots=True)
class Mailing:
    """One provider call's worth: a content and its recipients, who are as many as the provider's capabilities allow."""

    key: str
    """The batch's, the same at every attempt and in no other batch: letters, digits and `-`, at most 80."""
    name: str
    """What it is called where people read it, `weekly-0012`; in no mail and at no provider."""
    content: Content
    recipients: tuple[Recipient, ...]
