"""Wake-ups: jobs in Procrastinate's tables, beside the ledger on PostgreSQL, that name what is to be looked at.

A wake-up carries no work: the ledger's rows say what is to be done. So one that is lost loses nothing (`sweep` makes another),
one that comes twice does nothing, and the queue's tables may be thrown away and made anew at any time.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, exists, func, literal, select, text
from sqlalchemy.exc import DatabaseError

from hairfeed.errors import StoreDown, StoreError
from hairfeed.models.issues import OPEN, IssueState
from hairfeed.store.schema.deliveries import letters
from hairfeed.store.schema.issues import issues
from hairfeed.store.schema.operations import runs

SCHEMA = "hairfeed_queue"
"""PostgreSQL's schema of the queue's tables: apart from the ledger's, so that they can be made anew."""
VERSION = 1
"""Of what HairFeed makes of the queue: a worker of another one would not know these jobs."""
STALE = timedelta(seconds=30)
"""A worker that was not heard of for so long is gone; it tells every ten seconds."""
_KEPT = timedelta(days=7)
"""How long failed jobs are counted."""
_SWEEPER = 0x48616972517565
"""The advisory lock of whoever sweeps: "HairQue" in ASCII."""
_NOW = timedelta(0)
_GONE = "the queue's tables are gone, and are made again"
_GOES_AWAY = ("42", "40P01")
"""How the SQLSTATEs begin of tables and functions that are not there, and of who stood in the way of dropping them."""


class Task(StrEnum):
    """What a worker is woken for."""

    COLLECT = "make_pass"
    """To make a pass, without its mails."""
    LETTERS = "send_letters"
    """To send the letters that wait."""
    ISSUE = "submit"
    """To submit batches of an issue."""


QUEUES = ("collect", "deliver")


@dataclass(frozen=True, slots=True)
class WakeUp:
    """What is to be looked at; `issue` is the id of an issue."""

    task: Task
    issue: int | None = None

    @property
    def queue(self) -> str:
        """The queue that it waits in."""
        return QUEUES[0] if self.task is Task.COLLECT else QUEUES[1]

    @property
    def lock(self) -> str:
        """One of these waits at most."""
        return f"{self.task} {self.issue}" if self.issue is not None else str(self.task)


def is_there(connection: Connection) -> bool:
    """Whether there is a queue beside this ledger: some worker was started once."""
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')")).scalar() is not None


def prepare(connection: Connection) -> None:
    """Make the queue's tables, or make them anew where an older release made them; nobody else does meanwhile.

    Raises:
        StoreError: a newer release made them.
    """
    if _is_ours(connection):
        return
    from procrastinate.schema import SchemaManager

    connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
    connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    _look_into_the_queue(connection)
    # As it is: its `%` and `:` are no parameters.
    connection.connection.cursor().execute(SchemaManager.get_schema())
    connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{_release()}'"))


def look_after(connection: Connection) -> None:
    """See that the queue is as `prepare` left it.

    Raises:
        StoreDown: it is gone, and may be prepared again.
        StoreError: a newer release made it anew.
    """
    if not _is_ours(connection):
        raise StoreDown(_GONE)


def _is_ours(connection: Connection) -> bool:
    """Whether the queue's tables are there, and made by this release."""
    if not is_there(connection):
        return False
    found = connection.execute(text(f"SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')")).scalar() or ""
    if _numbers(found) > _numbers(_release()):
        raise StoreError(f"the queue was made by a newer HairFeed ({found}; this one has {_release()}): install that version here")
    return bool(found == _release())


def wake(connection: Connection, wake_up: WakeUp, after: timedelta = _NOW) -> None:
    """Wake a worker when this transaction is committed, `after` so long; where one is to be woken already, the sooner counts.

    Without a queue nothing happens: a pass does the work. Nor does it if the queue goes away at this moment.
    """
    if not is_there(connection):
        return
    _look_into_the_queue(connection)
    put = text(
        "INSERT INTO procrastinate_jobs AS waiting (queue_name, task_name, queueing_lock, args, scheduled_at) "
        "VALUES (:queue, :task, :lock, CAST(:arguments AS jsonb), now() + make_interval(secs => :seconds)) "
        "ON CONFLICT (queueing_lock) WHERE status = 'todo' "
        "DO UPDATE SET scheduled_at = LEAST(COALESCE(waiting.scheduled_at, now()), EXCLUDED.scheduled_at)"
    )
    arguments = {} if wake_up.issue is None else {"issue": wake_up.issue}
    values = {"queue": wake_up.queue, "task": wake_up.task.value, "lock": wake_up.lock, "arguments": json.dumps(arguments)}
    # What woke somebody is not to be lost with the wake-up.
    with suppress(StoreDown), _queue_may_go_away(), connection.begin_nested():
        connection.execute(put, values | {"seconds": after.total_seconds()})


