"""A mail relay (RFC 5321): as many connections as calls at once, kept for all mails of a pass."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache
from hashlib import sha256

from hairfeed.deliver.clock import seconds
from hairfeed.deliver.form import nothing_left_over
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.mime import message_form
from hairfeed.deliver.providers.contract import Capabilities, Merge, Settling
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Resolution, StillUnknown, Taken, Throttled
from hairfeed.deliver.providers.smtp_connect import NoLine
from hairfeed.deliver.providers.smtp_line import Broken, Envelope, Line, Mail
from hairfeed.deliver.providers.smtp_replies import Asked, Meaning, Reply, meaning
from hairfeed.models.issues import Refusal
from hairfeed.settings.providers import Smtp

_BREAKS = 5
"""So many connections that broke one after the other, whoever had them: the relay is left alone for this pass."""
_LONGEST_CALL = 240.0
"""Seconds after which a call begins no other mail: well before its lease is over."""
_LAST_WORD = 480.0
"""Seconds after which no mail is ended, and so none is taken: the answer, too, has to come before the lease is over."""


class SmtpProvider:
    """A few recipients a batch: a relay can neither be asked nor repeated, so a kill leaves those under way in doubt."""

    name = "smtp"

    def __init__(self, settings: Smtp, sender: str, clock: Callable[[], float] = seconds) -> None:
        """Connections are made with the first mails; `sender` is the envelope's, too. `clock` tells how long a call takes."""
        self._settings = settings
        self.clock = clock
        self.sender = parseaddr(sender)[1]
        self.destination = f"{settings.host}:{settings.port}"
        self.capabilities = Capabilities(
            batch_size=settings.batch_size, merge=Merge.RENDERED, settling=Settling.NEVER, concurrency=4
        )
        # One issue after the other, a few renderings each.
        self._form = lru_cache(maxsize=8)(message_form)
        self._idle: list[Line] = []
        self._breaks = 0
        self._lock = threading.Lock()

    def prepare(self, mailing: Mailing) -> "SmtpCall":
        """The messages in their RFC 5322 form."""
        form = self._form(mailing.content)
        mails = [Mail(one.subscriber_id, one.email, form.fill(one)) for one in mailing.recipients]
        nothing_left_over(*(mail.content for mail in mails))
        return SmtpCall(self, mails)

    def line(self) -> Line:
        """A connection that nobody else has; it is given back by `keep`."""
        with self._lock:
            return self._idle.pop() if self._idle else Line(self._settings, self.sender)

    def keep(self, line: Line) -> None:
        """Have the connection used again, if it is still one: a relay may allow no other beside it."""
        if line.is_connected:
            with self._lock:
                self._idle.append(line)

    def broke(self) -> None:
        """A connection broke with a mail on it."""
        with self._lock:
            self._breaks += 1

    def answered(self) -> None:
        """A mail got its answer."""
        with self._lock:
            self._breaks = 0

    @property
    def is_unsteady(self) -> bool:
        """Whether connections break so often that none is made any more."""
        return self._breaks >= _BREAKS

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:  # noqa: ARG002 - it cannot be asked
        """Nobody can say."""
        return StillUnknown(f"{self.destination}: a relay cannot be asked")

    def check(self) -> Sequence[str]:
        """Whether a connection is encrypted, logged in, and may send as mail.from."""
        line = Line(self._settings, self.sender)
        try:
            reply = line.ask_for_sender()
        except (NoLine, Broken) as error:
            return [str(error)]
        finally:
            line.close()
        return [] if meaning(reply, Asked.SENDER) is Meaning.YES else [self.not_as(reply)]

    def not_as(self, reply: Reply) -> str:
        """What is wrong when the sender is refused."""
        return f"{self.destination}: does not take mails from {self.sender}: {reply}; check mail.from and the login"

    def close(self) -> None:
        """Say good-bye on every connection; everything that was accepted stays so."""
        for line in self._idle:
            line.close()


class SmtpCall:
    """A few mails, one after the other on one connection."""

    def __init__(self, provider: SmtpProvider, mails: Sequence[Mail]) -> None:
        """Nothing is sent yet."""
        self._provider = provider
        self._mails = mails
        hashed = sha256()
        for mail in mails:
            hashed.update(mail.content)
        self.body_hash = hashed.hexdigest()

    def make(self) -> Outcome:
        """Hand the mails over."""
        line = self._provider.line()
        try:
            return _Round(self._provider, line).outcome(self._mails)
        finally:
            self._provider.keep(line)


