"""How the job stands: last passes, next issues, what is open, what fails. Read from the ledger; nothing is changed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hairfeed.models.issues import IssueState, Receipt
from hairfeed.settings import Settings
from hairfeed.store import batches, overview, receipts, runs, storms, wakeups
from hairfeed.store.batches import UnderWay
from hairfeed.store.database import Ledger
from hairfeed.store.overview import FailingSource, Run
from hairfeed.store.paces import Pace
from hairfeed.store.runs import RunningPass
from hairfeed.store.storms import Storm
from hairfeed.store.wakeups import QueueState

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
class OpenIssue:
    """An issue on its way, and how far it has come."""

    state: IssueState
    receipt: Receipt
    under_way: UnderWay | None = None
    """What a worker is submitting, or left so when it was killed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue that waits for the operator's approval."""

    newsletter: str
    number: int


@dataclass(frozen=True, slots=True)
class Provider:
    """How much a provider was used by the day and month (UTC), and how much it takes."""

    name: str
    mails_today: int
    mails_this_month: int
    share: float
    """Of its usual rate: less than 1 after it throttled."""
    closed_until: datetime | None
    """It asked to be left alone."""


@dataclass(frozen=True, slots=True)
class Status:
    """All of it at one moment."""

    ledger: str
    ledger_bytes: int
    passes: list[Run]
    running: RunningPass | None
    newsletters: list[NextIssue]
    drafts: list[Draft]
    open_issues: list[OpenIssue]
    providers: list[Provider]
    waiting: dict[str, int]
    """Letters to be sent, sign-ups and events to be worked off."""
    failing_sources: list[FailingSource]
    articles: dict[str, int]
    subscriptions: dict[str, dict[str, int]]
    suppressions: int
    workers: int
    """How many of `hairfeed work` were heard of in the last half minute."""
    queues: list[QueueState]
    """None where there are no workers."""
    storms: list[Storm]
    """Newsletters that wait for the operator, because of an issue's bounces."""

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
            zone = settings.zone_of(name)
            # What is due already is due next; what was served before its time does not come again.
            due_at = newsletter.schedule.last_due(served.get(name, now), now, zone) or newsletter.schedule.next_due(
                max(served.get(name, now), now), zone
            )
            confirmed = by_state.get((name, "confirmed"), 0)
            newsletters.append(NextIssue(name, due_at.astimezone(zone) if due_at else None, confirmed))
        unfinished = overview.unfinished_issues(connection)
        return Status(
            ledger=ledger.name,
            ledger_bytes=ledger.size(),
            passes=overview.last_runs(connection, PASSES),
            running=runs.running(ledger, connection, now),
            newsletters=newsletters,
            drafts=[Draft(issue.newsletter, issue.number) for issue, state in unfinished if state is IssueState.DRAFT],
            open_issues=[
                OpenIssue(state, receipts.receipt(connection, issue), batches.left_under_way(connection, issue.id))
                for issue, state in unfinished
                if state is not IssueState.DRAFT
            ],
            providers=[_provider(name, pace, now) for name, pace in overview.paces(connection).items()],
            waiting=overview.waiting(connection),
            failing_sources=overview.failing_sources(connection),
            articles=overview.articles_by_state(connection),
            subscriptions={
                name: {state: count for (one, state), count in by_state.items() if one == name} for name, _ in sorted(by_state)
            },
            suppressions=overview.count_suppressions(connection),
            workers=wakeups.count_workers(connection),
            queues=wakeups.queue_states(connection),
            storms=storms.raging(connection),
        )


def _provider(name: str, pace: Pace, now: datetime) -> Provider:
    # The counts are of the day on which it was last used.
    today, this_month = pace.day == now.date(), (pace.day.year, pace.day.month) == (now.year, now.month)
    closed = pace.closed_until if pace.closed_until and pace.closed_until > now else None
    return Provider(name, pace.mails_today if today else 0, pace.mails_this_month if this_month else 0, pace.share, closed)