def sweep(connection: Connection, now: datetime, every: timedelta | None) -> bool:
    """Make good for what was lost; False when another worker is at it.

    Jobs of workers that are gone are taken away. Whatever has work for it and nobody to wake gets a wake-up: every issue on its
    way, letters, and a pass when the last one began more than `every` ago (None: others make passes).

    Raises:
        StoreDown: the queue is gone.
    """
    if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SWEEPER}).scalar():
        return False
    _look_into_the_queue(connection)
    alive = (
        "EXISTS (SELECT 1 FROM procrastinate_workers AS worker WHERE worker.id = worker_id "
        "AND worker.last_heartbeat > now() - make_interval(secs => :stale))"
    )
    stalled = text(f"DELETE FROM procrastinate_jobs WHERE status = 'doing' AND NOT {alive}")  # noqa: S608 - our own words
    forgotten = text(
        "DELETE FROM procrastinate_jobs WHERE status IN ('failed', 'aborted', 'cancelled') AND NOT EXISTS "
        "(SELECT 1 FROM procrastinate_events WHERE job_id = procrastinate_jobs.id AND at > now() - make_interval(secs => :kept))"
    )
    alive_jobs = text("SELECT queueing_lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
    with _queue_may_go_away():
        connection.execute(stalled, {"stale": STALE.total_seconds()})
        connection.execute(forgotten, {"kept": _KEPT.total_seconds()})
        known = set(connection.execute(alive_jobs).scalars())
    passed = every is not None and _last_pass_began(connection) <= now - every
    for wanted in [*_wanted(connection), *([WakeUp(Task.COLLECT)] if passed else [])]:
        if wanted.lock not in known:
            wake(connection, wanted)
    return True


def _wanted(connection: Connection) -> list[WakeUp]:
    """All mails that somebody is to look at."""
    sending = select(issues.c.id).where(issues.c.state == IssueState.SENDING).order_by(issues.c.id)
    wanted = [WakeUp(Task.ISSUE, number) for number in connection.execute(sending).scalars()]
    if connection.execute(select(exists(literal(1)).where(letters.c.state.in_(OPEN)))).scalar():
        wanted.append(WakeUp(Task.LETTERS))
    return wanted


def _last_pass_began(connection: Connection) -> datetime:
    newest: datetime | None = connection.execute(select(func.max(runs.c.started_at))).scalar()
    return newest or datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue stands."""

    name: str
    waiting: int
    """Jobs that a worker could take now."""
    later: int
    running: int
    failed: int
    """In the last seven days."""
    oldest_seconds: float
    """How long the first of those that wait has been waiting."""

    def __str__(self) -> str:
        """As people read it."""
        oldest = f", the first for {self.oldest_seconds:.0f} s" if self.waiting else ""
        return f"{self.name}  waiting {self.waiting}{oldest}  later {self.later}  running {self.running}  failed {self.failed}"


def queue_states(connection: Connection) -> list[QueueState]:
    """How the queues stand; none where there is no queue."""
    if not is_there(connection):
        return []
    query = text(
        "SELECT queue_name, "  # noqa: S608 - our own words
        "count(*) FILTER (WHERE status = 'todo' AND scheduled_at <= now()), "
        "count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()), "
        "count(*) FILTER (WHERE status = 'doing'), "
        "count(*) FILTER (WHERE status = 'failed'), "
        "COALESCE(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at <= now())), 0) "
        f"FROM {SCHEMA}.procrastinate_jobs GROUP BY queue_name"
    )
    with _queue_may_go_away():
        found = {row[0]: QueueState(row[0], row[1], row[2], row[3], row[4], float(row[5])) for row in connection.execute(query)}
    return [found.get(name, QueueState(name, 0, 0, 0, 0, 0)) for name in QUEUES]


def count_workers(connection: Connection) -> int:
    """How many workers were heard of lately; none where there is no queue."""
    if not is_there(connection):
        return 0
    query = text(
        f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers "  # noqa: S608 - our own words
        "WHERE last_heartbeat > now() - make_interval(secs => :stale)"
    )
    with _queue_may_go_away():
        return int(connection.execute(query, {"stale": STALE.total_seconds()}).scalar_one())


@contextmanager
def _queue_may_go_away() -> Iterator[None]:
    """Whoever drops the queue may do so between two statements.

    Raises:
        StoreDown: that happened.
    """
    try:
        yield
    except DatabaseError as error:
        if not str(getattr(error.orig, "sqlstate", "")).startswith(_GOES_AWAY):
            raise
        raise StoreDown(_GONE) from error


def _look_into_the_queue(connection: Connection) -> None:
    """Let the queue's own functions and triggers, which name their tables alone, find them until the end of the transaction."""
    path = f"set_config('search_path', '{SCHEMA},' || current_setting('search_path'), true)"
    looks = f"current_setting('search_path') LIKE '{SCHEMA},%'"
    connection.execute(text(f"SELECT CASE WHEN {looks} THEN '' ELSE {path} END"))


def _release() -> str:
    from importlib.metadata import version

    return f"queue {VERSION}, procrastinate {version('procrastinate')}"


def _numbers(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)]
