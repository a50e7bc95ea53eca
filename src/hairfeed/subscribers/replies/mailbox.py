"""A folder of an IMAP mailbox (RFC 9051, and RFC 3501 as most servers speak it). Nothing in it is deleted."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import mktime
from typing import Any

from hairfeed.errors import HairFeedError
from hairfeed.settings.mail import Replies

MOST_BYTES = 1 << 16
"""Of a mail that are read: a bounce says in its first lines what it is, and what comes back in it begins with its header."""

FIRST_LOOK = timedelta(days=30)
"""At the first look, and where the server has numbered its mails anew, older ones are left alone."""

_FAULTS = (imaplib.IMAP4.error, OSError, ValueError, IndexError, TypeError)
"""What a server that breaks off, or answers with something else than IMAP, makes of a call."""


class MailboxError(HairFeedError):
    """The mailbox cannot be read now; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the folder: its first bytes, and when it came in."""

    uid: int
    arrived_at: datetime
    head: bytes


class Mailbox:
    """The folder, open."""

    def __init__(self, settings: Replies, connection: imaplib.IMAP4, *, look_only: bool) -> None:
        """Logged in already."""
        self._settings = settings
        self._connection = connection
        self._where = f"{settings.username} at {settings.host}, folder {settings.folder}"
        # With EXAMINE no mail loses a mark (RFC 3501 §6.3.2).
        self._asked("SELECT", *connection.select(_quoted(settings.folder), readonly=look_only))
        # Many servers say only after the login what they can do.
        self._moves = b"MOVE" in self._asked("CAPABILITY", *connection.capability())[0].split()
        _, values = connection.response("UIDVALIDITY")
        self.validity = int(values[0] or 0) if values else 0
        """While it is the same, the numbers of mails mean the same (RFC 9051 §2.3.1.1)."""

    def uids(self, after: int, now: datetime) -> list[int]:
        """The numbers of mails beyond `after`, in their order; for 0 those of the last days.

        Raises:
            MailboxError: the server does not answer.
        """
        since = (now - FIRST_LOOK).astimezone(UTC)
        wanted = f"UID {after + 1}:*" if after else f"SINCE {since:%d}-{_MONTHS[since.month - 1]}-{since:%Y}"
        with self._failing():
            (found,) = self._asked("SEARCH", *self._connection.uid("SEARCH", wanted))
            # A range that begins behind the newest mail means the newest mail.
            return sorted(uid for uid in map(int, (found or b"").split()) if uid > after)

    def mail(self, uid: int) -> Mail | None:
        """The mail by its number; None when it is gone.

        Raises:
            MailboxError: the server does not answer.
        """
        with self._failing():
            what = f"(INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES}>)"
            for part in self._asked("FETCH", *self._connection.uid("FETCH", str(uid), what)):
                # What is no literal comes as bytes.
                if isinstance(part, tuple):
                    arrived = imaplib.Internaldate2tuple(part[0])
                    if arrived is None:
                        raise ValueError("a mail without the time of its arrival")
                    return Mail(uid, datetime.fromtimestamp(mktime(arrived), UTC), bytes(part[1]))
            return None

    def done(self, uid: int) -> None:
        """Mark a mail as worked off, or move it where such are kept.

        Raises:
            MailboxError: the server does not do it.
        """
        connection, folder = self._connection, self._settings.done_folder
        with self._failing():
            self._asked("STORE", *connection.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"))
            if folder is None:
                return
            # Who lacks MOVE (RFC 6851) keeps a copy in each folder: nothing is deleted.
            move = "MOVE" if self._moves else "COPY"
            status, answer = connection.uid(move, str(uid), _quoted(folder))
            if status != "OK":
                connection.create(_quoted(folder))
                status, answer = connection.uid(move, str(uid), _quoted(folder))
            self._asked(move, status, answer)

    def _asked(self, what: str, status: str, answer: list[Any]) -> list[Any]:
        if status != "OK":
            said = b" ".join(part for part in answer if isinstance(part, bytes)).decode("utf-8", "replace")
            raise MailboxError(f"{self._where}: {what} is refused: {said[:200]}; check mail.replies.folder and done_folder")
        return [part for part in answer if part is not None]

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise MailboxError(f"{self._where}: {error}; the next pass goes on from there") from error


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@contextmanager
def open_mailbox(settings: Replies, *, look_only: bool = False) -> Iterator[Mailbox]:
    """The folder; with `look_only` nothing in it can be marked or moved.

    Raises:
        MailboxError: it cannot be opened.
    """
    where = f"{settings.host}:{settings.port or _port(settings)}"
    try:
        connection = _connected(settings)
    except (*_FAULTS, UnicodeError) as error:
        raise MailboxError(f"{where}: cannot be reached: {error}; check mail.replies.host, port and security") from error
    try:
        try:
            connection.login(settings.username, settings.password)
        except (*_FAULTS, UnicodeError) as error:
            said = re.sub(re.escape(settings.password), "…", str(error)) if settings.password else str(error)
            raise MailboxError(f"{where}: refuses the login: {said}; check mail.replies.username and password") from error
        try:
            yield Mailbox(settings, connection, look_only=look_only)
        except _FAULTS as error:
            raise MailboxError(f"{where}: {error}; the next pass goes on from there") from error
    finally:
        with suppress(*_FAULTS):
            connection.logout()


def _port(settings: Replies) -> int:
    return 993 if settings.security == "tls" else 143


def _connected(settings: Replies) -> imaplib.IMAP4:
    port = settings.port or _port(settings)
    # Without a context of ours, imaplib would take any certificate.
    tls = ssl.create_default_context()
    if settings.security == "tls":
        return imaplib.IMAP4_SSL(settings.host, port, ssl_context=tls, timeout=settings.timeout)
    plain = imaplib.IMAP4(settings.host, port, timeout=settings.timeout)
    if settings.security == "starttls":
        try:
            plain.starttls(tls)
        except _FAULTS:
            with suppress(OSError):
                plain.shutdown()
            raise
    return plain


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
