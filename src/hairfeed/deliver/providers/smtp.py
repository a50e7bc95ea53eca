"""A mail relay (RFC 5321): one connection a thread, kept for all mails of a pass."""

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256

from hairfeed.deliver.form import nothing_left_over
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.mime import message_form
from hairfeed.deliver.providers.contract import Capabilities, Merge, Settling
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Resolution, StillUnknown, Taken
from hairfeed.settings.providers import Smtp

_YES, _MORE, _NOT_NOW, _FOR_GOOD = 200, 300, 400, 500
"""Where each kind of reply begins (RFC 5321 §4.2.1)."""

_NO_LOGIN = (530, 534, 535, 538)
"""About the login, whatever they answer (RFC 4954 §6): no word on the recipient."""

_NO_RELAY = re.compile(r"\brelay(ing)?\b", re.IGNORECASE)
"""What every server says that takes mails for its own people only, and not ours for others: no word on the recipient either."""

_IDLE_SECONDS = 60


class SmtpProvider:
    """One recipient a batch: a relay can neither be asked nor repeated, so a crash leaves one mail a connection in doubt."""

    name = "smtp"
    capabilities = Capabilities(batch_size=1, merge=Merge.RENDERED, settling=Settling.NEVER, concurrency=4)

    def __init__(self, settings: Smtp, sender: str) -> None:
        """Connections are made with the first mails; `sender` is the envelope's, too."""
        self._settings = settings
        self.sender = parseaddr(sender)[1]
        self.destination = f"{settings.host}:{settings.port}"
        self._own = threading.local()
        self._lines: list[_Line] = []

    def prepare(self, mailing: Mailing) -> "SmtpCall":
        """The message in its RFC 5322 form."""
        (recipient,) = mailing.recipients
        content = message_form(mailing.content).fill(recipient)
        nothing_left_over(content)
        return SmtpCall(self, recipient.email, content)

    def line(self) -> "_Line":
        """The thread's own connection, made or not."""
        line: _Line | None = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = _Line(self._settings, self.sender)
            self._lines.append(line)
        return line

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:  # noqa: ARG002 - it cannot be asked
        """Nobody can say."""
        return StillUnknown(f"{self.destination}: a relay cannot be asked")

    def check(self) -> Sequence[str]:
        """Whether a connection is encrypted, logged in, and may send as mail.from."""
        line = _Line(self._settings, self.sender)
        try:
            line.begin()
        except _NoLine as error:
            return [str(error)]
        finally:
            line.close()
        return []

    def close(self) -> None:
        """Say good-bye on every connection; everything that was accepted stays so."""
        for line in self._lines:
            line.close()


class SmtpCall:
    """One mail."""

    def __init__(self, provider: SmtpProvider, address: str, content: bytes) -> None:
        """Nothing is sent yet."""
        self._provider = provider
        self._address = address
        self._content = content
        self.body_hash = sha256(content).hexdigest()

    def make(self) -> Outcome:
        """Hand the mail over."""
        line = self._provider.line()
        try:
            connection = line.begin()
        except _NoLine as error:
            return NotNow(str(error), everyone=True)
        try:
            refused = self._judge(line, connection.rcpt(self._address), "the recipient")
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            line.drop()
            return NotNow(f"{line.where}: the connection broke before the mail was handed over: {error}")
        return refused or self._hand_over(line, connection)

    def _hand_over(self, line: "_Line", connection: smtplib.SMTP) -> Outcome:
        try:
            code, reply = connection.data(self._content)
        except smtplib.SMTPDataError as error:
            line.drop()
            answer = (error.smtp_code, _bytes(error.smtp_error))
            said = f"{line.where}: does not ask for the mail: {error.smtp_code} {_text(error.smtp_error)}"
            return self._judge(line, answer, "the mail") or NotNow(said)
        except (smtplib.SMTPException, OSError) as error:
            line.drop()
            return InDoubt(f"{line.where}: the connection broke while the mail was handed over: {error}")
        if code < _YES or _MORE <= code < _NOT_NOW:
            line.drop()
            return InDoubt(f"{line.where}: answers the mail with something unknown: {code} {_text(reply)}")
        return self._judge(line, (code, reply), "the mail") or Taken()

    def _judge(self, line: "_Line", reply: tuple[int, bytes], what: str) -> Outcome | None:
        """What a reply means; None after a yes, and after nothing else."""
        code, text = reply
        if code in _NO_LOGIN:
            said = f"{line.where}: wants a login first: {code} {_text(text)}; check mail.smtp.username and security"
            return Refused(said, Blame.ACCOUNT)
        if code >= _FOR_GOOD:
            if _NO_RELAY.search(_text(text)):
                said = f"{line.where}: takes no mails from us for others: {code} {_text(text)}"
                return Refused(f"{said}; check mail.smtp.host, username and mail.from", Blame.ACCOUNT)
            return Refused(f"{code} {_text(text)}", Blame.RECIPIENTS)
        if not _YES <= code < _MORE:
            if code < _NOT_NOW:
                # It answers something else than was asked: so would it from now on.
                line.drop()
            return NotNow(f"{line.where}: does not take {what} now: {code} {_text(text)}")
        return None


