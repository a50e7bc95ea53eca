"""Backups: made while the ledger is in use, proven, put back, and never in place of something better."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from hairfeed.errors import BackupError
from hairfeed.models.issues import LetterKind
from hairfeed.models.subscribers import SignUp
from hairfeed.store import letters, sign_ups
from hairfeed.store.backup import back_up, restore
from hairfeed.store.database import open_ledger, pass_lock
from hairfeed.store.schema.operations import runs
from hairfeed.store.schema.whole import metadata
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store.place import only_in_a_file
from tests.test_cli import hairfeed
from tests.test_kill import in_a_child

pytestmark = only_in_a_file

WEEK = timedelta(days=7)


@pytest.fixture
def weekly(publication: Publication) -> Publication:
    """Two weeks of a publication: one issue was mailed to one reader."""
    publication.page("archive")
    publication.subscribe("ann@example.com")
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    return publication


def ledger_file(publication: Publication) -> Path:
    return publication.folder / "hairfeed.db"


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_a_backup_is_the_ledger_in_one_file_for_its_owner_alone(weekly: Publication, tmp_path: Path) -> None:
    done = hairfeed("backup", tmp_path / "copies" / "today.db", "-c", weekly.config)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"rows of {len(metadata.tables)} tables, proven" in done.stdout
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["today.db"]
    assert (tmp_path / "copies" / "today.db").stat().st_mode & 0o777 == 0o600
    assert dump(tmp_path / "copies" / "today.db") == dump(ledger_file(weekly))


def test_a_backup_has_all_of_a_writers_transactions_or_none(weekly: Publication, tmp_path: Path) -> None:
    url = weekly.settings.store.url
    with closing(sqlite3.connect(ledger_file(weekly), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM runs")
        rows = back_up(url, tmp_path / "copy.db")
        writer.execute("ROLLBACK")
    assert rows["runs"] == 2
    assert dump(tmp_path / "copy.db") == dump(ledger_file(weekly))


def test_restored_as_it_was_the_ledger_is_the_backup_and_the_other_is_kept(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    expected = dump(ledger_file(weekly))
    weekly.subscribe("late@example.com")
    lost = dump(ledger_file(weekly))
    done = hairfeed("restore", tmp_path / "copy.db", "--as-it-was", "--now", "2024-08-20", "-c", weekly.config)
    assert done.returncode == 0, done.stderr
    assert dump(ledger_file(weekly)) == expected
    assert dump(weekly.folder / "hairfeed.db.before-20240820T000000") == lost


def test_whoever_has_the_ledger_open_sees_what_was_restored(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    weekly.subscribe("late@example.com")
    with closing(sqlite3.connect(ledger_file(weekly))) as reader:
        count = "SELECT count(*) FROM subscribers"
        assert reader.execute(count).fetchone() == (2,)
        assert hairfeed("restore", tmp_path / "copy.db", "-c", weekly.config).returncode == 0
        assert reader.execute(count).fetchone() == (1,)


def test_after_a_restore_nobody_gets_anything_again(weekly: Publication, tmp_path: Path) -> None:
    weekly.page("tomorrow", date="20-8-2024")
    weekly.run(NEXT_FRIDAY + timedelta(hours=1))
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    weekly.page("drying", date="19-8-2024")
    weekly.run(NEXT_FRIDAY + WEEK)
    mailed = set(weekly.mails())
    now = (NEXT_FRIDAY + WEEK + timedelta(days=1)).isoformat()
    assert hairfeed("restore", tmp_path / "copy.db", "--now", now, "-c", weekly.config).returncode == 0
    weekly.run(NEXT_FRIDAY + WEEK + timedelta(days=1))
    weekly.run(NEXT_FRIDAY + 2 * WEEK)
    assert set(weekly.mails()) == mailed
    weekly.page("news", date="2-9-2024", title="News")
    weekly.run(NEXT_FRIDAY + 3 * WEEK)
    (mail,) = [weekly.mails()[name] for name in sorted(weekly.mails()) if "0002" in name]
    assert mail["Subject"] == "News"


@pytest.mark.parametrize("state", ["pending", "submitting", "in_doubt"])
def test_what_was_open_in_the_backup_is_in_doubt_and_left_to_a_person(weekly: Publication, tmp_path: Path, state: str) -> None:
    with closing(sqlite3.connect(ledger_file(weekly))) as connection, connection:
        # Of a batch that was split: each part is by itself.
        connection.execute("UPDATE batches SET state = 'split', first_id = 1, last_id = 2")
        for reader in (1, 2):
            connection.execute(
                "INSERT INTO batches (issue_id, number, first_id, last_id, size, variant_id, state, key, attempt, provider)"
                " SELECT issue_id, number, ?, ?, 1, variant_id, ?, ?, 1, 'outbox' FROM batches WHERE state = 'split'",
                (reader, reader, state, f"part-{reader}"),
            )
        connection.execute("UPDATE issues SET state = 'sending'")
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    mailed = weekly.mails().keys()
    assert hairfeed("restore", tmp_path / "copy.db", "-c", weekly.config).returncode == 0
    assert [str(failure) for failure in weekly.run(NEXT_FRIDAY).failures] != []
    with closing(sqlite3.connect(ledger_file(weekly))) as connection:
        of_parts = connection.execute("SELECT state, provider, note FROM batches WHERE state <> 'split'").fetchall()
    assert of_parts == [("in_doubt", None, "from a backup: it may have been sent since")] * 2
    assert weekly.mails().keys() == mailed


def test_letters_sign_ups_and_drafts_of_the_backup_are_not_mailed_again(weekly: Publication, tmp_path: Path) -> None:
    weekly.configure('title = "Plain Hair Weekly"', 'title = "Plain Hair Weekly"\nmode = "review"')
    weekly.page("drying", date="19-8-2024")
    weekly.run(NEXT_FRIDAY + WEEK)
    asked = SignUp(NEXT_FRIDAY, "eve@example.com", {"weekly": ""}, wording="Send me the weekly.")
    ledger = weekly.ledger()
    with ledger.write() as connection:
        letters.queue(connection, LetterKind.CONFIRMATION, "dan@example.com", NEXT_FRIDAY, subject="Yes?", text="link", html="link")
        sign_ups.add(connection, asked)
    ledger.close()
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    mailed = weekly.mails().keys()
    now = (NEXT_FRIDAY + WEEK + timedelta(days=1)).isoformat()
    assert hairfeed("restore", tmp_path / "copy.db", "--now", now, "-c", weekly.config).returncode == 0
    weekly.run(NEXT_FRIDAY + 2 * WEEK)
    with closing(sqlite3.connect(ledger_file(weekly))) as connection:
        assert connection.execute("SELECT state, text FROM letters").fetchall() == [("skipped", "")]
        assert connection.execute("SELECT count(*) FROM sign_ups").fetchone() == (0,)
        assert connection.execute("SELECT number, state FROM issues").fetchall() == [(1, "done"), (2, "cancelled")]
    assert weekly.mails().keys() == mailed


def test_a_ledger_in_use_by_a_pass_is_left_alone(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    before = dump(ledger_file(weekly))
    with pass_lock(weekly.settings.store.url) as free:
        assert free
        done = hairfeed("restore", tmp_path / "copy.db", "-c", weekly.config)
    assert done.returncode == 1
    assert "a pass is running on this ledger; stop 'hairfeed up'" in done.stderr
    assert dump(ledger_file(weekly)) == before


def test_a_damaged_ledger_is_moved_aside_and_replaced(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    ledger_file(weekly).write_bytes(b"\0" * 5000)
    done = hairfeed("restore", tmp_path / "copy.db", "--as-it-was", "--now", "2024-08-20", "-c", weekly.config)
    assert done.returncode == 0, done.stderr
    assert dump(ledger_file(weekly)) == dump(tmp_path / "copy.db")
    assert (weekly.folder / "hairfeed.db.before-20240820T000000").read_bytes() == b"\0" * 5000


def test_a_lost_ledger_is_made_anew_from_the_backup(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    ledger_file(weekly).unlink()
    done = hairfeed("restore", tmp_path / "copy.db", "--as-it-was", "-c", weekly.config)
    assert done.returncode == 0, done.stderr
    assert dump(ledger_file(weekly)) == dump(tmp_path / "copy.db")
    assert "before" not in done.stdout


def test_a_ledger_that_another_program_holds_is_not_taken_for_damaged(weekly: Publication, tmp_path: Path) -> None:
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    before = dump(ledger_file(weekly))
    with closing(sqlite3.connect(ledger_file(weekly), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match=r"locked.*nothing was changed"):
            restore(weekly.settings.store.url, tmp_path / "copy.db", tmp_path / "kept.db", None, patience=0.2)
        other.execute("ROLLBACK")
    assert dump(ledger_file(weekly)) == before
    assert not (tmp_path / "kept.db").exists()


def test_killed_at_any_moment_the_ledger_is_the_old_one_or_all_of_the_new_one(weekly: Publication, tmp_path: Path) -> None:
    copy, url = tmp_path / "copy.db", weekly.settings.store.url
    back_up(url, copy)
    weekly.subscribe("late@example.com")
    old = dump(ledger_file(weekly))

    def put_back() -> object:
        return restore(url, copy, tmp_path / "kept.db", NEXT_FRIDAY)

    shutil.copyfile(ledger_file(weekly), tmp_path / "ledger")
    effects = in_a_child(put_back)
    new = dump(ledger_file(weekly))
    assert "late@example.com" not in "".join(new)
    for moment in range(1, effects + 1):
        shutil.copyfile(tmp_path / "ledger", ledger_file(weekly))
        in_a_child(put_back, die_at=moment)
        assert dump(ledger_file(weekly)) in (old, new)


def damage(file: Path) -> None:
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xa5" * 8192)


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def another_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE letters (text)")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damage, r"is damaged|malformed"),
        (newer, r"copy.db: made by a newer HairFeed (schema 9999, this one knows"),
        (another_database, r"this is no ledger of HairFeed"),
        (lambda file: file.write_text("Dear aunt"), r"is no ledger of HairFeed"),
        (Path.unlink, r"there is no such file"),
    ],
)
def test_what_is_no_good_backup_is_refused_and_the_ledger_stays(
    weekly: Publication, tmp_path: Path, spoil: object, reason: str
) -> None:
    copy = tmp_path / "copy.db"
    back_up(weekly.settings.store.url, copy)
    assert callable(spoil)
    spoil(copy)
    before = dump(ledger_file(weekly))
    done = hairfeed("restore", copy, "-c", weekly.config)
    assert done.returncode == 1
    assert "copy.db" in done.stderr
    assert any(word in done.stderr for word in reason.split("|")), done.stderr
    assert dump(ledger_file(weekly)) == before


def test_a_ledger_is_not_backed_up_onto_itself(weekly: Publication) -> None:
    with pytest.raises(BackupError, match="is the ledger itself"):
        back_up(weekly.settings.store.url, ledger_file(weekly))


def test_a_folder_is_no_place_for_a_backup(weekly: Publication, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is a folder; name a file in it"):
        back_up(weekly.settings.store.url, tmp_path)


def test_a_server_has_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="use pg_dump and pg_restore"):
        back_up("postgresql+psycopg://hairfeed@127.0.0.1/hairfeed", tmp_path / "copy.db")


def test_on_a_full_disk_the_older_backup_stays(weekly: Publication, tmp_path: Path) -> None:
    url, copy = weekly.settings.store.url, tmp_path / "copy.db"
    back_up(url, copy)
    older = copy.read_bytes()
    with_little_room(f"from hairfeed.store.backup import back_up; from pathlib import Path; back_up({url!r}, Path({str(copy)!r}))")
    assert copy.read_bytes() == older
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.db"]


def test_a_restore_for_which_there_is_no_room_changes_nothing(weekly: Publication, tmp_path: Path) -> None:
    ledger = open_ledger(weekly.settings.store.url, 5)
    back_up(weekly.settings.store.url, tmp_path / "copy.db")
    with ledger.write() as connection:
        connection.execute(insert(runs).values(now_at=FRIDAY, started_at=FRIDAY, state="running"))
    ledger.close()
    before = dump(ledger_file(weekly))
    places = f"{weekly.settings.store.url!r}, Path({str(tmp_path / 'copy.db')!r}), Path({str(tmp_path / 'kept.db')!r}), None"
    with_little_room(f"from hairfeed.store.backup import restore; from pathlib import Path; restore({places})")
    assert dump(ledger_file(weekly)) == before


def with_little_room(program: str) -> None:
    """Run it in a process that may write files of 64 KiB at most, and see that it says so."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))

    command = [sys.executable, "-B", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit, env=dict(os.environ))
    assert done.returncode == 1
    assert "BackupError" in done.stderr, done.stderr
    assert "nothing was changed" in done.stderr, done.stderr
