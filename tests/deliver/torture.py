"""Passes killed at random moments while an issue is made and goes out: in short by the tests, in full by hand.

The process under test is a child that makes a whole pass: it collects, composes, works off sign-ups, freezes, settles what is in
doubt, sends letters and the issue. It dies at one of its own durable effects, or while a call of its is under way at the server,
before or after the mails were taken, or at any instant. The next pass goes on from what the ledger holds.
"""

import argparse
import os
import random
import signal
import sys
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from hairfeed.models.issues import OPEN, BatchState, IssueState, Receipt
from hairfeed.store import deliveries, receipts
from hairfeed.store.schema.deliveries import letters
from hairfeed.store.schema.issues import issues
from tests.conftest import NEXT_FRIDAY
from tests.deliver.dialects import Speaker
from tests.deliver.faulty_api import FaultyApi
from tests.deliver.grounds import Ground
from tests.deliver.killing import forked, kill_after, kill_at_effect
from tests.deliver.telling import keep_notices
from tests.deliver.victims import VICTIMS, Server, Victim
from tests.store.postgresql_server import programs, running

_LONGEST = 60
"""Passes until an issue is through; a kill costs one, a fault another."""
_EFFECTS, _LATER_EFFECTS = 140, 50
"""So many traces has the pass that makes the issue, and one that goes on with it, before its last calls."""
_SECONDS = 1.5
"""CPU seconds that a pass takes, about."""

MOMENTS = ("effect", "call", "instant")


class Ordeal:
    """One issue from its articles to its readers, by passes that are killed again and again."""

    def __init__(self, ground: Ground, victim: Victim, server: Server, seed: str, moments: tuple[str, ...]) -> None:
        """The publication begins again."""
        self.deaths: Counter[str] = Counter()
        """How many died where."""
        self._ground, self._victim, self._server = ground, victim, server
        self._step = ground.step(victim.step)
        self._chance = random.Random(seed)
        self._told: set[tuple[str, str]] = set()
        self._moments = moments if victim.provider != "outbox" else tuple(one for one in moments if one != "call")
        self._publication = ground.begin_again(victim.provider, victim.section.format(port=server.port))
        provider = f'provider = "{victim.provider}"'
        self._publication.configure(provider, f'{provider}\nin_doubt = "{victim.policy}"')

    def go(self, kills: int) -> None:
        """Kill at most so many passes, and let others complete the issue; whatever the moments, nobody is mailed twice."""
        for passed in count():
            assert passed < _LONGEST, f"the issue does not come to an end: {self._receipt()}"
            now = NEXT_FRIDAY + self._step * passed
            self._tell(now)
            if self.deaths.total() < kills:
                self._endanger(now)
            else:
                self._pass(now)
            if self._is_through():
                break
        self._judge()
        self._tell(now + self._step)
        self._pass(now + self._step)
        self._judge()
        if self._victim.tells:
            # Whoever is in doubt still is so for a reason: there is nothing to tell of.
            assert self._in_doubt() == {reader for reader in self._ground.readers if not self._server.mailed[reader]}

    def _tell(self, now: datetime) -> None:
        """Let the provider post its notices of what it took since the pass before."""
        if not self._victim.tells:
            return
        assert isinstance(self._server, FaultyApi)
        assert isinstance(self._server.dialect, Speaker)
        taken = {(key, mail.to): mail for key, mails in self._server.dialect.sent.items() for mail in mails}
        keep_notices(self._ground.ledger(), [mail for known, mail in taken.items() if known not in self._told], now)
        self._told |= set(taken)

    def _pass(self, now: datetime) -> None:
        # The lock of one that was killed is free as soon as its server has seen that it is gone.
        while self._publication.run(now).another_is_running:
            pass

    def _endanger(self, now: datetime) -> None:
        """Make a pass in a child that dies at a random moment, if it lives to see it."""
        read_end, write_end = os.pipe()
        moment, pid = self._chance.choice(self._moments), 0
        place = ["at any instant"]
        is_first = not self._letters()
        effect, seconds = self._chance.randrange(1, _EFFECTS if is_first else _LATER_EFFECTS), self._chance.uniform(0.01, _SECONDS)
        # Letters come first; the largest calls have a thousand recipients.
        calls = 1 + len(self._ground.readers) // 1000 + (len(self._ground.newcomers) if is_first else 0)
        at, after = len(self._server.calls) + self._chance.randint(1, calls), self._chance.random() < 1 / 2

        def doomed() -> None:
            if moment == "effect":
                kill_at_effect(effect, lambda place: os.write(write_end, place.encode()))
            elif moment == "instant":
                kill_after(seconds)
            self._pass(now)

        def on_call(number: int, taken: bool) -> None:
            if pid and (number, taken) == (at, after):
                place[0] = f"in a call: {_kind(self._server.calls[number - 1])}, {'after' if taken else 'before'} it was heard"
                os.kill(pid, signal.SIGKILL)

        if moment == "call":
            self._server.on_call = on_call
        pid = forked(doomed)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as pipe:
            told = pipe.read().decode()
        _, ending = os.waitpid(pid, 0)
        self._server.rest()
        self._server.on_call = lambda number, after: None
        assert os.WIFSIGNALED(ending) or os.waitstatus_to_exitcode(ending) == 0
        self.deaths.update([told or place[0]] if os.WIFSIGNALED(ending) else [])

    def _is_through(self) -> bool:
        """Whether all is done, or all that can be done without a person."""
        told, letters_open = self._receipt(), set(self._letters().values()) & set(OPEN)
        if told is None or len(self._letters()) < len(self._ground.newcomers):
            return False
        if self._victim.settles:
            return told.owed == told.accepted and self._issue_state() is IssueState.DONE and not letters_open
        return told.owed == len(self._ground.readers) and not told.waiting and letters_open <= {BatchState.IN_DOUBT}

    def _judge(self) -> None:
        """The ledger's word beside the server's truth."""
        told, mailed = self._receipt(), self._server.mailed
        everyone = [*self._ground.readers, *self._ground.newcomers]
        assert told is not None
        if self._victim.settles:
            number = len(self._ground.readers)
            assert str(told) == f"owed {number}  accepted {number}  refused 0  unknown 0"
            assert mailed == Counter(everyone)
            return
        in_doubt = self._in_doubt()
        assert told.in_doubt == len(in_doubt)
        assert told.accepted + told.in_doubt == told.owed == len(self._ground.readers)
        in_doubt |= {email for email, state in self._letters().items() if state is BatchState.IN_DOUBT}
        # Nobody twice, and everyone who was perhaps not mailed is named.
        assert set(mailed.values()) == {1}
        assert set(everyone) - set(mailed) <= in_doubt

    # What the ledger says

    def _receipt(self) -> Receipt | None:
        ledger = self._ground.ledger()
        with ledger.read() as connection:
            issue = deliveries.issue_named(connection, "weekly", 1)
            found = receipts.receipt(connection, issue) if issue else None
        ledger.close()
        return found

    def _issue_state(self) -> IssueState:
        ledger = self._ground.ledger()
        with ledger.read() as connection:
            state = IssueState(connection.execute(select(issues.c.state)).scalar_one())
        ledger.close()
        return state

    def _letters(self) -> dict[str, BatchState]:
        ledger = self._ground.ledger()
        with ledger.read() as connection:
            rows = connection.execute(select(letters.c.email, letters.c.state)).all()
        ledger.close()
        assert len(rows) == len({row.email for row in rows})
        return {row.email: BatchState(row.state) for row in rows}

    def _in_doubt(self) -> set[str]:
        ledger = self._ground.ledger()
        with ledger.read() as connection:
            issue = deliveries.issue_named(connection, "weekly", 1)
            assert issue is not None
            found = {one.email for one in receipts.in_doubt(connection, issue.id)}
        ledger.close()
        return found


