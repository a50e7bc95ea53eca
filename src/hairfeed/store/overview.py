"""What stands in the ledger, counted: for those who look after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, exists, func, literal, select, true

from hairfeed.models.issues import OPEN, IssueState
from hairfeed.models.reports import Problem, RunState
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.paces import Pace
from hairfeed.store.schema.articles import articles, sources
from hairfeed.store.schema.deliveries import batches, letters, provider_paces
from hairfeed.store.schema.issues import issues, newsletters
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.subscribers import events, sign_ups, subscriptions, suppressions


@dataclass(frozen=True, slots=True)
class Run:
    """A pass: `now_at` is its clock; one that is running, or was killed, has no end."""

    id: int
    now_at: datetime
    started_at: datetime
    finished_at: datetime | None
    state: RunState
    failures: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailingSource:
    """A source whose last looks failed."""

    name: str
    failures: int
    next_try_at: datetime | None

    def __str__(self) -> str:
        """How often it failed, and until when it is left alone."""
        often = "failed once" if self.failures == 1 else f"failed {self.failures} times in a row"
        return f"{often}, left alone until {self.next_try_at:%Y-%m-%d %H:%M} UTC" if self.next_try_at else often


def last_runs(connection: Connection, count: int) -> list[Run]:
    """The newest passes, newest first."""
    rows = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(count))
    return [_run(row) for row in rows]


def run_numbered(connection: Connection, number: int) -> tuple[Run, dict[str, Any]] | None:
    """One pass, and its report as `PassReport.as_json` has it, empty without an end; None where there is none by this number."""
    row = connection.execute(select(runs).where(runs.c.id == number)).one_or_none()
    return None if row is None else (_run(row), row.report or {})


def _run(row: Row[Any]) -> Run:
    failures, warnings = (tuple(_problems(row.report, kind)) for kind in ("failures", "warnings"))
    return Run(row.id, row.now_at, row.started_at, row.finished_at, RunState(row.state), failures, warnings)


def _problems(report: dict[str, object] | None, kind: str) -> list[str]:
    stages = [part for part in (report or {}).values() if isinstance(part, dict)]
    return [str(Problem(one["where"], one["what"])) for stage in stages for one in stage.get(kind, ())]


def last_good_end(connection: Connection) -> datetime | None:
    """When the last pass ended in which nothing failed."""
    query = select(func.max(runs.c.finished_at)).where(runs.c.state == RunState.DONE)
    ended: datetime | None = connection.execute(query).scalar()
    return ended


def newest_instant(connection: Connection) -> datetime | None:
    """The latest that a pass's own clock has ever shown."""
    newest: datetime | None = connection.execute(select(func.max(runs.c.started_at))).scalar()
    return newest


def served(connection: Connection) -> dict[str, datetime]:
    """Up to when each newsletter was served, by its name."""
    query = select(newsletters.c.name, func.coalesce(newsletters.c.last_due_at, newsletters.c.started_at))
    return dict(connection.execute(query).all())


def unfinished_issues(connection: Connection) -> list[tuple[SendingIssue, IssueState]]:
    """Issues that are composed and not done, oldest first; of the cancelled those of whose mails some are in doubt."""
    columns = (issues.c.id, issues.c.newsletter, issues.c.number, issues.c.composed_at)
    ended = (IssueState.DONE, IssueState.CANCELLED)
    open_yet = exists(literal(1)).where(batches.c.issue_id == issues.c.id, batches.c.state.in_(OPEN))
    unfinished = issues.c.state.not_in(ended) | ((issues.c.state == IssueState.CANCELLED) & open_yet)
    rows = connection.execute(select(*columns, issues.c.state).where(unfinished).order_by(issues.c.id))
    return [(SendingIssue(*issue), IssueState(state)) for *issue, state in rows]


def waiting(connection: Connection) -> dict[str, int]:
    """How much a pass has still to do, beside issues."""
    of = {
        "letters": (letters, letters.c.state.in_(OPEN)),
        "sign-ups": (sign_ups, true()),
        "events": (events, events.c.worked_off_at.is_(None)),
    }
    return {
        name: int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())
        for name, (table, which) in of.items()
    }


def paces(connection: Connection) -> dict[str, Pace]:
    """How each provider was used that ever was, by its name."""
    rows = connection.execute(select(provider_paces).order_by(provider_paces.c.provider)).mappings()
    return {row["provider"]: Pace(**{name: value for name, value in row.items() if name != "provider"}) for row in rows}


def failing_sources(connection: Connection) -> list[FailingSource]:
    """Sources that are left alone for a while, by name."""
    columns = (sources.c.name, sources.c.failures, sources.c.next_try_at)
    return [
        FailingSource(*row) for row in connection.execute(select(*columns).where(sources.c.failures > 0).order_by(sources.c.name))
    ]


def articles_by_state(connection: Connection) -> dict[str, int]:
    """How many articles there are."""
    return _counted(connection, articles.c.state)


def open_batches_by_state(connection: Connection) -> dict[str, int]:
    """How many batches are to be settled yet; of every state there is a number."""
    query = select(batches.c.state, func.count()).where(batches.c.state.in_(OPEN)).group_by(batches.c.state)
    found: dict[str, int] = dict(connection.execute(query).all())
    return {state: found.get(state, 0) for state in OPEN}


def subscriptions_by_state(connection: Connection) -> dict[tuple[str, str], int]:
    """How many subscriptions there are, by newsletter and state."""
    columns = (subscriptions.c.newsletter, subscriptions.c.state)
    rows = connection.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns))
    return {(newsletter, state): count for newsletter, state, count in rows}


def count_suppressions(connection: Connection) -> int:
    """How many addresses are never mailed."""
    return int(connection.execute(select(func.count()).select_from(suppressions)).scalar_one())


def _counted(connection: Connection, column: Column[str]) -> dict[str, int]:
    return dict(connection.execute(select(column, func.count()).group_by(column).order_by(column)).all())
