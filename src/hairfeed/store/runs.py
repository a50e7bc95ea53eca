"""Passes of the job: one row each, from its start to its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hairfeed.models.reports import RunState
from hairfeed.store.schema.operations import runs


def begin(connection: Connection, now: datetime, started_at: datetime) -> int:
    """Note that a pass with the clock `now` starts; its number, which grows from pass to pass."""
    values = {"now_at": now, "started_at": started_at, "state": RunState.RUNNING}
    number: int = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
    return number


def finish(connection: Connection, run: int, state: RunState, report: dict[str, Any], finished_at: datetime) -> None:
    """Note how the pass ended."""
    values = {"finished_at": finished_at, "state": state, "report": report}
    connection.execute(update(runs).where(runs.c.id == run).values(values))


def last_report(connection: Connection) -> dict[str, Any] | None:
    """The report of the last pass that came to its end."""
    query = select(runs.c.report).where(runs.c.finished_at.is_not(None)).order_by(runs.c.id.desc()).limit(1)
    report: dict[str, Any] | None = connection.execute(query).scalar()
    return report
