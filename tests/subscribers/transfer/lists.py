"""Lists of readers to import, and ledgers to import them into."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import TypedDict, Unpack

from hairfeed.models.reports import Nobody
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.settings import Settings
from hairfeed.store import movements, subscribers
from hairfeed.store.database import Connection, Ledger, open_ledger
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.transfer import exporting
from hairfeed.subscribers.transfer.importing import Outcome, Wishes, look_through, take_in
from hairfeed.subscribers.transfer.parts import open_list
from hairfeed.subscribers.transfer.source import Asked
from tests.conftest import Publication

NOW = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
PROVEN = "email,confirmed_at\n"
"""The header of a list whose readers have confirmed."""


class Said(TypedDict, total=False):
    """What `Wishes` takes."""

    newsletter: str | None
    lists: Mapping[str, str]
    consent: str | None
    ask: bool
    reading: Asked


class Lists:
    """A publication whose ledger lists are imported into."""

    def __init__(self, publication: Publication, ledger: Ledger) -> None:
        self.publication = publication
        self.ledger = ledger

    @property
    def settings(self) -> Settings:
        return self.publication.settings

    def file(self, content: str | bytes, name: str = "readers.csv") -> Path:
        """A list in a file."""
        path = self.publication.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def take_in(
        self,
        content: str | bytes | Path,
        *,
        name: str = "readers.csv",
        now: datetime = NOW,
        encoding: str | None = None,
        afresh: bool = False,
        at_once: int = 2000,
        **wishes: Unpack[Said],
    ) -> Outcome:
        """Import a list."""
        path = content if isinstance(content, Path) else self.file(content, name)
        rejected = path.with_name(f"{path.name}.rejected.csv")
        said = Wishes(**wishes)
        found = open_list(path, encoding)
        outcome = take_in(self.ledger, self.settings, found, said, rejected, Nobody(), now, afresh=afresh, at_once=at_once)
        self.expect_days_to_add_up()
        return outcome

    def expect_days_to_add_up(self) -> None:
        """Whatever a list brings, its newsletters' days come to the readers that there are."""
        with self.ledger.read() as connection:
            for newsletter in self.settings.newsletters:
                days = movements.days(connection, newsletter, self.settings.zone_of(newsletter))
                assert (days[-1].total if days else 0) == movements.readers(connection, newsletter)

    def look_through(self, content: str | bytes, now: datetime = NOW, **wishes: Unpack[Said]) -> Outcome:
        """Only look what an import would do."""
        said = Wishes(**wishes)
        return look_through(self.ledger, self.settings, open_list(self.file(content), None), said, Nobody(), now)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.ledger.write() as connection:
            yield connection

    def states(self, newsletter: str = "weekly") -> dict[str, SubscriptionState]:
        """How everybody stands."""
        with self.ledger.read() as connection:
            return {one.email: one.state for one in subscribers.all_subscriptions(connection) if one.newsletter == newsletter}

    def never(self, email: str) -> str | None:
        """Why an address is never mailed."""
        with self.ledger.read() as connection:
            return suppression_reason(connection, email)

    def export(self) -> str:
        """All of it."""
        text = StringIO(newline="")
        with self.ledger.read() as connection:
            exporting.write(connection, text)
        return text.getvalue()


def mapped(**columns: str) -> Asked:
    """Read columns as said."""
    return Asked(columns=columns)


def counted(outcome: Outcome) -> Mapping[str, int]:
    """What an import did, in numbers that are not zero."""
    counts = outcome.counts
    numbers = {
        "new": sum(counts.new.values()),
        "changed": counts.changed,
        "known": counts.known,
        "kept": counts.kept_unsubscribed,
        "suppressed": counts.suppressed,
        "repeated": counts.repeated,
        "suppressions": counts.suppressions,
        "refused": sum(counts.refused.values()),
    }
    return {name: number for name, number in numbers.items() if number}


def reopened(publication: Publication) -> Ledger:
    """The ledger of a publication, with patience for other writers."""
    return open_ledger(publication.settings.store.url, 5)
