"""Wake-ups on a real PostgreSQL server: put with the rows that they are for, one of a kind, and made again when they are lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, insert, text, update

from hairfeed.errors import StoreDown
from hairfeed.models.issues import IssueState, LetterKind
from hairfeed.store import deliveries, issues, letters, wakeups
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.issues import issues as issue_table
from hairfeed.store.schema.issues import variants
from hairfeed.store.schema.operations import runs
from hairfeed.store.wakeups import Task, WakeUp
from tests.store.postgresql_server import make_database

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
EVERY = timedelta(minutes=5)


@pytest.fixture(scope="module")
def opened(postgresql: str) -> Iterator[Ledger]:
    """A ledger with a queue beside it."""
    ledger = open_ledger(make_database(postgresql), 5)
    with ledger.write() as connection:
        wakeups.prepare(connection)
    yield ledger
    ledger.close()


@pytest.fixture
def ledger(opened: Ledger) -> Ledger:
    """The same, with nothing in it."""
    with opened.write() as connection:
        connection.execute(text("TRUNCATE issues, letters, runs, newsletters CASCADE"))
        connection.execute(text("TRUNCATE hairfeed_queue.procrastinate_jobs, hairfeed_queue.procrastinate_workers CASCADE"))
    return opened


def jobs(connection: Connection) -> list[tuple[str, str, int]]:
    """Every job: its lock, its state, and the seconds until its time."""
    query = (
        "SELECT queueing_lock, status, round(extract(epoch FROM scheduled_at - now())) "
        "FROM hairfeed_queue.procrastinate_jobs ORDER BY queueing_lock, status"
    )
    return [(lock, state, int(seconds)) for lock, state, seconds in connection.execute(text(query))]


def an_issue(connection: Connection, state: IssueState = IssueState.APPROVED) -> int:
    """A new issue without readers."""
    issues.start_newsletter(connection, "weekly", NOW)
    number = len(connection.execute(text("SELECT 1 FROM issues")).all()) + 1
    values = {"newsletter": "weekly", "number": number, "state": state, "due_at": NOW, "composed_at": NOW}
    issue: int = connection.execute(insert(issue_table).values(values).returning(issue_table.c.id)).scalar_one()
    rendering = {"subject": "Hair", "html": "", "text": "", "articles": 1}
    connection.execute(insert(variants).values(issue_id=issue, topics="", language="", **rendering))
    return issue


def work_on(connection: Connection, heard_of: timedelta) -> None:
    """Let a worker take all jobs that was last heard of so long ago."""
    worker = text("INSERT INTO hairfeed_queue.procrastinate_workers (last_heartbeat) VALUES (now() - :ago) RETURNING id")
    number = connection.execute(worker, {"ago": heard_of}).scalar_one()
    taken = text("UPDATE hairfeed_queue.procrastinate_jobs SET status = 'doing', worker_id = :worker")
    connection.execute(text("SET LOCAL search_path TO hairfeed_queue, public"))
    connection.execute(taken, {"worker": number})


def test_freezing_an_issue_wakes_a_worker_if_it_is_committed(ledger: Ledger) -> None:
    with ledger.write() as connection:
        issue = an_issue(connection)
    with suppress(ZeroDivisionError), ledger.write() as connection:
        deliveries.freeze(connection, issue, 10)
        raise ZeroDivisionError
    with ledger.write() as connection:
        assert jobs(connection) == []
        deliveries.freeze(connection, issue, 10)
    with ledger.read() as connection:
        assert jobs(connection) == [(f"submit {issue}", "todo", 0)]


def test_a_letter_wakes_a_worker(ledger: Ledger) -> None:
    with ledger.write() as connection:
        for _ in range(2):
            letters.queue(connection, LetterKind.TEST, "ann@example.com", NOW, subject="s", text="t", html="h")
        assert jobs(connection) == [("send_letters", "todo", 0)]


@pytest.mark.parametrize(("first", "second", "kept"), [(0, 300, 0), (300, 0, 0), (300, 60, 60), (60, 300, 60)])
def test_of_two_wake_ups_for_the_same_the_sooner_counts(ledger: Ledger, first: int, second: int, kept: int) -> None:
    with ledger.write() as connection:
        for seconds in (first, second):
            wakeups.wake(connection, WakeUp(Task.ISSUE, 7), timedelta(seconds=seconds))
        assert jobs(connection) == [("submit 7", "todo", kept)]


def test_what_was_lost_is_made_again(ledger: Ledger) -> None:
    with ledger.write() as connection:
        sending = [an_issue(connection, IssueState.SENDING) for _ in range(2)]
        an_issue(connection, IssueState.PAUSED)
        letters.queue(connection, LetterKind.TEST, "ann@example.com", NOW, subject="s", text="t", html="h")
        connection.execute(text("TRUNCATE hairfeed_queue.procrastinate_jobs CASCADE"))
    expected = [("make_pass", "todo", 0), ("send_letters", "todo", 0), *((f"submit {number}", "todo", 0) for number in sending)]
    for _ in range(2):
        with ledger.write() as connection:
            assert wakeups.sweep(connection, NOW, EVERY)
            assert jobs(connection) == expected


@pytest.mark.parametrize(("age", "wanted"), [(timedelta(minutes=4), False), (timedelta(minutes=5), True)])
def test_a_pass_is_wanted_when_the_last_began_long_enough_ago(ledger: Ledger, age: timedelta, wanted: bool) -> None:
    with ledger.write() as connection:
        connection.execute(insert(runs).values(now_at=NOW, started_at=NOW - age, state="done"))
        wakeups.sweep(connection, NOW, EVERY)
        assert bool(jobs(connection)) is wanted


def test_workers_that_do_not_collect_want_no_pass(ledger: Ledger) -> None:
    with ledger.write() as connection:
        wakeups.sweep(connection, NOW, None)
        assert jobs(connection) == []


@pytest.mark.parametrize(("heard_of", "state"), [(timedelta(seconds=10), "doing"), (timedelta(seconds=40), "todo")])
def test_the_job_of_a_worker_that_is_gone_comes_back(ledger: Ledger, heard_of: timedelta, state: str) -> None:
    with ledger.write() as connection:
        issue = an_issue(connection, IssueState.SENDING)
        wakeups.wake(connection, WakeUp(Task.ISSUE, issue))
        work_on(connection, heard_of)
        wakeups.sweep(connection, NOW, None)
        assert jobs(connection) == [(f"submit {issue}", state, 0)]


def test_an_issue_that_waits_for_its_time_is_left_in_peace(ledger: Ledger) -> None:
    with ledger.write() as connection:
        issue = an_issue(connection, IssueState.SENDING)
        wakeups.wake(connection, WakeUp(Task.ISSUE, issue), timedelta(minutes=5))
        wakeups.sweep(connection, NOW, None)
        assert jobs(connection) == [(f"submit {issue}", "todo", 300)]


def test_one_sweeps_at_a_time(ledger: Ledger) -> None:
    with ledger.write() as first, ledger.write() as second:
        assert wakeups.sweep(first, NOW, EVERY)
        assert not wakeups.sweep(second, NOW, EVERY)


def test_a_paused_issue_that_goes_on_wakes_a_worker(ledger: Ledger) -> None:
    with ledger.write() as connection:
        issue = an_issue(connection, IssueState.PAUSED)
        deliveries.resume(connection, issue)
        assert jobs(connection) == [(f"submit {issue}", "todo", 0)]


def test_queues_are_counted(ledger: Ledger) -> None:
    with ledger.write() as connection:
        wakeups.wake(connection, WakeUp(Task.ISSUE, 1))
        work_on(connection, timedelta(seconds=1))
        wakeups.wake(connection, WakeUp(Task.ISSUE, 1))
        wakeups.wake(connection, WakeUp(Task.ISSUE, 2), timedelta(minutes=1))
        old = "UPDATE hairfeed_queue.procrastinate_jobs SET scheduled_at = now() - interval '90 seconds' WHERE status = 'todo'"
        connection.execute(text(old + " AND queueing_lock = 'submit 1'"))
        connection.execute(update(runs).values(state="done"))
        assert wakeups.count_workers(connection) == 1
        assert [str(one) for one in wakeups.queue_states(connection)] == [
            "collect  waiting 0  later 0  running 0  failed 0",
            "deliver  waiting 1, the first for 90 s  later 1  running 1  failed 0",
        ]


@pytest.fixture
def dropped(postgresql: str) -> Iterator[tuple[Ledger, list[str]]]:
    """A ledger whose queue somebody drops at the moment of the first statement that begins with one of these words."""
    address, moments = make_database(postgresql), list[str]()
    ledger = open_ledger(address, 5)
    with ledger.write() as connection:
        wakeups.prepare(connection)

    def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if moments and statement.startswith(moments[0]):
            moments.clear()
            with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as other:
                other.execute("DROP SCHEMA hairfeed_queue CASCADE")

    event.listen(Engine, "before_cursor_execute", before)
    yield ledger, moments
    event.remove(Engine, "before_cursor_execute", before)
    ledger.close()


def test_a_queue_that_goes_away_takes_nothing_with_it_but_the_wake_up(dropped: tuple[Ledger, list[str]]) -> None:
    ledger, moments = dropped
    moments.append("INSERT INTO procrastinate_jobs")
    with ledger.write() as connection:
        issue = an_issue(connection)
        assert deliveries.freeze(connection, issue, 100)
    assert moments == []
    with ledger.write() as connection:
        assert [one.id for one in deliveries.sending_issues(connection)] == [issue]
        assert wakeups.queue_states(connection) == []
        wakeups.prepare(connection)
        assert wakeups.sweep(connection, NOW, None)
        assert [lock for lock, *_ in jobs(connection)] == [f"submit {issue}"]


@pytest.mark.parametrize(
    ("moment", "look"),
    [
        ("DELETE FROM procrastinate_jobs", lambda connection: wakeups.sweep(connection, NOW, EVERY)),
        ("SELECT queue_name", wakeups.queue_states),
        ("SELECT count(*) FROM hairfeed_queue", wakeups.count_workers),
    ],
)
def test_who_looks_into_a_queue_that_goes_away_hears_so(
    dropped: tuple[Ledger, list[str]], moment: str, look: Callable[[Connection], object]
) -> None:
    ledger, moments = dropped
    moments.append(moment)
    with ledger.write() as connection, pytest.raises(StoreDown, match="the queue's tables are gone, and are made again"):
        look(connection)
    assert moments == []


def test_who_stands_in_the_way_of_dropping_the_queue_hears_that_it_goes_away(ledger: Ledger) -> None:
    address = ledger._database.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")

    def drop() -> None:
        with psycopg.connect(address) as connection:
            # It is the other one that gives way.
            connection.execute("SET LOCAL deadlock_timeout = '1h'")
            for table in ("procrastinate_workers", "procrastinate_jobs"):
                connection.execute(f"LOCK TABLE hairfeed_queue.{table} IN ACCESS EXCLUSIVE MODE")
            connection.rollback()

    dropping = threading.Thread(target=drop)
    with ledger.write() as connection:
        jobs(connection)
        dropping.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while not connection.execute(text(waits)).scalar():
            connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        with pytest.raises(StoreDown, match="the queue's tables are gone, and are made again"):
            wakeups.sweep(connection, NOW, EVERY)
    dropping.join()


def test_without_a_queue_nobody_is_woken(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path / 'hairfeed.db'}", 1)
    with ledger.write() as connection:
        wakeups.wake(connection, WakeUp(Task.ISSUE, 1))
        assert (wakeups.is_there(connection), wakeups.queue_states(connection), wakeups.count_workers(connection)) == (False, [], 0)
    ledger.close()
