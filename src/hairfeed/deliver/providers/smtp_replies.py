"""What a relay's reply means: whether it is about the recipient, about us, or about now (RFC 5321 §4.2, RFC 3463). Pure.

Servers agree on codes less than on words: "relaying denied" comes as 550, 551, 553 or 554, with `5.7.1` or with nothing. So codes
that have one meaning are read first, then the words that servers have for us, and what is left is about the recipient.
"""

import re
from dataclasses import dataclass
from enum import StrEnum, auto

_YES, _MORE, _NOT_NOW, _FOR_GOOD, _NONSENSE = 200, 300, 400, 500, 600
"""Where each kind of reply begins."""
GO_ON = 354
"""The relay waits for the mail."""
CLOSING = 421
"""It closes the connection, whatever it was asked."""

_LOGIN = frozenset({530, 534, 535, 538})
"""About the login or its encryption, whatever they answer (RFC 4954 §6)."""
_BUSY_LOGIN = 454
"""The login, or what encrypts it, does not work now (RFC 4954 §6); at Amazon SES: too many mails."""
_CONFUSED = frozenset({500, 502, 503, 504})
"""Commands that it does not know, or not here: one of us two has lost the thread."""

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_THEM = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.0", "5.2.1", "5.2.2", "5.2.3", "5.2.4", "5.4.1"})
"""The mailbox or its domain; of a reply to RCPT beyond doubt, whatever words are in it."""
_US = frozenset(
    {
        "5.1.7",  # the sender's address, and the next one
        "5.1.8",
        "5.2.252",  # Exchange: may not send as mail.from
        "5.4.5",  # Gmail: the quota of the day
        "5.7.3",  # a login is wanted, or was refused: Exchange's and RFC 5248's
        "5.7.8",
        "5.7.9",
        "5.7.11",
        "5.7.13",
        "5.7.14",
        "5.7.20",  # DKIM, SPF, the name of our address, DMARC (RFC 7372)
        "5.7.21",
        "5.7.22",
        "5.7.23",
        "5.7.25",
        "5.7.26",
        "5.7.54",  # Exchange: relay, sender, tenant, our traffic
        "5.7.57",
        "5.7.60",
        "5.7.64",
        "5.7.68",
        "5.7.708",
        "5.7.750",
    }
)
_WORDS_FOR_US = re.compile(
    r"""\brelay(ing|ed)?\b | rcpthosts
    | \bauth(entication|orization)?\s(is\s)?required | not\sauthenticated
    | sender\s(address\s)?(rejected|denied|refused) | not\sowned\sby | send\s?as\b | sendasdenied
    | not\s(allowed|authorized|permitted)\sto\ssend | (address|sender)\s(is\s)?not\sverified
    | sending\s(limit|quota) | message\squota | account\s.{0,40}\b(suspended|disabled|blocked)
    | client\shost\b.{0,80}\b(rejected|blocked) | \bblock(ed|listed)\b.{0,40}\b(using|list)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""The relay's own words for: I take no mails from you."""
_FULL = frozenset({"4.3.1", "4.3.2"})
"""The relay itself has no room, or is being shut down."""
_TOO_FAST = frozenset({"4.5.3", "4.7.28"})
"""Too many recipients: of a connection or an hour, since each mail has one."""
_WORDS_FOR_TOO_FAST = re.compile(
    r"throttl | \brate\b.{0,20}\b(limit|exceed) | sending\srate | unusual\srate | too\smany\s(?!(errors|hops|login))",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS_FOR_NO_ROOM = re.compile(r"insufficient\s(system\s|disk\s)?(storage|space)", re.IGNORECASE)


class Asked(StrEnum):
    """What was said before the reply."""

    SENDER = "sender"
    """MAIL FROM."""
    RECIPIENT = "recipient"
    """RCPT TO."""
    MAIL = "mail"
    """DATA, or the mail itself."""


class Meaning(StrEnum):
    """What a reply comes to."""

    YES = auto()
    REFUSED = auto()
    """Not this recipient, or not this mail: now and ever."""
    LATER = auto()
    """Not this recipient now: greylisted, their mailbox full."""
    OURS = auto()
    """Nothing from us: the login, the sender, the quota."""
    TOO_FAST = auto()
    """Not so much from us now."""
    NOBODY = auto()
    """Nothing from anybody now: the relay is full, or stops."""
    NONSENSE = auto()
    """No answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in one line; a code of 0 is none that RFC 5321 knows."""

    code: int
    text: str

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.code} {self.text}".rstrip()

    @property
    def enhanced(self) -> str:
        """Its enhanced status code (RFC 3463), empty where it has none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""


def meaning(reply: Reply, asked: Asked) -> Meaning:
    """What the reply to `asked` comes to."""
    if _YES <= reply.code < _MORE:
        return Meaning.YES
    if _NOT_NOW <= reply.code < _FOR_GOOD:
        return _not_now(reply, asked)
    if _FOR_GOOD <= reply.code < _NONSENSE:
        return _for_good(reply, asked)
    return Meaning.NONSENSE


def _not_now(reply: Reply, asked: Asked) -> Meaning:
    too_fast = reply.enhanced in _TOO_FAST or _WORDS_FOR_TOO_FAST.search(reply.text)
    # "The user you are trying to contact is receiving mail at a rate that …" is about them.
    if too_fast and not reply.enhanced.startswith("4.2."):
        return Meaning.TOO_FAST
    no_room = reply.enhanced in _FULL or _WORDS_FOR_NO_ROOM.search(reply.text)
    if no_room or reply.code in {CLOSING, _BUSY_LOGIN} or asked is Asked.SENDER:
        return Meaning.NOBODY
    return Meaning.LATER


def _for_good(reply: Reply, asked: Asked) -> Meaning:
    if reply.code in _LOGIN or reply.enhanced in _US:
        return Meaning.OURS
    if reply.code in _CONFUSED and not reply.enhanced.startswith("5.1."):
        return Meaning.NONSENSE
    if asked is Asked.RECIPIENT and reply.enhanced in _THEM:
        return Meaning.REFUSED
    if _WORDS_FOR_US.search(reply.text):
        return Meaning.OURS
    # What is too large is so whoever sent it.
    about_the_mail = reply.code == 552 or reply.enhanced in {"5.3.4", "5.2.3"}  # noqa: PLR2004 - an SMTP code
    return Meaning.OURS if asked is Asked.SENDER and not about_the_mail else Meaning.REFUSED
