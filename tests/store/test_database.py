"""Opening, migrating and locking the ledger: real files, real processes, real kills."""

import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from hairfeed.errors import StoreError
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.subscribers import subscribers

NOW = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)


def url(file: Path) -> str:
    return f"sqlite:///{file}"


@contextmanager
def opened(file: Path) -> Iterator[Ledger]:
    ledger = open_ledger(url(file), 0.2)
    try:
        yield ledger
    finally:
        ledger.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger that is migrated and closed."""
    file = tmp_path / "hairfeed.db"
    with opened(file):
        pass
    return file


@contextmanager
def python(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs `program`; killed at the end if it still lives."""
    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def a_run(ledger: Ledger, at: datetime = NOW) -> None:
    with ledger.write() as connection:
        connection.execute(insert(runs).values(now_at=at, started_at=at, state="running"))


def tables(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master ORDER BY name")]


def test_the_folder_of_a_new_ledger_is_made(tmp_path: Path) -> None:
    with opened(tmp_path / "var" / "deep" / "hairfeed.db"):
        assert (tmp_path / "var" / "deep" / "hairfeed.db").is_file()


def test_only_its_owner_can_read_a_new_ledger(tmp_path: Path) -> None:
    with opened(tmp_path / "hairfeed.db") as ledger:
        a_run(ledger)
        files = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}
    assert files == {"hairfeed.db": 0, "hairfeed.db-shm": 0, "hairfeed.db-wal": 0}


def test_a_ledger_that_others_may_read_stays_as_it_is(file: Path) -> None:
    file.chmod(0o640)
    with opened(file):
        assert file.stat().st_mode & 0o777 == 0o640


def test_what_was_written_is_there_when_the_ledger_is_opened_again(file: Path) -> None:
    with opened(file) as ledger:
        a_run(ledger)
    with opened(file) as ledger, ledger.read() as connection:
        assert connection.execute(select(runs.c.now_at)).scalar_one() == NOW


def test_a_write_that_fails_leaves_nothing(file: Path) -> None:
    def write_and_fail(ledger: Ledger) -> None:
        with ledger.write() as connection:
            connection.execute(insert(runs).values(now_at=NOW, started_at=NOW, state="running"))
            raise LookupError

    with opened(file) as ledger:
        with pytest.raises(LookupError):
            write_and_fail(ledger)
        with ledger.read() as connection:
            assert connection.execute(select(runs.c.id)).all() == []


def test_a_reader_sees_one_state_from_beginning_to_end(file: Path) -> None:
    with opened(file) as ledger, ledger.read() as connection:
        before = connection.execute(select(runs.c.id)).all()
        with opened(file) as another:
            a_run(another)
        assert connection.execute(select(runs.c.id)).all() == before


