"""Passes of the job: one row each, from its start to its report. Until there is a report, the row tells who makes the pass."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hairfeed.models.reports import RunState
from hairfeed.store.database import Ledger
from hairfeed.store.schema.operations import runs

_BETWEEN_SIGNS = timedelta(minutes=1)
LONGEST_SILENCE = timedelta(minutes=90)
"""A pass that gives no sign of life for longer hangs. By right none is silent for longer than an hour, which one rsync may take."""

WHAT_TO_DO = (
    "it keeps all others from beginning; see what it waits for, and end it with kill -9: nothing is lost, the next one goes on"
)
"""About one that hangs."""


@dataclass(frozen=True, slots=True)
class RunningPass:
    """A pass that some process is at: it has the lock, and no end."""

    run: int
    process: str
    """Its number, and its machine: `4711 on db1`."""
    started_at: datetime
    heard_at: datetime
    """Its last sign of life."""
    hangs: bool

    def __str__(self) -> str:
        """As people read it."""
        began, heard = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (self.started_at, self.heard_at))
        return f"pass {self.run}, process {self.process}, begun {began}, last heard of {heard}"


def begin(connection: Connection, now: datetime, started_at: datetime) -> int:
    """Note that this process starts a pass with the clock `now`; its number, which grows from pass to pass."""
    values = {"now_at": now, "started_at": started_at, "state": RunState.RUNNING, "report": _sign(started_at)}
    number: int = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
    return number


def _sign(at: datetime) -> dict[str, str]:
    return {"process": f"{os.getpid()} on {platform.node()}", "heard_at": at.isoformat()}


class SignsOfLife:
    """Has the transactions that a pass makes anyway tell that it lives, once a minute: a pass that hangs makes none."""

    def __init__(self, run: int, clock: Callable[[], datetime]) -> None:
        """For `Ledger.before_commit`; `clock` tells the same time as the pass's beginning."""
        self._run, self._clock = run, clock
        self._last = clock()

    def __call__(self, connection: Connection) -> None:
        """Give one if it is time."""
        now = self._clock()
        # A clock that is set back must not silence it.
        if abs(now - self._last) < _BETWEEN_SIGNS:
            return
        self._last = now
        has_no_report = runs.c.finished_at.is_(None)
        connection.execute(update(runs).where(runs.c.id == self._run, has_no_report).values(report=_sign(now)))


def running(ledger: Ledger, connection: Connection, now: datetime) -> RunningPass | None:
    """The pass that is under way, as it stands at `now`; None when there is none, or nothing is known of it."""
    row = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()
    # Whoever was killed has no end, either, but its lock is free.
    if row is None or row.finished_at is not None or not ledger.is_pass_lock_held(connection):
        return None
    sign = row.report or {}
    heard_at = datetime.fromisoformat(sign["heard_at"]) if "heard_at" in sign else row.started_at
    return RunningPass(row.id, sign.get("process", "unknown"), row.started_at, heard_at, now - heard_at > LONGEST_SILENCE)


def finish(connection: Connection, run: int, state: RunState, report: dict[str, Any], finished_at: datetime) -> None:
    """Note how the pass ended."""
    values = {"finished_at": finished_at, "state": state, "report": report}
    connection.execute(update(runs).where(runs.c.id == run).values(values))


def last_report(connection: Connection) -> dict[str, Any] | None:
    """The report of the last pass that came to its end."""
    query = select(runs.c.report).where(runs.c.finished_at.is_not(None)).order_by(runs.c.id.desc()).limit(1)
    report: dict[str, Any] | None = connection.execute(query).scalar()
    return report
