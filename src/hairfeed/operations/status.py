"""How the job stands: last passes, next issues, what is open, what fails. Read from the ledger; nothing is changed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hairfeed.models import Receipt
from hairfeed.settings import Settings
from hairfeed.store import deliveries, overview
from hairfeed.store.database import Ledger
from hairfeed.store.overview import FailingSource, Run

PASSES = 3
"""The newest so many are shown."""


@dataclass(frozen=True, slots=True)
class NextIssue:
    """When a newsletter is due next, in its own zone; None when never."""

    newsletter: str
    due_at: datetime | None
    confirmed: int
    """Readers."""


@dataclass(frozen=True, slots=True)
class Status:
    """All of it at one moment."""

    ledger: str
    ledger_bytes: int
    passes: list[Run]
    newsletters: list[NextIssue]
    open_issues: list[Receipt]
    failing_sources: list[FailingSource]
    articles: dict[str, int]
    subscriptions: dict[str, dict[str, int]]
    suppressions: int

    def as_json(self) -> dict[str, Any]:
        """For machines; instants in RFC 3339."""
        return asdict(self)


def look(ledger: Ledger, settings: Settings, now: datetime) -> Status:
    """How the job stands at `now`.

    Raises:
        StoreError: the ledger cannot be read.
    """
    with ledger.read() as connection:
        served = overview.served(connection)
        by_state = overview.subscriptions_by_state(connection)
        newsletters = []
        for name, newsletter in settings.newsletters.items():
            zone = newsletter.timezone or settings.site.timezone
            # What is due already is due next; what was served before its time does not come again.
            due_at = newsletter.schedule.last_due(served.get(name, now), now, zone) or newsletter.schedule.next_due(
                max(served.get(name, now), now), zone
            )
            confirmed = by_state.get((name, "confirmed"), 0)
            newsletters.append(NextIssue(name, due_at.astimezone(zone) if due_at else None, confirmed))
        return Status(
            ledger=ledger.name,
            ledger_bytes=ledger.size(),
            passes=overview.last_runs(connection, PASSES),
            newsletters=newsletters,
            open_issues=[deliveries.receipt(connection, issue) for issue in overview.open_issues(connection)],
            failing_sources=overview.failing_sources(connection),
            articles=overview.articles_by_state(connection),
            subscriptions={
                name: {state: count for (one, state), count in by_state.items() if one == name} for name, _ in sorted(by_state)
            },
            suppressions=overview.count_suppressions(connection),
        )