def _kind(call: str) -> str:
    if call == "look-up":
        return call
    return "a letter" if call.startswith(("hf-letter-", "newcomer")) else "a batch"


def _rooms(deaths: Counter[str]) -> Counter[str]:
    """The stages, and of the deliver stage its steps, in which passes died."""
    found: Counter[str] = Counter()
    for place, times in deaths.items():
        parts = place.split(".")
        found[".".join(parts[: 2 if parts[0] == "deliver" else 1])] += times
    return found


def torture(
    ground: Ground, victim: Victim, kills: int, seed: int, *, kills_an_issue: int = 5, moments: tuple[str, ...] = MOMENTS[:2]
) -> tuple[int, Counter[str]]:
    """Issue after issue until so many passes were killed; how many issues that were, and where passes died."""
    deaths: Counter[str] = Counter()
    number = 0
    while deaths.total() < kills:
        number += 1
        lot = f"{victim.name} {seed} {number}"
        with victim.open(ground.publication.folder, len(ground.readers), lot) as server:
            ordeal = Ordeal(ground, victim, server, lot, moments)
            ordeal.go(min(kills_an_issue, kills - deaths.total()))
            deaths += ordeal.deaths
    return number, deaths


def main() -> None:
    """The long form."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--kills", type=int, default=200, help="for each provider, on each database")
    options.add_argument("--readers", type=int, default=5000)
    options.add_argument("--store", choices=("sqlite", "postgresql"), action="append", help="left out: both")
    options.add_argument("--provider", choices=[victim.name for victim in VICTIMS], action="append", help="left out: all")
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    chosen = options.parse_args()
    _say(f"seed {chosen.seed}")
    _say("| store | provider | kills | issues | where passes died |\n|---|---|---|---|---|")
    for store in chosen.store or ("sqlite", "postgresql"):
        with TemporaryDirectory() as folder, ExitStack() as stack:
            server = None
            if store == "postgresql":
                place = programs()
                assert place is not None, "PostgreSQL's server, initdb and postgres, is not installed"
                server = stack.enter_context(running(place))
            ground = Ground(Path(folder), chosen.readers, server)
            for victim in VICTIMS:
                if victim.name in (chosen.provider or [victim.name]):
                    number, deaths = torture(ground, victim, chosen.kills, chosen.seed, kills_an_issue=10, moments=MOMENTS)
                    where = ", ".join(f"{room} {times}" for room, times in _rooms(deaths).most_common())
                    _say(f"| {store} | {victim.name} | {deaths.total()} | {number} | {where} |")
    _say(f"of {chosen.readers:,} recipients an issue nobody was mailed twice, and nobody lost or unnamed")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
