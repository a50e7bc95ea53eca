"""A mail relay (RFC 5321), one connection for all mails of a pass."""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from email.utils import parseaddr

from hairfeed.deliver.mail import Mail, OutgoingMessage, Submission
from hairfeed.deliver.message import rfc5322
from hairfeed.errors import InDoubt, NotNow, Refused, Unreachable
from hairfeed.settings.mail import Smtp

_YES, _MORE, _NOT_NOW, _FOR_GOOD = 200, 300, 400, 500
"""Where each kind of reply begins (RFC 5321 §4.2.1)."""

_NO_LOGIN = (530, 534, 535, 538)
"""About the login, whatever they answer (RFC 4954 §6): no word on the recipient."""


class SmtpProvider:
    """One recipient a batch: a relay can neither be asked nor repeated, so a crash leaves at most one mail in doubt."""

    batch_size = 1
    repeatable_for = timedelta(0)

    def __init__(self, settings: Smtp, sender: str) -> None:
        """The connection is made with the first mail; `sender` is the envelope's, too."""
        self._settings = settings
        self._sender = parseaddr(sender)[1]
        self._connection: smtplib.SMTP | None = None
        self.destination = f"{settings.host}:{settings.port}"

    def form(self, mail: Mail) -> bytes:
        """The RFC 5322 message."""
        return rfc5322(mail)

    def submit(self, key: str, messages: Sequence[OutgoingMessage]) -> Submission:  # noqa: ARG002 - SMTP knows no keys
        """Hand over the one message of the batch."""
        (message,) = messages
        connection = self._begin()
        try:
            self._expect(connection.rcpt(message.address), "the recipient")
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise NotNow(f"{self.destination}: the connection broke before the mail was handed over: {error}") from error
        self._hand_over(connection, message.content)
        return Submission()

    def _hand_over(self, connection: smtplib.SMTP, content: bytes) -> None:
        try:
            code, reply = connection.data(content)
        except smtplib.SMTPDataError as error:
            self._expect((error.smtp_code, _bytes(error.smtp_error)), "the mail")
            self._drop()
            raise NotNow(f"{self.destination}: does not ask for the mail: {error.smtp_code} {_text(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise InDoubt(f"{self.destination}: the connection broke while the mail was handed over: {error}") from error
        else:
            if code < _YES or _MORE <= code < _NOT_NOW:
                self._drop()
                raise InDoubt(f"{self.destination}: answers the mail with something unknown: {code} {_text(reply)}")
            self._expect((code, reply), "the mail")

    def close(self) -> None:
        """Say good-bye; everything that was accepted stays so."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._drop()
        self._connection = None

    def _begin(self) -> smtplib.SMTP:
        """A connection with the sender named, made anew where an idle one was closed."""
        for connection in (self._connection, None):
            connection = connection or self._connect()  # noqa: PLW2901 - the second try is with a new one
            try:
                connection.rset()
                code, reply = connection.mail(self._sender)
            except (smtplib.SMTPServerDisconnected, OSError):
                self._drop()
                continue
            if not _YES <= code < _MORE:
                self._drop()
                what = f"{code} {_text(reply)}; check mail.from and the login"
                raise Unreachable(f"{self.destination}: does not take mails from {self._sender}: {what}")
            return connection
        raise Unreachable(f"{self.destination}: closes every connection before a mail can be handed over")

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
                raise Unreachable(
                    f"{self.destination}: refuses the login: {_text(error.smtp_error)}; check mail.smtp.password"
                ) from error
            except smtplib.SMTPNotSupportedError as error:
                raise Unreachable(f"{self.destination}: {error}; check mail.smtp.security and username") from error
            except UnicodeEncodeError as error:
                raise Unreachable("mail.smtp.username or password: only ASCII can be sent to a relay") from error
            except (smtplib.SMTPException, OSError) as error:
                raise Unreachable(
                    f"{self.destination}: cannot be reached: {error}; check mail.smtp.host, port and security"
                ) from error
            undo.pop_all()
        self._connection = made
        return made

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _expect(self, reply: tuple[int, bytes], what: str) -> None:
        """Go on after a yes, and after nothing else."""
        code, text = reply
        if code in _NO_LOGIN:
            raise Unreachable(
                f"{self.destination}: wants a login first: {code} {_text(text)}; check mail.smtp.username and security"
            )
        if code >= _FOR_GOOD:
            raise Refused(f"{code} {_text(text)}")
        if not _YES <= code < _MORE:
            if code < _NOT_NOW:
                # It answers something else than was asked: so would it from now on.
                self._drop()
            raise NotNow(f"{self.destination}: does not take {what} now: {code} {_text(text)}")


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _text(reply: bytes | str) -> str:
    return " ".join(_bytes(reply).decode("utf-8", "replace").split())