def test_a_reference_to_nothing_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        (makes_issues,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'issues'").fetchone()
    assert "FOREIGN KEY" in makes_issues
    with opened(file) as ledger, ledger.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_commit_is_on_the_disk_before_it_returns(file: Path) -> None:
    full = 2  # sqlite.org/pragma.html#pragma_synchronous
    with opened(file) as ledger, ledger.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == full


def test_an_instant_without_a_zone_is_refused(file: Path) -> None:
    with opened(file) as ledger, pytest.raises(StatementError, match="has no time zone"):
        a_run(ledger, datetime(2024, 8, 9, 9, 0))  # noqa: DTZ001 - what is refused


def test_a_ledger_of_a_newer_version_is_refused_by_name(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"hairfeed\.db: made by a newer HairFeed \(schema 9999.*install that version"):
        open_ledger(url(file), 0.2)


def test_a_ledger_of_a_newer_version_is_not_touched(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    with pytest.raises(StoreError):
        open_ledger(url(file), 0.2)
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear reader, this is no database. " * 50, encoding="utf-8")
    with pytest.raises(StoreError, match=r"letter\.db: this file is no SQLite database; name another store\.url"):
        open_ledger(url(file), 0.2)
    assert file.read_text(encoding="utf-8") == "Dear reader, this is no database. " * 50


def test_a_folder_in_the_ledgers_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hairfeed.db").mkdir()
    with pytest.raises(StoreError, match=r"hairfeed\.db: the database cannot be opened"):
        open_ledger(url(tmp_path / "hairfeed.db"), 0.2)


def test_a_file_in_the_place_of_the_ledgers_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"var: cannot be made: .*the store's folder must be writable"):
        open_ledger(url(tmp_path / "var" / "hairfeed.db"), 0.2)


def test_a_damaged_database_is_named(file: Path) -> None:
    with opened(file) as ledger:
        for _ in range(200):
            a_run(ledger)
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xa5" * (size - 4096))
    with pytest.raises(StoreError, match=r"hairfeed\.db: the database is damaged; .*backup"), opened(file) as ledger:
        a_run(ledger)


def test_a_write_while_another_program_writes_says_so(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other, opened(file) as ledger:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"hairfeed\.db: another program is writing to the database.*stop it and start again"):
            a_run(ledger)


def test_a_new_ledger_that_another_program_locks_says_so(tmp_path: Path) -> None:
    file = tmp_path / "hairfeed.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"hairfeed\.db: another program is writing to the database"):
            open_ledger(url(file), 0.2)


def test_a_write_waits_for_another_program_that_ends(file: Path) -> None:
    program = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        print("writing", flush=True)
        sys.stdin.readline()
        connection.execute("COMMIT")
    """
    with python(program, file) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "writing\n"
        ledger = open_ledger(url(file), 60)
        other.stdin.write("\n")
        other.stdin.flush()
        a_run(ledger)
        ledger.close()


def test_a_ledger_is_made_once_another_program_has_let_go_of_its_file(tmp_path: Path) -> None:
    program = """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        print("writing", flush=True)
        sys.stdin.readline()
        connection.execute("CREATE TABLE work (number)")
        connection.executemany("INSERT INTO work VALUES (?)", ((number,) for number in range(200_000)))
        connection.execute("COMMIT")
    """
    file = tmp_path / "hairfeed.db"
    with python(program, file) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "writing\n"
        let_go = other.stdin

        def connected(*_: object) -> None:
            """The other one has some work left, so that what comes next here finds it at that."""
            if not let_go.closed:
                let_go.close()

        event.listen(Engine, "connect", connected)
        try:
            open_ledger(url(file), 60).close()
        finally:
            event.remove(Engine, "connect", connected)
    assert {"runs", "work"} <= set(tables(file))


@pytest.fixture
def readable(file: Path) -> Iterator[Path]:
    """A ledger that its users may read and not write, outside of pytest's folders, which are closed to others."""
    with TemporaryDirectory() as folder:
        readable = Path(shutil.copy(file, folder))
        readable.chmod(0o444)
        Path(folder).chmod(0o555)
        yield readable


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_a_read_only_database_says_so(file: Path, readable: Path) -> None:
    # Root may write everywhere, so it becomes somebody else; once everything is imported, for that one may read less.
    program = """
        import os, sys
        from hairfeed.errors import StoreError
        from hairfeed.store.database import open_ledger
        open_ledger(sys.argv[1], 0.2).close()
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            with open_ledger(sys.argv[2], 0.2).write():
                pass
        except StoreError as error:
            print(error)
    """
    with python(program, url(file), url(readable)) as process:
        said, _ = process.communicate(timeout=300)
    assert "hairfeed.db: the database is read-only for this user; allow writing to the file and its folder" in said


def test_two_processes_that_make_the_same_ledger_both_get_it(tmp_path: Path) -> None:
    program = """
        import sys
        from hairfeed.store.database import open_ledger
        print("ready", flush=True)
        sys.stdin.readline()
        open_ledger(sys.argv[1], 60).close()
    """
    address = url(tmp_path / "hairfeed.db")
    with python(program, address) as one, python(program, address) as two:
        for process in (one, two):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        assert (one.wait(60), two.wait(60)) == (0, 0)


@pytest.mark.parametrize("statements", [1, 5, 15])
def test_a_migration_killed_in_the_middle_leaves_nothing(tmp_path: Path, statements: int) -> None:
    program = """
        import os, signal, sys
        from sqlalchemy import Engine, event
        from hairfeed.store.database import open_ledger

        made = 0

        @event.listens_for(Engine, "after_cursor_execute")
        def count(connection, cursor, statement, *rest):
            global made
            made += statement.lstrip().startswith("CREATE")
            if made == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)

        open_ledger(sys.argv[1], 60)
    """
    file = tmp_path / "hairfeed.db"
    with python(program, url(file), statements) as process:
        assert process.wait(60) == -9
    assert tables(file) == []


def test_a_migration_killed_in_the_middle_is_made_up_for(tmp_path: Path, file: Path) -> None:
    test_a_migration_killed_in_the_middle_leaves_nothing(tmp_path / "killed", 5)
    with opened(tmp_path / "killed" / "hairfeed.db"):
        pass
    assert tables(tmp_path / "killed" / "hairfeed.db") == tables(file)


HOLDS_THE_LOCK = """
    import sys
    from hairfeed.store.database import open_ledger
    ledger = open_ledger(sys.argv[1], 60)
    with ledger.pass_lock() as free:
        print(free, flush=True)
        sys.stdin.readline()
    print("given back", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of a pass until a line comes in."""
    with python(HOLDS_THE_LOCK, url(file)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process


def test_a_second_process_does_not_get_the_lock(file: Path, holder: subprocess.Popen[str]) -> None:
    with opened(file) as ledger, ledger.pass_lock() as free:
        assert not free


def test_a_process_that_ends_its_pass_frees_the_lock(file: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "given back\n"
    with opened(file) as ledger, ledger.pass_lock() as free:
        assert free


def test_a_process_that_is_killed_frees_the_lock(file: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait(60)
    with opened(file) as ledger, ledger.pass_lock() as free:
        assert free


def test_a_pass_that_fails_frees_the_lock(file: Path) -> None:
    with opened(file) as ledger:
        with pytest.raises(LookupError), ledger.pass_lock():
            raise LookupError
        with ledger.pass_lock() as free:
            assert free


def test_a_pass_does_not_give_way_to_who_only_looks_for_one(file: Path) -> None:
    over = threading.Event()

    def look_again_and_again() -> None:
        with opened(file) as ledger, ledger.read() as connection:
            while not over.is_set():
                ledger.is_pass_lock_held(connection)

    looker = threading.Thread(target=look_again_and_again)
    looker.start()
    got = []
    with opened(file) as ledger:
        for _ in range(20):
            with ledger.pass_lock() as free:
                got.append(free)
    over.set()
    looker.join()
    assert got == [True] * 20


def test_a_lock_that_cannot_be_made_is_named(file: Path) -> None:
    file.with_name("hairfeed.db.lock").mkdir()
    with (
        opened(file) as ledger,
        pytest.raises(StoreError, match=r"hairfeed\.db\.lock: cannot be made or locked"),
        ledger.pass_lock(),
    ):
        pass


def test_a_fault_names_no_address(file: Path) -> None:
    """Its message goes to the log, and to standard error."""
    reader = {"email": "reader@example.net", "name": "Ann", "created_at": NOW}
    with opened(file) as ledger, ledger.write() as connection, pytest.raises(IntegrityError) as found:
        connection.execute(insert(subscribers), [reader, reader])
    assert "UNIQUE" in str(found.value)
    assert "reader@example.net" not in str(found.value)
