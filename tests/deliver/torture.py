"""SIGKILL at random moments while an issue goes out through a mail API that goes wrong: run by the tests in short, by hand in full.

The process under test is a child. It dies either at one of its own durable effects (before or after a commit), or while a call of
its is under way at the server, before or after the mails were taken. The next pass goes on from what the ledger holds.
"""

import os
import random
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, event, insert

from hairfeed.models.issues import IssueState
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import receipts
from hairfeed.store.schema.subscribers import subscribers, subscriptions
from tests.deliver.dialects import (
    BrevoDialect,
    MailgunDialect,
    MailjetDialect,
    PostmarkDialect,
    SendGridDialect,
    SesDialect,
    SparkPostDialect,
    Speaker,
)
from tests.deliver.faulty_api import Dialect, FaultyApi, ResendDialect, a_faulty_api, mixed
from tests.deliver.sending import NOW, Sending
from tests.deliver.telling import keep_notices

_LONGEST = 60
"""Passes until an issue is through; a kill costs one, a fault another."""


def forked(work: Callable[[], object]) -> int:
    """The pid of a child that does `work` and ends, with status 0 if nothing was raised."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - a child that goes on would be a second pytest
        traceback.print_exc()
    finally:
        os._exit(status)


def kill_at_effect(number: int) -> None:
    """Have this process die at its n-th beginning or end of a transaction."""
    numbers = count(1)

    def effect(_connection: object) -> None:
        if next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("begin", "commit"):
        event.listen(Engine, moment, effect)


@dataclass(frozen=True)
class Victim:
    """A provider, and the time between passes: as long as it takes to be sure of a call, for no provider is asked after a day."""

    provider: str
    section: dict[str, Any]
    dialect: Callable[[], Dialect]
    step: timedelta = timedelta(minutes=5)
    settles: bool = True
    """Whether what became of a call can be found out without a person."""
    tells: bool = False
    """Whether it posts notices of all mails that it took; of whom it tells nothing by the next pass it took nothing."""
    policy: str = "hold"

    def __str__(self) -> str:
        """As people know it."""
        bulk = " bulk" if self.section.get("bulk") else ""
        return f"{self.provider}{bulk}{f' with notices, {self.policy}' if self.tells else ''}"


_SES = {"key": "k", "secret": "s", "region": "eu-west-1"}
RESEND = Victim("resend", {"key": "re_secret"}, ResendDialect)
VICTIMS = (
    RESEND,
    Victim("mailgun", {"key": "k", "domain": "hair.example.org", "batch_size": 100}, MailgunDialect, timedelta(minutes=35)),
    Victim("postmark", {"token": "t"}, PostmarkDialect, timedelta(minutes=35)),
    Victim("postmark", {"token": "t", "bulk": True}, PostmarkDialect, timedelta(minutes=125)),
    Victim("sendgrid", {"key": "k"}, SendGridDialect, timedelta(minutes=65)),
    Victim("sparkpost", {"key": "k"}, SparkPostDialect),
    Victim("brevo", {"key": "k"}, BrevoDialect, timedelta(minutes=65)),
    Victim("mailjet", {"key": "k", "secret": "s"}, MailjetDialect),
    Victim("ses", _SES, SesDialect, settles=False),
    Victim("ses", _SES, SesDialect, timedelta(minutes=65), settles=False, tells=True),
    Victim("ses", _SES, SesDialect, timedelta(minutes=65), tells=True, policy="resend"),
)


class Torture:
    """One issue on its way out, with a process that is killed again and again."""

    def __init__(self, folder: Path, api: FaultyApi, seed: int, readers: int, victim: Victim) -> None:
        """A new ledger with so many readers and an issue for them."""
        self.chance = random.Random(seed)
        self.readers = [f"reader{number}@example.net" for number in range(readers)]
        self.kills = 0
        self._api = api
        self._step, self._settles, self._tells = victim.step, victim.settles, victim.tells
        self._told: set[tuple[str, str]] = set()
        pace = {"url": f"http://127.0.0.1:{api.port}", "timeout": 5, "calls_per_second": 1000, "concurrency": 4}
        mail = {"provider": victim.provider, victim.provider: victim.section | pace, "in_doubt": victim.policy}
        self.sending = Sending(folder, **mail)
        (folder / "hairfeed.db").write_bytes(_ledger_with(readers))
        self._issue = self.sending.approve()

    def go(self, kills: int) -> None:
        """Kill at most so many passes, and let others complete the issue; whatever the moments, nobody is mailed twice."""
        for passed in count():
            assert passed < _LONGEST, "the issue does not come to an end"
            now = NOW + self._step * passed
            self._tell(now)
            if self.kills < kills:
                self.kills += self._killed(partial(self.sending.deliver, now))
            else:
                self.sending.deliver(now)
            if self._is_through():
                break
        if self._tells:
            self._tell(now + self._step)
            self.sending.deliver(now + self._step)
        told, everyone, mailed = self.sending.receipt_of(1), len(self.readers), self._api.truth.mailed
        if self._settles:
            assert str(told) == f"owed {everyone}  accepted {everyone}  refused 0  unknown 0"
            assert mailed == Counter(self.readers)
            return
        ledger = self.sending.ledger()
        with ledger.read() as connection:
            in_doubt = {one.email for one in receipts.in_doubt(connection, self._issue)}
        ledger.close()
        # Everyone who was perhaps not mailed is named.
        assert (told.accepted + told.in_doubt, told.in_doubt) == (everyone, len(in_doubt))
        assert set(mailed.values()) == {1}
        assert set(self.readers) - set(mailed) <= in_doubt
        # Where the provider tells of all that it took, nobody else is.
        assert not self._tells or set(self.readers) - set(mailed) == in_doubt

    def _tell(self, now: datetime) -> None:
        """Let the provider post its notices of what it took since the pass before."""
        dialect = self._api.dialect
        if not self._tells or not isinstance(dialect, Speaker):
            return
        taken = {(key, mail.to): mail for key, mails in dialect.sent.items() for mail in mails}
        keep_notices(self.sending, [mail for known, mail in taken.items() if known not in self._told], now)
        self._told |= set(taken)

    def _is_through(self) -> bool:
        """Whether all is done, or all that can be done without a person."""
        told = self.sending.receipt_of(1)
        nothing_waits = told.owed == len(self.readers) and not told.waiting
        return self.sending.issue_states() == [IssueState.DONE] or (nothing_waits and not self._settles)

    def _killed(self, work: Callable[[], object]) -> bool:
        """Do `work` in a child that dies at a random moment, if it lives to see it."""
        calls = len(self._api.calls)
        if self.chance.random() < 1 / 2:
            moment, child = self.chance.randrange(1, 30), 0

            def doomed() -> None:
                kill_at_effect(moment)
                work()

            child = forked(doomed)
        else:
            at, after = calls + self.chance.randrange(1, 5), self.chance.random() < 1 / 2
            pid: list[int] = []

            def on_call(number: int, taken: bool) -> None:
                if pid and (number, taken) == (at, after):
                    os.kill(pid[0], signal.SIGKILL)

            self._api.on_call = on_call
            child = forked(work)
            pid.append(child)
        _, ending = os.waitpid(child, 0)
        self._api.on_call = lambda number, after: None
        killed = os.WIFSIGNALED(ending)
        assert killed or os.waitstatus_to_exitcode(ending) == 0
        return killed


@cache
def _ledger_with(readers: int) -> bytes:
    """A ledger's file with so many confirmed readers."""
    with TemporaryDirectory() as name:
        sending = Sending(Path(name), provider="outbox", outbox={"directory": "outbox"})
        ledger = sending.ledger()
        with ledger.write() as connection:
            people = [{"id": number + 1, "email": f"reader{number}@example.net", "created_at": NOW} for number in range(readers)]
            connection.execute(insert(subscribers), people)
            joined = {"newsletter": "weekly", "state": SubscriptionState.CONFIRMED, "changed_at": NOW}
            connection.execute(insert(subscriptions), [{"subscriber_id": one["id"], **joined} for one in people])
        ledger.close()
        return (Path(name) / "hairfeed.db").read_bytes()


def torture(kills: int, readers: int, seed: int, victim: Victim = RESEND, kills_an_issue: int = 5) -> int:
    """Issue after issue until so many passes were killed; how many issues that were."""
    done, issues = 0, 0
    while done < kills:
        issues += 1
        with TemporaryDirectory() as folder, a_faulty_api(victim.dialect(), mixed(readers // 60, seed + issues)) as api:
            ordeal = Torture(Path(folder) / "issue", api, seed + issues, readers, victim)
            ordeal.go(min(kills_an_issue, kills - done))
            done += ordeal.kills
    return issues


if __name__ == "__main__":
    for victim in VICTIMS:
        number = torture(kills=200, readers=5000, seed=random.randrange(1_000_000), victim=victim)
        sys.stdout.write(
            f"{victim}: 200 kills over {number} issues of 5,000 recipients: nobody was mailed twice, and nobody lost\n"
        )