class _NoLine(Exception):
    """There is no connection on which a mail could be handed over; the message says what to do."""


class _Line:
    """A connection to the relay, made when it is needed and made anew where an idle one was closed."""

    def __init__(self, settings: Smtp, sender: str) -> None:
        self._settings = settings
        self._sender = sender
        self._connection: smtplib.SMTP | None = None
        self._used = 0.0
        self.where = f"{settings.host}:{settings.port}"

    def begin(self) -> smtplib.SMTP:
        """A connection with the sender named.

        Raises:
            _NoLine: there is none.
        """
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self.drop()
        for connection in (self._connection, None):
            connection = connection or self._connect()  # noqa: PLW2901 - the second try is with a new one
            try:
                connection.rset()
                code, reply = connection.mail(self._sender)
            except (smtplib.SMTPServerDisconnected, OSError):
                self.drop()
                continue
            if not _YES <= code < _MORE:
                self.drop()
                what = f"{code} {_text(reply)}; check mail.from and the login"
                raise _NoLine(f"{self.where}: does not take mails from {self._sender}: {what}")
            self._used = time.monotonic()
            return connection
        raise _NoLine(f"{self.where}: closes every connection before a mail can be handed over")

    def drop(self) -> None:
        """Let the connection go, whatever state it is in."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        """Say good-bye."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
        self.drop()

    def _connect(self) -> smtplib.SMTP:
        """A connection that is encrypted and logged in as the settings want it; one that is not never becomes `_connection`."""
        settings = self._settings
        tls = ssl.create_default_context()
        with ExitStack() as undo:
            try:
                if settings.security == "tls":
                    made: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=tls)
                else:
                    made = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
                undo.callback(made.close)
                if settings.security == "starttls":
                    made.starttls(context=tls)
                made.ehlo_or_helo_if_needed()
                if settings.username:
                    made.login(settings.username, settings.password or "")
            except smtplib.SMTPAuthenticationError as error:
                raise _NoLine(f"{self.where}: refuses the login: {_text(error.smtp_error)}; check mail.smtp.password") from error
            except smtplib.SMTPNotSupportedError as error:
                raise _NoLine(f"{self.where}: {error}; check mail.smtp.security and username") from error
            except UnicodeEncodeError as error:
                raise _NoLine("mail.smtp.username or password: only ASCII can be sent to a relay") from error
            except (smtplib.SMTPException, OSError) as error:
                raise _NoLine(f"{self.where}: cannot be reached: {error}; check mail.smtp.host, port and security") from error
            undo.pop_all()
        self._connection = made
        return made


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _text(reply: bytes | str) -> str:
    return " ".join(_bytes(reply).decode("utf-8", "replace").split())
