"""A connection to a relay: encrypted, logged in, and spoken to in groups where the relay takes them (RFC 2920)."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from socket import IPPROTO_TCP, TCP_NODELAY, socket

from hairfeed.deliver.providers.smtp_connect import connect
from hairfeed.deliver.providers.smtp_replies import CLOSING, GO_ON, Asked, Meaning, Reply, meaning
from hairfeed.settings.providers import Smtp

_IDLE_SECONDS = 60
_LONGEST_REPLY = 65536
"""Bytes; no relay has so much to say."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one reader."""

    subscriber_id: int
    address: str
    content: bytes
    """With CRLF at the ends of its lines, and nowhere else either of the two."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the relay says to a mail's sender, recipient and DATA; None where it was not asked any more."""

    sender: Reply
    recipient: Reply | None = None
    data: Reply | None = None

    @property
    def is_open(self) -> bool:
        """Whether the relay waits for a mail, wanted or not."""
        return self.data is not None and self.data.code == GO_ON

    @property
    def closes(self) -> bool:
        """Whether the relay has closed the connection instead."""
        return any(one is not None and one.code == CLOSING for one in (self.sender, self.recipient, self.data))


class Broken(Exception):
    """The connection broke, or what came back is no reply."""


class Line:
    """A connection, made when it is needed and made anew where the relay closed it between two mails."""

    def __init__(self, settings: Smtp, sender: str) -> None:
        """Nothing is connected yet."""
        self._settings = settings
        self._sender = sender
        self._connection: smtplib.SMTP | None = None
        self._socket: socket | None = None
        self._read = bytearray()
        self._used = 0.0
        self._is_fresh = True
        self._must_reset = False
        self.where = f"{settings.host}:{settings.port}"

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._connection is not None

    def connect(self) -> None:
        """Be connected.

        Raises:
            NoLine: that is not possible.
        """
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self.drop()
        if self._connection is None:
            self._connection = connect(self._settings)
            self._socket = self._connection.sock
            assert self._socket is not None, "smtplib has one from its greeting on"  # noqa: S101 - it says so only in words
            # The end of a mail is a small write after a large one, which must not wait for the large one's receipt.
            self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            self._read.clear()
            self._is_fresh, self._must_reset = True, False
            self._used = time.monotonic()

    def ask(self, mail: Mail) -> Envelope:
        """What the relay says to a mail's envelope.

        Raises:
            NoLine: there is no connection.
            Broken: it broke; a new one, too.
        """
        while True:
            self.connect()
            was_fresh = self._is_fresh
            try:
                envelope = self._asked(mail)
            except Broken:
                self.drop()
                if was_fresh:
                    raise
                continue
            if not envelope.closes or was_fresh:
                return envelope
            # A relay may close a connection after so many mails or minutes.
            self.drop()

    def ask_for_sender(self) -> Reply:
        """What the relay says to the sender alone.

        Raises:
            NoLine: there is no connection.
            Broken: it broke.
        """
        self.connect()
        self._must_reset = True
        self._write(f"MAIL FROM:<{self._sender}>\r\n".encode("ascii"))
        return self._reply()

    def hand_over(self, mail: Mail) -> None:
        """Write the mail but for its end: until that is written, nothing is taken.

        Raises:
            Broken: the connection broke.
        """
        # RFC 5321 §4.5.2: a line that begins with a dot has one more.
        content = mail.content.replace(b"\r\n.", b"\r\n..")
        self._write(b"." + content if content.startswith(b".") else content)

    def end(self, following: Mail | None) -> tuple[Reply, Envelope | None]:
        """Write the end of the mail, and the next one's envelope with it; the replies to both, where both came.

        RFC 2920 §3.1 lets the two go together: whatever the relay says of the mail, the next one is not handed over by that.

        Raises:
            Broken: no reply came, so that nobody knows whether the mail was taken.
        """
        together = following is not None and self._pipelines
        self._write(b".\r\n" + (b"".join(self._commands(following)) if together and following else b""))
        reply = self._reply()
        self._is_fresh = False
        if reply.code == CLOSING or meaning(reply, Asked.MAIL) is Meaning.NONSENSE:
            # What else comes may belong to anything.
            self.drop()
        elif together:
            with suppress(Broken):
                envelope = Envelope(self._reply(), self._reply(), self._reply())
                self._must_reset = not envelope.is_open
                if not envelope.closes:
                    return reply, envelope
            self.drop()
        return reply, None

    def give_up(self) -> None:
        """Hand over nothing where the relay waits for a mail that has no recipient (RFC 2920 §3.1)."""
        try:
            self._write(b".\r\n")
            self._reply()
        except Broken:
            self.drop()

    def drop(self) -> None:
        """Let the connection go, whatever state it is in."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._socket = None

    def close(self) -> None:
        """Say good-bye."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self.drop()

    # One exchange

    @property
    def _pipelines(self) -> bool:
        return self._connection is not None and self._connection.has_extn("pipelining")

    def _asked(self, mail: Mail) -> Envelope:
        if self._must_reset:
            self._write(b"RSET\r\n")
            self._reply()
            self._must_reset = False
        commands = self._commands(mail)
        replies = list(self._together(commands) if self._pipelines else self._one_by_one(commands))
        envelope = Envelope(*replies)
        self._is_fresh = self._is_fresh and envelope.closes
        self._must_reset = not envelope.is_open
        return envelope

    def _together(self, commands: list[bytes]) -> Iterator[Reply]:
        self._write(b"".join(commands))
        for _ in commands:
            yield self._reply()

    def _one_by_one(self, commands: list[bytes]) -> Iterator[Reply]:
        """As many replies as it takes until one is no yes."""
        for command in commands:
            self._write(command)
            reply = self._reply()
            yield reply
            if meaning(reply, Asked.RECIPIENT) is not Meaning.YES:
                return

    def _commands(self, mail: Mail) -> list[bytes]:
        has_size = self._connection is not None and self._connection.has_extn("size")
        size = f" SIZE={len(mail.content)}" if has_size else ""
        return [
            f"MAIL FROM:<{self._sender}>{size}\r\n".encode("ascii"),
            f"RCPT TO:<{mail.address}>\r\n".encode("ascii"),
            b"DATA\r\n",
        ]

    def _write(self, written: bytes) -> None:
        assert self._socket is not None, "only a line that is connected is written to"  # noqa: S101 - a fault of ours
        self._used = time.monotonic()
        try:
            self._socket.settimeout(self._settings.timeout)
            self._socket.sendall(written)
        except OSError as error:
            raise Broken(str(error)) from error

    def _reply(self) -> Reply:
        """The next reply (RFC 5321 §4.2).

        Raises:
            Broken: it did not come whole within the timeout.
        """
        until = time.monotonic() + self._settings.timeout
        texts: list[str] = []
        size = 0
        while True:
            line = self._line(until)
            size += len(line)
            code = int(line[:3]) if line[:3].isdigit() and line[3:4] in {b"", b" ", b"-"} else 0
            texts.append(line[4:].decode("utf-8", "replace") if code else line.decode("utf-8", "replace"))
            if line[3:4] != b"-" or not code:
                # Each line repeats the enhanced code (RFC 2034 §4).
                first = Reply(code, texts[0]).enhanced
                said = " ".join(" ".join([texts[0], *(one.removeprefix(first) for one in texts[1:])]).split())
                return Reply(code, said)
            if size > _LONGEST_REPLY:
                raise Broken("a reply that does not end")

    def _line(self, until: float) -> bytes:
        assert self._socket is not None, "only a line that is connected is read from"  # noqa: S101 - a fault of ours
        while (end := self._read.find(b"\n")) < 0:
            left = until - time.monotonic()
            if left <= 0:
                raise Broken("no reply in time")
            try:
                self._socket.settimeout(left)
                piece = self._socket.recv(4096)
            except OSError as error:
                raise Broken(str(error)) from error
            if not piece or len(self._read) > _LONGEST_REPLY:
                raise Broken("the relay closed the connection" if not piece else "a reply that does not end")
            self._read += piece
        line = bytes(self._read[:end]).rstrip(b"\r")
        del self._read[: end + 1]
        return line
