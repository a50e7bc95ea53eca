"""What each of the operator's pages shows: names for its template, read from the ledger; None where there is no such thing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hairfeed.models.issues import IssueState, Receipt
from hairfeed.models.movements import Movement
from hairfeed.operations.matters import matters
from hairfeed.operations.status import look
from hairfeed.settings import Settings
from hairfeed.shelf import issue_folder, url_of
from hairfeed.store import catalogue, issues, movements, overview, receipts, runs
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.issues import IssueRow
from hairfeed.web.operator.chart import chart

View = Callable[[Ledger, Settings, datetime, Mapping[str, Any]], dict[str, object] | None]

_PASSES, _ISSUES, _ARTICLES = 12, 8, 100
_GROWTH, _CHART = 30, 90
"""Days."""
_COUNTED = 3
"""Of the newest issues so many have their receipt with them: it is counted anew for each look, recipient by recipient."""
_TOLD_ELSEWHERE = {"failures", "warnings", "reasons", "receipts", "going_on"}
"""Parts of a stage's report that stand in its problems and receipts."""
_FROZEN = {IssueState.SENDING, IssueState.PAUSED, IssueState.DONE, IssueState.CANCELLED}


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """An issue in a list; `receipt` is None where nobody was owed it yet, or it was not counted."""

    row: IssueRow
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class ShownNewsletter:
    """A newsletter in a list."""

    name: str
    title: str
    due_at: datetime | None
    readers: int
    growth: int
    """Readers more than a month ago, or fewer."""


def teller(zone: ZoneInfo) -> Callable[[datetime], str]:
    """What tells instants by the site's clock."""
    return lambda moment: f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"


def show_overview(ledger: Ledger, settings: Settings, now: datetime, _path: Mapping[str, Any]) -> dict[str, object]:
    """How everything stands."""
    status = look(ledger, settings, now)
    with ledger.read() as connection:
        rows = issues.listed(connection, _ISSUES)
        listed = [ShownIssue(row, _receipt(connection, row) if place < _COUNTED else None) for place, row in enumerate(rows)]
        newsletters = [
            ShownNewsletter(
                one.newsletter,
                settings.newsletters[one.newsletter].title,
                one.due_at,
                one.confirmed,
                _growth(connection, one.newsletter, settings.zone_of(one.newsletter), now),
            )
            for one in status.newsletters
        ]
        passes = overview.last_runs(connection, _PASSES)
    return {
        "status": status,
        "matters": matters(status, now),
        "ended": next((one for one in passes if one.finished_at), None),
        "newsletters": newsletters,
        "issues": listed,
        "passes": passes,
    }


def show_pass(ledger: Ledger, _settings: Settings, now: datetime, path: Mapping[str, Any]) -> dict[str, object] | None:
    """What a pass did, stage by stage."""
    with ledger.read() as connection:
        found = overview.run_numbered(connection, path["run"])
        running = runs.running(ledger, connection, now)
    if found is None:
        return None
    run, report = found
    stages = _stages(report)
    return {
        "run": run,
        "running": running,
        "stages": [one for one in stages if not one.idle],
        "idle": [one.name for one in stages if one.idle],
    }


def show_issue(ledger: Ledger, settings: Settings, _now: datetime, path: Mapping[str, Any]) -> dict[str, object] | None:
    """An issue: what it holds, and what became of everyone who is owed it."""
    with ledger.read() as connection:
        rows = issues.listed(connection, 1, path["newsletter"], path["number"])
        if not rows:
            return None
        (row,) = rows
        is_public = settings.archive.pages and row.state in _FROZEN
        return {
            "issue": row,
            "receipt": _receipt(connection, row),
            "articles": issues.titles_of(connection, row.id),
            "page": url_of(issue_folder(row.newsletter, row.number), settings.feeds) if is_public else None,
        }


def show_newsletter(ledger: Ledger, settings: Settings, now: datetime, path: Mapping[str, Any]) -> dict[str, object] | None:
    """How the number of a newsletter's readers moves."""
    name, zone = path["newsletter"], settings.zone_of(path["newsletter"])
    if name not in settings.newsletters:
        return None
    with ledger.read() as connection:
        days = movements.days(connection, name, zone)
        readers = movements.readers(connection, name)
        rows = issues.listed(connection, _ISSUES, name)
    shown = list(reversed(days[-_GROWTH:]))
    return {
        "name": name,
        "newsletter": settings.newsletters[name],
        "readers": readers,
        "chart": chart(days, now.astimezone(zone).date(), _CHART),
        "days": shown,
        "kinds": [kind for kind in Movement if any(one.moved.get(kind) for one in shown)],
        "issues": [ShownIssue(row, None) for row in rows],
    }


def show_articles(ledger: Ledger, _settings: Settings, _now: datetime, _path: Mapping[str, Any]) -> dict[str, object]:
    """The newest articles, and whether they are mailed."""
    with ledger.read() as connection:
        return {
            "articles": catalogue.listed(connection, _ARTICLES, None, not_mailed=False),
            "counts": overview.articles_by_state(connection),
        }


class _Stage:
    """A stage of a pass as its report has it: what it counted that is not nothing, and what it had to say."""

    def __init__(self, name: str, report: Mapping[str, Any]) -> None:
        self.name = name
        self.failures, self.warnings = (list(_problems(report.get(kind, ()))) for kind in ("failures", "warnings"))
        self.receipts = [f"{one['newsletter']} {one['number']}: {Receipt(**_numbers(one))}" for one in report.get("receipts", ())]
        self.facts = list(_facts(report))

    @property
    def idle(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.facts or self.receipts or self.failures or self.warnings)


def _stages(report: Mapping[str, Any]) -> list[_Stage]:
    return [_Stage(name, part) for name, part in report.items() if isinstance(part, dict)]


def _facts(report: Mapping[str, Any]) -> Iterator[str]:
    for name, value in report.items():
        count = len(value) if isinstance(value, list) else value
        if name not in _TOLD_ELSEWHERE and isinstance(count, int) and count:
            yield f"{name.replace('_', ' ')} {count:,}"


def _problems(found: Sequence[Mapping[str, str]]) -> Iterator[str]:
    yield from (f"{one['where']}: {one['what']}" for one in found)


def _numbers(receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: receipt[name] for name in ("newsletter", "number", "owed", "accepted", "refused", "unknown", "left_out", "waiting")
    }


def _receipt(connection: Connection, issue: IssueRow) -> Receipt | None:
    if issue.state not in _FROZEN:
        return None
    return receipts.receipt(connection, SendingIssue(issue.id, issue.newsletter, issue.number, issue.composed_at))


def _growth(connection: Connection, newsletter: str, zone: ZoneInfo, now: datetime) -> int:
    days = movements.days(connection, newsletter, zone)
    before = [one.total for one in days if one.day <= now.astimezone(zone).date() - timedelta(days=_GROWTH)]
    return (days[-1].total if days else 0) - (before[-1] if before else 0)
