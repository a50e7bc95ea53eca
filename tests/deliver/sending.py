"""A ledger with approved issues and readers, and the deliver stage alone: what comes before it is not of interest here."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from hairfeed.deliver.clock import Clock
from hairfeed.deliver.post import LEASE
from hairfeed.deliver.stage import deliver
from hairfeed.models.issues import BatchState, IssueState, Receipt
from hairfeed.models.reports import DeliverReport, Nobody
from hairfeed.settings import Settings
from hairfeed.store import deliveries, issues, receipts
from hairfeed.store import subscribers as subscriber_rows
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.deliveries import batches, refusals
from hairfeed.store.schema.issues import issues as issue_table
from hairfeed.store.schema.issues import variants
from hairfeed.subscribers import subscriptions
from tests.store import place

NOW = datetime(2024, 8, 16, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
HTML = '<!DOCTYPE html>\n<html lang="en"><body><p>How hair grows.</p></body></html>\n'


def the_settings(folder: Path, url: str | None = None, **mail: Any) -> Settings:
    """Settings with this `[mail]`, for the newsletters weekly and daily."""
    table = {
        "site": {
            "title": "Plain Hair",
            "url": "https://hair.example.org",
            "timezone": "Europe/Berlin",
            "author": "The Editor",
            "postal_address": "1 Example Street",
        },
        "store": {"url": url or f"sqlite:///{folder / 'hairfeed.db'}", "lock_timeout": 5},
        "sources": {"articles": {"type": "folder", "path": "articles"}},
        "feeds": {"directory": "public", "url": "https://hair.example.org/feeds"},
        "newsletters": {name: {"title": f"Plain Hair {name.title()}", "schedule": "Fri 08:00"} for name in ("weekly", "daily")},
        "mail": {"from": "Plain Hair Weekly <weekly@hair.example.org>", "reply_to": "editor@hair.example.org"} | mail,
    }
    return Settings.model_validate(table, context={"folder": folder})


class PatientClock(Clock):
    """Stands still but for the waits of the stage, which take no time."""

    def __init__(self, now: datetime) -> None:
        """Begin at `now`."""
        super().__init__(now)
        self._at = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The time."""
        return self._at

    def sleep(self, seconds: float) -> None:
        """Be that much later."""
        self.slept.append(seconds)
        self._at += timedelta(seconds=seconds)


class Sending:
    """A publication as far as the deliver stage knows it."""

    def __init__(self, folder: Path, **mail: Any) -> None:
        """A new ledger; `mail` is the section of the config."""
        self.folder = folder
        self.passes = 0
        self.clock = PatientClock(NOW)
        folder.mkdir(exist_ok=True)
        self._url = place.migrated(folder / "hairfeed.db")
        self.configure(**mail)

    def configure(self, **mail: Any) -> None:
        """Another `[mail]` from the next pass on."""
        self.settings = the_settings(self.folder, self._url, **mail)

    def ledger(self) -> Ledger:
        """The ledger; the caller closes it."""
        return open_ledger(self.settings.store.url, self.settings.store.lock_timeout)

    def subscribe(self, *readers: str, newsletter: str = "weekly") -> None:
        """Let readers join, confirmed."""
        ledger = self.ledger()
        with ledger.write() as connection:
            for reader in readers:
                subscriptions.add(connection, subscriptions.address(reader), newsletter, NOW, confirmed=True)
        ledger.close()

    def unsubscribe(self, reader: str) -> None:
        """Let a reader leave."""
        ledger = self.ledger()
        with ledger.write() as connection:
            subscriptions.unsubscribe(connection, reader, "weekly", NOW)
        ledger.close()

    def suppress(self, reader: str) -> None:
        """Let a reader never be mailed again."""
        ledger = self.ledger()
        with ledger.write() as connection:
            subscriber_rows.suppress(connection, reader, "complaint", NOW)
        ledger.close()

    def approve(self, newsletter: str = "weekly", number: int = 1, subject: str = "How hair grows", text: str = "Words.\n") -> int:
        """An issue that is free to be sent; its id."""
        # Closed although a number may be refused.
        with closing(self.ledger()) as ledger, ledger.write() as connection:
            issues.start_newsletter(connection, newsletter, NOW)
            values = {"newsletter": newsletter, "number": number, "state": IssueState.APPROVED, "due_at": NOW, "composed_at": NOW}
            made = insert(issue_table).values(values).returning(issue_table.c.id)
            issue: int = connection.execute(made).scalar_one()
            rendering = {"subject": subject, "html": HTML, "text": text}
            connection.execute(insert(variants).values(issue_id=issue, topics="", language="", articles=1, **rendering))
        return issue

    def deliver(self, now: datetime = NOW) -> DeliverReport:
        """One pass of the deliver stage."""
        self.passes += 1
        self.clock = PatientClock(now)
        ledger = self.ledger()
        try:
            return deliver(ledger, self.settings, now, self.passes, Nobody(), clock=self.clock)
        finally:
            ledger.close()

    def batch_states(self) -> list[BatchState]:
        """Every batch's state, in their order."""
        ledger = self.ledger()
        with ledger.read() as connection:
            states = [BatchState(state) for state in connection.execute(select(batches.c.state).order_by(batches.c.id)).scalars()]
        ledger.close()
        return states

    def issue_states(self) -> list[IssueState]:
        """Every issue's state, in their order."""
        ledger = self.ledger()
        with ledger.read() as connection:
            query = select(issue_table.c.state).order_by(issue_table.c.id)
            states = [IssueState(state) for state in connection.execute(query).scalars()]
        ledger.close()
        return states

    def receipt_of(self, number: int, newsletter: str = "weekly") -> Receipt:
        """The receipt of an issue, whatever its state."""
        ledger = self.ledger()
        with ledger.read() as connection:
            issue = deliveries.issue_named(connection, newsletter, number)
            assert issue is not None
            found = receipts.receipt(connection, issue)
        ledger.close()
        return found

    def notes(self) -> list[str | None]:
        """What was last noted of every batch."""
        ledger = self.ledger()
        with ledger.read() as connection:
            notes = list(connection.execute(select(batches.c.note).order_by(batches.c.id)).scalars())
        ledger.close()
        return notes

    def refusal_reasons(self) -> list[tuple[str, str]]:
        """Kind and reason of everyone who was refused or left out."""
        ledger = self.ledger()
        with ledger.read() as connection:
            query = select(refusals.c.kind, refusals.c.reason).order_by(refusals.c.subscriber_id)
            found = [(row.kind, row.reason) for row in connection.execute(query)]
        ledger.close()
        return found

    def leave_in_flight(self, at: datetime = NOW) -> None:
        """Leave every batch as a process leaves it that is killed during the call."""
        ledger = self.ledger()
        with ledger.write() as connection:
            values = {"state": BatchState.SUBMITTING, "owner": "run 0", "provider": self.settings.mail.provider, "attempt": 1}
            connection.execute(update(batches).values(values | {"claimed_at": at, "called_at": at, "leased_until": at + LEASE}))
            connection.execute(update(issue_table).values(state=IssueState.SENDING))
        ledger.close()


def receipt(report: DeliverReport) -> Receipt:
    """The one receipt of a pass."""
    (only,) = report.receipts
    return only


def failures(report: DeliverReport) -> str:
    """Everything that could not be done, in one text."""
    return "\n".join(str(problem) for problem in report.failures)
