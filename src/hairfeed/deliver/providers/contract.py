"""What a provider is to the engine (`Provider`), and what an adapter of a mail API has to say (`Api`, `Webhook`).

An adapter is pure: it builds requests from a mailing and reads answers. `providers.api.ApiProvider` makes it a `Provider`, and
`providers.calling` makes the calls. Relays and folders are providers themselves.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.outcomes import Outcome, Resolution
from hairfeed.models.events import MailEvent


class Merge(StrEnum):
    """Who fills a mail's fields."""

    INLINE = "inline"
    """The provider, by its own merge syntax: the call holds the body once (`providers.inline`)."""
    RENDERED = "rendered"
    """We: the call holds every mail in full (`deliver.form`)."""


class Repetition(StrEnum):
    """What comes of the same call, made twice under one key within the window."""

    DOUBLES = "doubles"
    """Every mail twice."""
    REPLAYED = "replayed"
    """The first answer again."""
    RECOGNISED = "recognised"
    """An answer that says that its key was used before."""
    DEDUPLICATED = "deduplicated"
    """A yes, and the provider drops each mail that it has already."""


class Settling(StrEnum):
    """How a batch in doubt is settled."""

    REPEAT = "repeat"
    """By the same call again, within the window; after that by `resolve`, where there is a `look_up_after`."""
    LOOK_UP = "look up"
    """By `resolve`, after `look_up_after`."""
    EVENTS = "events"
    """By events of its mails, which prove that it was taken; that none came proves nothing."""
    NEVER = "never"
    """By the operator."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, and how much of it in one call."""

    batch_size: int
    """Recipients in one call at most."""
    merge: Merge
    settling: Settling
    repetition: Repetition = Repetition.DOUBLES
    window: timedelta = timedelta(0)
    """How long after a first call a repetition is known as one; an hour or so less than they say, for clocks that differ."""
    look_up_after: timedelta = timedelta(0)
    """How long after a call its absence from a look-up proves something; where events settle it, how long they are waited for."""
    look_up_within: timedelta = timedelta.max
    """How long after a call it still does: a while less than they keep their records."""
    batch_bytes: int | None = None
    """Bytes of a call's body at most; None where nothing is stated."""
    all_or_nothing: bool = False
    """Whether a call is taken for everybody in it or for nobody, so that one mail of it proves the others."""
    several_bodies: bool = False
    """Whether the mails of one call may have different texts."""
    concurrency: int = 4
    """Calls at once that do no harm."""
    calls_per_second: float | None = None
    """Of a usual account, where the provider states it; the config may say another."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request without its secrets; a pure function of frozen rows, byte for byte."""

    method: str
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def read_json(body: bytes) -> Any:
    """JSON from outside.

    Raises:
        ValueError: it is none, or nested beyond reason.
    """
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested beyond reason") from error


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that came whole."""

    status: int
    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    """By any spelling of their names."""

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none, or nested beyond reason.
        """
        return read_json(self.body)

    @property
    def said(self) -> str:
        """Status and body in one short line, for people."""
        text = " ".join(self.body[:2000].decode("utf-8", "replace").split())
        return f"{self.status} {text}"[:300].rstrip()


Call = Callable[[Request], Response]
"""Makes a call once, with the secrets added, and without a retry.

Raises:
    NotConnected: nothing was sent, or not all of it.
    NoAnswer: it was sent, at least in part, and no whole answer came.
"""


class Api(Protocol):
    """An adapter of a mail API. Everything is pure but for `resolve` and `check`, which call what they are given."""

    name: str
    """As in the config: `[mail.NAME]`."""
    capabilities: Capabilities
    url: str
    """Where mails go, for people."""

    def build(self, mailing: Mailing) -> Request:
        """The call that submits the mailing: byte-identical for the same one. It switches tracking by the provider off."""

    def authorize(self, request: Request, now: datetime) -> Mapping[str, str]:
        """The headers with secrets that the request needs; `now` for signatures."""

    def read(self, mailing: Mailing, response: Response) -> Outcome:
        """What became of it; `providers.reading.verdict` reads what is no adapter's speciality.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, IndexError: it says something unknown, so the batch is in doubt.
        """

    def resolve(self, mailing: Mailing, called_at: datetime, call: Call) -> Resolution:
        """What became of a mailing in doubt that was last called at `called_at`; asked only with `Settling.LOOK_UP`.

        Raises:
            NotConnected, NoAnswer, ValueError, KeyError, TypeError, AttributeError, IndexError: it cannot be told now.
        """

    def check(self, call: Call) -> Sequence[str]:
        """Without sending anything: what is wrong with credentials, domain and limits, one sentence each with what to do."""


class Webhook(Protocol):
    """The other half of an adapter: notices that the provider posts to us. Pure, but for that of SES, which makes calls."""

    @property
    def largest(self) -> int:
        """Bytes of the longest call that the provider makes."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether the provider sent it, and just now. `headers` are found by their lower-case names.

        Raises:
            NotConnected, NoAnswer: what tells it (of SES, a certificate) cannot be had now.
        """

    def events(self, body: bytes) -> Sequence[MailEvent]:
        """The notices in our words; those that say nothing to us are left out.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, IndexError: it cannot be read.
            NotConnected, NoAnswer: it asks for a subscription to be confirmed (SES), which is not possible now.
        """


class PreparedCall(Protocol):
    """A mailing in the exact bytes in which it goes out."""

    body_hash: str
    """SHA-256 of the bytes, hexadecimal."""

    def make(self) -> Outcome:
        """Hand the mailing over, once. Nothing below repeats it, and no exception but a fault of ours leaves it."""


class Provider(Protocol):
    """A mail API, a relay, or a folder. Its methods may be called from several threads at once."""

    name: str
    capabilities: Capabilities
    destination: str
    """Where mails go, for people."""

    def prepare(self, mailing: Mailing) -> PreparedCall:
        """The call for the mailing. Pure, and the same bytes for the same mailing."""

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:
        """What became of a mailing in doubt."""

    def check(self) -> Sequence[str]:
        """What is wrong with it, without sending anything."""

    def close(self) -> None:
        """Let connections go."""


def recipients_per_call(capabilities: Capabilities, body: int) -> int:
    """How many recipients one call may have, at least one; `body` is the characters of HTML and text together."""
    if capabilities.batch_bytes is None:
        return capabilities.batch_size
    # Quotes and newlines are escaped, other scripts have several bytes a character: half as much again is on the safe side.
    size, own = body * 3 // 2, 2000
    if capabilities.merge is Merge.RENDERED:
        most = capabilities.batch_bytes // (size + own)
    else:
        most = (capabilities.batch_bytes - size) // own
    return max(1, min(capabilities.batch_size, most))