class _Round:
    """One call's mails, and what became of each."""

    def __init__(self, provider: SmtpProvider, line: Line) -> None:
        self._provider = provider
        self._line = line
        self._where = provider.destination
        self._began = provider.clock()
        self._refused: list[Refusal] = []
        self._taken: list[int] = []
        self._in_doubt: dict[int, str] = {}
        self._postponed: dict[int, str] = {}
        self._stop: Refused | Throttled | NotNow | None = None
        """Why the mails that are left are not tried in this call."""

    def outcome(self, mails: Sequence[Mail]) -> Outcome:
        """Hand them over, and tell what became of them together."""
        self._hand_over(mails)
        known = {*self._taken, *self._in_doubt, *self._postponed, *(one.subscriber_id for one in self._refused)}
        left = [mail.subscriber_id for mail in mails if mail.subscriber_id not in known]
        if not self._taken and not self._in_doubt:
            if self._stop is not None:
                return self._stop
            if self._refused:
                # Nobody was taken: perhaps it means the mail, or us. The engine finds out, one by one.
                return Refused(self._refused[0].reason, Blame.RECIPIENTS)
            return NotNow(next(iter(self._postponed.values())))
        if len(self._in_doubt) == len(mails):
            return InDoubt(next(iter(self._in_doubt.values())))
        if not self._taken:
            # Here, too, a refusal is not believed yet.
            self._postponed |= {one.subscriber_id: one.reason for one in self._refused}
            self._refused.clear()
        return Taken(
            refused=tuple(self._refused),
            postponed=(*self._postponed, *left),
            postponed_why=tuple(dict.fromkeys([*self._postponed.values(), *([self._stop.reason] if self._stop and left else [])])),
            in_doubt=tuple(self._in_doubt),
            in_doubt_why=tuple(dict.fromkeys(self._in_doubt.values())),
        )

    def _hand_over(self, mails: Sequence[Mail]) -> None:
        until = self._began + _LONGEST_CALL
        envelope: Envelope | None = None
        for number, mail in enumerate(mails):
            if self._provider.is_unsteady:
                self._stop = NotNow(f"{self._where}: breaks every connection", everyone=True)
            elif self._provider.clock() > until:
                self._stop = NotNow(f"{self._where}: takes long for each mail")
            if self._stop is not None:
                if envelope is not None:
                    self._line.drop()
                return
            envelope = self._one(mail, envelope, mails[number + 1] if number + 1 < len(mails) else None)

    def _one(self, mail: Mail, envelope: Envelope | None, following: Mail | None) -> Envelope | None:
        """Hand one mail over; what was said to the envelope of the following one, where it was asked with it."""
        try:
            envelope = envelope or self._line.ask(mail)
            if not self._may_go(mail, envelope):
                return None
            self._line.hand_over(mail)
            if self._provider.clock() > self._began + _LAST_WORD:
                raise Broken("too late to end it")  # noqa: TRY301 - as any other line that is of no use any more
        except NoLine as error:
            self._stop = error.outcome
            return None
        except Broken as error:
            self._broke()
            self._postponed[mail.subscriber_id] = f"{self._where}: the connection broke before the mail was handed over: {error}"
            return None
        try:
            reply, asked = self._line.end(following)
        except Broken as error:
            self._broke()
            self._in_doubt[mail.subscriber_id] = f"{self._where}: the connection broke when the mail was handed over: {error}"
            return None
        if meaning(reply, Asked.MAIL) is Meaning.NONSENSE:
            self._broke()
            self._in_doubt[mail.subscriber_id] = f"{self._where}: answers the mail with something unknown: {reply}"
            return None
        self._provider.answered()
        if self._is_yes(mail, reply, Asked.MAIL):
            self._taken.append(mail.subscriber_id)
        return asked

    def _broke(self) -> None:
        self._line.drop()
        self._provider.broke()

    def _may_go(self, mail: Mail, envelope: Envelope) -> bool:
        """Whether the relay wants the mail; if not, it is noted why, and the line is ready for the next one."""
        wanted = self._is_yes(mail, envelope.sender, Asked.SENDER) and (
            envelope.recipient is None or self._is_yes(mail, envelope.recipient, Asked.RECIPIENT)
        )
        if envelope.is_open:
            if not wanted:
                self._line.give_up()
            return wanted
        if wanted and envelope.data is not None:
            if meaning(envelope.data, Asked.MAIL) is Meaning.YES:
                self._broke()
                self._postponed[mail.subscriber_id] = f"{self._where}: does not ask for the mail: {envelope.data}"
            else:
                self._is_yes(mail, envelope.data, Asked.MAIL)
        if envelope.closes:
            self._line.drop()
        return False

    def _is_yes(self, mail: Mail, reply: Reply, asked: Asked) -> bool:
        """Whether the reply is a yes; if not, it is noted what it comes to."""
        match meaning(reply, asked):
            case Meaning.YES:
                return True
            case Meaning.REFUSED:
                self._refused.append(Refusal(mail.subscriber_id, str(reply)))
            case Meaning.LATER:
                self._postponed[mail.subscriber_id] = f"{self._where}: does not take {_what(asked)} now: {reply}"
            case Meaning.OURS if asked is Asked.SENDER:
                self._stop = Refused(self._provider.not_as(reply), Blame.ACCOUNT)
            case Meaning.OURS:
                said = f"{self._where}: takes no mails from us: {reply}; check mail.smtp.host and username, and mail.from"
                self._stop = Refused(said, Blame.ACCOUNT)
            case Meaning.TOO_FAST:
                self._stop = Throttled(f"{self._where}: {reply}")
            case Meaning.NOBODY:
                self._stop = NotNow(f"{self._where}: takes nothing now: {reply}", everyone=True)
            case Meaning.NONSENSE:
                # It answers something else than was asked: so would it from now on.
                self._broke()
                self._postponed[mail.subscriber_id] = f"{self._where}: answers {_what(asked)} with something unknown: {reply}"
        return False


def _what(asked: Asked) -> str:
    return f"the {asked}"
