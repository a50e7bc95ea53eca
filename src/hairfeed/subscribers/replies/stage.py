"""Works off the mailbox: each mail once, in the order in which they came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from hairfeed import log
from hairfeed.errors import TokenError
from hairfeed.models.events import MailEvent
from hairfeed.settings import Settings
from hairfeed.settings.mail import Replies
from hairfeed.store import events, letters, mailboxes, recipients, subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.subscribers.replies.mailbox import Mail, Mailbox, MailboxError, open_mailbox
from hairfeed.subscribers.replies.reading import Leave, Returned, read
from hairfeed.text.tokens import Bearer, Purpose
from hairfeed.text.tokens import read as read_token
from hairfeed.text.words import one_line

MOST_MAILS = 500
"""Of one pass: mails to readers wait behind them."""

PROVIDER = "mailbox"
"""Who tells of bounces, in events."""

_CLOCKS = timedelta(hours=1)
"""So far the mailbox's clock may be behind ours. Whoever subscribed anew longer than that after they wrote stays."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose tokens may be in the mailbox."""

    secret: bytes
    newsletters: tuple[str, ...]


def read_replies(ledger: Ledger, settings: Settings, replies: Replies, now: datetime) -> tuple[int, list[str]]:
    """Let those go who wrote to leave, and keep what bounced as events; how many mails that were, and what could not be done."""
    with ledger.write() as connection:
        names = dict.fromkeys([*settings.newsletters, *subscribers.newsletter_names(connection), ""])
        reader = _Reader(secret(connection, "links"), tuple(names))
    ours, trouble = 0, dict[str, None]()
    try:
        with open_mailbox(replies) as mailbox:
            name = f"{replies.username}@{replies.host}/{replies.folder}"
            with ledger.read() as connection:
                last = mailboxes.last_uid(connection, name, mailbox.validity)
            for uid in mailbox.uids(last, now)[:MOST_MAILS]:
                if not _work_off(ledger, mailbox, name, uid, reader, now):
                    continue
                ours += 1
                try:
                    # Should this fail, or never come to it, the mail lies where it is, and is never looked at again.
                    mailbox.done(uid)
                except MailboxError as error:
                    trouble[str(error)] = None
    except MailboxError as error:
        trouble[str(error)] = None
    if trouble:
        log.trouble("mailbox_failed")
    return ours, list(trouble)


def _work_off(ledger: Ledger, mailbox: Mailbox, name: str, uid: int, reader: _Reader, now: datetime) -> bool:
    """Read a mail, and do what it asks for; whether it was for us."""
    mail = mailbox.mail(uid)
    found = read(mail.head) if mail else None
    with ledger.write() as connection:
        is_ours = mail is not None and _act(connection, mail, found, reader, now)
        mailboxes.remember(connection, name, mailbox.validity, uid)
    return is_ours


def _act(connection: Connection, mail: Mail, found: Leave | Returned | None, reader: _Reader, now: datetime) -> bool:
    match found:
        case Leave(tokens):
            return _leave(connection, mail, _bearer(reader, tokens, now), now)
        case Returned():
            return _keep(connection, mail, found, _bearer(reader, found.tokens, now), now)
    return False


def _bearer(reader: _Reader, tokens: tuple[str, ...], now: datetime) -> Bearer | None:
    """Whom the first token of ours stands for."""
    for token in tokens:
        try:
            return read_token(reader.secret, Purpose.UNSUBSCRIBE, token, reader.newsletters, now)
        except TokenError:
            continue
    return None


def _leave(connection: Connection, mail: Mail, bearer: Bearer | None, now: datetime) -> bool:
    if bearer is None:
        return False
    mine = [
        one.newsletter
        for one in subscribers.subscriptions_of(connection, bearer.subscriber_id)
        if bearer.newsletter in {"", one.newsletter} and one.changed_at <= mail.arrived_at + _CLOCKS
    ]
    subscribers.leave(connection, bearer.subscriber_id, mine, now)
    return True


def _keep(connection: Connection, mail: Mail, found: Returned, bearer: Bearer | None, now: datetime) -> bool:
    """Keep a bounce as an event, as if a provider had told it; a pass works it off like those."""
    batch_key, subscriber, email = found.letter_key, None, ""
    if bearer is not None:
        reader = subscribers.subscriber(connection, bearer.subscriber_id)
        subscriber, email = bearer.subscriber_id, reader.email if reader else ""
        if found.issue_number is not None and not found.letter_key:
            batch_key = recipients.batch_key_of(connection, bearer.newsletter, found.issue_number, subscriber)
    elif found.letter_key:
        email = letters.address_of(connection, found.letter_key)
    if not email:
        return False
    identity = found.message_id.encode() or mail.head
    event = MailEvent(
        provider=PROVIDER,
        id=sha256(identity + found.kind.encode()).hexdigest(),
        kind=found.kind,
        at=mail.arrived_at,
        email=email,
        batch_key=batch_key,
        subscriber_id=subscriber,
        reason=one_line(found.reason)[: events.MOST_REASON],
    )
    events.keep(connection, [event], now)
    return True
