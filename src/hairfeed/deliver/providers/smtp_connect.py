"""How a connection to a relay begins: encrypted and logged in as the settings want it, or not at all."""

import smtplib
import ssl
from contextlib import ExitStack

from hairfeed.deliver.providers.outcomes import Blame, NotNow, Refused, Throttled
from hairfeed.deliver.providers.smtp_replies import Asked, Meaning, Reply, meaning
from hairfeed.settings.providers import Smtp


class NoLine(Exception):
    """There is no connection on which a mail could be handed over; `outcome` says what becomes of the batch."""

    def __init__(self, outcome: Refused | Throttled | NotNow) -> None:
        """The outcome's reason says what to do."""
        super().__init__(outcome.reason)
        self.outcome = outcome


def connect(settings: Smtp) -> smtplib.SMTP:
    """A connection that is ready for mails.

    Raises:
        NoLine: there is none.
    """
    where = f"{settings.host}:{settings.port}"
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
            raise NoLine(_no_login(where, _reply_of(error))) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NoLine(NotNow(f"{where}: {error}; check mail.smtp.security and username", everyone=True)) from error
        except UnicodeEncodeError as error:
            said = "mail.smtp.username or password: only ASCII can be sent to a relay"
            raise NoLine(NotNow(said, everyone=True)) from error
        except smtplib.SMTPResponseException as error:
            raise NoLine(_not_reached(where, _reply_of(error))) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NoLine(_not_reached(where, error)) from error
        undo.pop_all()
    return made


def _no_login(where: str, reply: Reply) -> Refused | NotNow:
    if meaning(reply, Asked.SENDER) in {Meaning.NOBODY, Meaning.TOO_FAST}:
        return NotNow(f"{where}: lets nobody log in now: {reply}", everyone=True)
    return Refused(f"{where}: refuses the login: {reply}; check mail.smtp.username and password", Blame.ACCOUNT)


def _not_reached(where: str, error: Exception | Reply) -> Throttled | NotNow:
    if isinstance(error, Reply) and meaning(error, Asked.SENDER) is Meaning.TOO_FAST:
        return Throttled(f"{where}: takes no further connection: {error}")
    return NotNow(f"{where}: cannot be reached: {error}; check mail.smtp.host, port and security", everyone=True)


def _reply_of(error: smtplib.SMTPResponseException) -> Reply:
    text = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
    return Reply(error.smtp_code, " ".join(text.split()))
