"""An import as a whole: all of it or nothing, and never more than the ledger knows better."""

import csv
import io
import sqlite3
import threading
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from hairfeed.errors import ImportFileError, StoreError, SubscriberError
from hairfeed.models.reports import Nobody
from hairfeed.models.subscribers import SignUp, SubscriptionState
from hairfeed.store import imports, retention, sign_ups, subscribers
from hairfeed.store.schema.whole import metadata
from hairfeed.subscribers import subscriptions
from hairfeed.subscribers.erasure import erase
from hairfeed.subscribers.transfer.importing import Outcome, Wishes, take_in
from hairfeed.subscribers.transfer.parts import open_list
from tests.conftest import FRIDAY, NEXT_FRIDAY, receipt
from tests.subscribers.transfer.lists import CONFIRMED, LATER, NOW, PENDING, PROVEN, UNSUBSCRIBED, Lists, counted, reopened

READER = "ann@example.com"
CONFIRMED_ROW = f"{READER},2024-01-02\n"


def known(lists: Lists, state: SubscriptionState, reader: str = READER) -> None:
    """Somebody who stands so since NOW."""
    with lists.writing() as connection:
        number = subscribers.subscriber_id(connection, reader, NOW)
        subscribers.set_subscription(connection, number, "weekly", state, NOW)


def everything(lists: Lists) -> str:
    """All that the ledger holds, as text."""
    with lists.ledger.read() as connection:
        return "\n".join(repr(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


@pytest.mark.parametrize(
    ("here", "there", "expected", "counts"),
    [
        (None, "confirmed,2024-01-02", CONFIRMED, {"new": 1}),
        (None, "unsubscribed,", UNSUBSCRIBED, {"new": 1}),
        (CONFIRMED, "confirmed,2024-01-02", CONFIRMED, {"known": 1}),
        (CONFIRMED, "pending,", CONFIRMED, {"known": 1}),
        (CONFIRMED, "unsubscribed,", UNSUBSCRIBED, {"changed": 1}),
        (PENDING, "confirmed,2024-01-02", CONFIRMED, {"changed": 1}),
        (PENDING, "confirmed,", PENDING, {"known": 1}),
        (PENDING, "unsubscribed,", UNSUBSCRIBED, {"changed": 1}),
        (UNSUBSCRIBED, "confirmed,2024-01-02", UNSUBSCRIBED, {"kept": 1}),
        (UNSUBSCRIBED, "pending,", UNSUBSCRIBED, {"kept": 1}),
        (UNSUBSCRIBED, "unsubscribed,", UNSUBSCRIBED, {"known": 1}),
    ],
)
def test_the_ledger_knows_better_but_for_who_left_or_confirmed(
    lists: Lists, here: SubscriptionState | None, there: str, expected: SubscriptionState, counts: dict[str, int]
) -> None:
    if here is not None:
        known(lists, here)
    content = f"email,state,confirmed_at\n{READER},{there}\n"
    looked = lists.look_through(content, LATER)
    assert lists.states() == ({READER: here} if here else {})
    outcome = lists.take_in(content, now=LATER)
    assert lists.states() == {READER: expected}
    assert counted(outcome) == counted(looked) == counts


def test_who_came_back_here_after_leaving_there_stays(lists: Lists) -> None:
    known(lists, CONFIRMED)
    outcome = lists.take_in(f"email,state,unsubscribed_at\n{READER},unsubscribed,2024-08-01\n")
    assert lists.states() == {READER: CONFIRMED}
    assert counted(outcome) == {"known": 1}


def test_a_second_import_changes_nothing(lists: Lists) -> None:
    content = (
        f"email,name,state,confirmed_at,topics\n{READER},Ann,,2024-01-02,hair\nben@example.com,,unsubscribed,,\nc@example.com,,,,\n"
    )
    lists.take_in(content, consent="On paper.")
    before = everything(lists)
    again = lists.take_in(content, now=LATER, consent="On paper.")
    assert everything(lists) == before
    assert counted(again) == {"known": 3}


def test_a_known_reader_keeps_their_name_and_choices(lists: Lists) -> None:
    lists.take_in(f"email,name,topics,confirmed_at\n{READER},Ann,hair,2024-01-02\n")
    before = everything(lists)
    lists.take_in(f"email,name,topics,confirmed_at\n{READER},Bob,nails,2024-03-02\n", now=LATER)
    assert everything(lists) == before


def test_a_suppressed_address_brings_nobody(lists: Lists) -> None:
    with lists.writing() as connection:
        subscribers.suppress(connection, READER, "complaint", NOW)
    before = everything(lists)
    assert counted(lists.take_in(PROVEN + CONFIRMED_ROW)) == {"suppressed": 1}
    assert everything(lists) == before


def test_an_erased_address_brings_nobody_and_is_written_nowhere(lists: Lists) -> None:
    lists.take_in(PROVEN + CONFIRMED_ROW)
    with lists.writing() as connection:
        erase(connection, READER, NOW)
    assert counted(lists.take_in(PROVEN + CONFIRMED_ROW + "bad,\n")) == {"suppressed": 1, "refused": 1}
    assert "ann" not in everything(lists)


def test_who_is_erased_while_an_import_is_under_way_is_in_no_piece_of_it(lists: Lists) -> None:
    path = lists.file(PROVEN + CONFIRMED_ROW + "bad+ann@example.com@,\n" + "ben@example.com,2024-01-02\n" * 3)
    stop_after(lists, path, pieces=3)
    assert READER in everything(lists)
    with lists.writing() as connection:
        erase(connection, READER, NOW)
    assert READER not in everything(lists)
    lists.take_in(path, at_once=1)
    assert list(lists.states()) == ["ben@example.com"]


def test_a_complaint_there_ends_all_mail_here(lists: Lists) -> None:
    known(lists, CONFIRMED)
    assert counted(lists.take_in(f"email,state\n{READER},complained\n")) == {"suppressions": 1}
    assert lists.never(READER) == "complaint, says readers.csv"


def test_of_two_rows_for_one_reader_the_one_that_left_decides_in_any_spelling(lists: Lists) -> None:
    content = f"email,state,confirmed_at\n{READER},,2024-01-02\nAnn@Example.COM,unsubscribed,\n{READER},,\n"
    assert counted(lists.take_in(content)) == {"new": 1, "repeated": 2}
    assert lists.states() == {READER: UNSUBSCRIBED}


def test_of_two_rows_the_proof_of_the_deciding_one_is_kept_once(lists: Lists) -> None:
    lists.take_in(f"{PROVEN}{READER},\n{READER},2024-01-02\n{READER},2024-01-03\n")
    assert lists.export().count(READER) == 1
    assert "2024-01-02T00:00:00+00:00,import of readers.csv" in lists.export()


def test_a_domain_in_another_script_is_the_same_reader(lists: Lists) -> None:
    lists.take_in("email\nann@bücher.example\nann@xn--bcher-kva.example\n")
    assert lists.states() == {"ann@xn--bcher-kva.example": PENDING}


def test_those_who_wait_are_asked_only_where_the_operator_says_so(lists: Lists) -> None:
    lists.take_in("email\nann@example.com\n")
    lists.publication.configure("[mail.outbox]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail.outbox]')
    assert lists.publication.run(FRIDAY).subscribers.letters == 0
    content = "email,confirmed_at\nann@example.com,\nben@example.com,\nzoe@example.com,2024-01-02\n"
    lists.take_in(content, ask=True)
    assert lists.publication.run(FRIDAY).subscribers.letters == 1
    assert [mail["To"] for mail in lists.publication.mails().values()] == ["ben@example.com"]


def asking(lists: Lists, count: int, name: str = "readers.csv", a_day: int = 4) -> Outcome:
    """Import readers who wait, and have them asked."""
    if "[web]" not in lists.publication.config.read_text():
        lists.publication.configure(
            "[mail.outbox]", f'[web]\nurl = "https://hair.example.org/mail"\nask_per_day = {a_day}\n\n[mail.outbox]'
        )
    content = "email,name,time_zone\n" + "".join(f"{name[0]}{number}@example.com,Ann,Europe/Rome\n" for number in range(count))
    return lists.take_in(content, name=name, now=FRIDAY, ask=True)


def asked(lists: Lists, hours: float) -> int:
    """How many letters a pass writes so long after the import."""
    return lists.publication.run(FRIDAY + timedelta(hours=hours)).subscribers.letters


def test_those_who_wait_are_asked_so_many_a_day_evenly(lists: Lists) -> None:
    outcome = asking(lists, 7)
    assert outcome.counts.asked == 7
    assert [asked(lists, hours) for hours in (0, 5.9, 6, 18, 23.9, 36, 99)] == [1, 0, 1, 2, 0, 3, 0]
    assert outcome.asked_until == FRIDAY + timedelta(hours=36)


def test_those_of_a_second_list_are_asked_after_those_of_the_first(lists: Lists) -> None:
    asking(lists, 4)
    asking(lists, 4, "others.csv")
    assert [asked(lists, hours) for hours in (0, 18, 24, 48)] == [1, 3, 1, 3]


def test_who_signs_up_is_asked_before_those_of_a_list(lists: Lists) -> None:
    asking(lists, 8, a_day=1000)
    with lists.writing() as connection:
        sign_ups.add(connection, SignUp(FRIDAY, "new@example.com", {"weekly": ""}))
        first = list(sign_ups.due(connection, 3, FRIDAY + timedelta(days=1)).values())
    assert [one.email for one in first] == ["new@example.com", "r0@example.com", "r1@example.com"]


def test_of_a_long_list_those_who_never_confirm_are_forgotten_some_at_a_time(lists: Lists) -> None:
    lists.take_in("email,state\n" + "".join(f"r{number}@example.com,\n" for number in range(7)) + "ann@example.com,unsubscribed\n")
    assert retention.forget_all_unconfirmed(lists.ledger, LATER, LATER, at_once=2) == 7
    assert lists.states() == {READER: UNSUBSCRIBED}
    assert len(lists.export().splitlines()) == 2
    lists.expect_days_to_add_up()


def test_who_leaves_before_it_is_their_turn_is_not_asked(lists: Lists) -> None:
    asking(lists, 3, a_day=1)
    with lists.writing() as connection:
        subscriptions.unsubscribe(connection, "r1@example.com", "weekly", FRIDAY + timedelta(hours=1))
        subscribers.suppress(connection, "r2@example.com", "by the operator", FRIDAY)
    assert asked(lists, 99) == 1
    assert [mail["To"] for mail in lists.publication.mails().values()] == ["r0@example.com"]


def test_who_waited_so_long_that_they_were_forgotten_is_asked_all_the_same(lists: Lists) -> None:
    asking(lists, 2, a_day=1)
    with lists.writing() as connection:
        retention.forget_unconfirmed(connection, FRIDAY + timedelta(seconds=1), FRIDAY)
    assert lists.states() == {}
    assert asked(lists, 24) == 2
    assert lists.export().count(",Ann,weekly,pending,,,Europe/Rome,") == 2


def test_who_is_to_be_asked_needs_a_page_to_answer_on(lists: Lists) -> None:
    with pytest.raises(SubscriberError, match=r"--ask needs pages .*\[web\]"):
        lists.take_in("email\nann@example.com\n", ask=True)


def test_imported_readers_get_the_next_issue_and_others_do_not(lists: Lists) -> None:
    publication = lists.publication
    publication.page("brushing", date="8-8-2024")
    publication.run(FRIDAY)
    lists.take_in(
        "email,state,confirmed_at\na@example.com,,2024-01-02\nb@example.com,,\nc@example.com,unsubscribed,2024-01-02\n", now=FRIDAY
    )
    publication.page("swimming", date="13-8-2024")
    assert receipt(publication.run(NEXT_FRIDAY)).owed == 1


def test_rejected_rows_can_be_mended_and_imported(lists: Lists) -> None:
    path = lists.file('E-Mail;Vorname;Status;Extra\n"bad address";"=Ann";active;x\nben@example.com;Ben;vip;\n"open;1;2;3\n')
    outcome = lists.take_in(path, consent="On paper.")
    assert counted(outcome) == {"refused": 3}
    assert outcome.rejected is not None
    text = outcome.rejected.read_text()
    assert [row["rejected_line"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ["line 2", "line 3", "line 4"]
    assert ",'=Ann " in text
    assert outcome.rejected.stat().st_mode & 0o077 == 0
    mended = text.replace("bad address", "ann@example.com").replace("vip", "active")
    again = lists.take_in(mended, name="mended.csv", consent="On paper.")
    assert counted(again) == {"new": 2, "refused": 1}
    assert "ann@example.com,'=Ann," in lists.export()


def test_every_rejected_row_is_counted_by_its_reason(lists: Lists) -> None:
    outcome = lists.take_in("email,state\n" + "bad,\n" * 7 + "ann@example.com,vip\n" + "a@example.com,x,y\n")
    assert outcome.counts.refused == {
        ("email", "no e-mail address"): 7,
        ("", "more cells than the header; is a separator not in quotation marks?"): 1,
        ("state", "no state of a subscription"): 1,
    }


def test_what_is_no_text_is_rejected_and_can_be_looked_at(lists: Lists) -> None:
    halves = r'{"email": "ann@example.com", "name": "A\ud83d", "status": "enabled"}, {"email": "b@example.com", "name": "\u0000"}'
    outcome = lists.take_in(f"[{halves}]")
    assert counted(outcome) == {"refused": 2}
    assert outcome.rejected is not None
    assert "ann@example.com,A?," in outcome.rejected.read_text()


def test_a_dry_run_shows_the_first_rows_and_leaves_no_trace(lists: Lists) -> None:
    before = everything(lists)
    outcome = lists.look_through("email,state\n" + "".join(f"r{number}@example.com,\n" for number in range(9)) + "bad,\n")
    assert len(outcome.first) == 5
    assert counted(outcome) == {"new": 9, "refused": 1}
    assert everything(lists) == before
    assert outcome.rejected is None


def stop_after(lists: Lists, path: Path, pieces: int) -> None:
    """Import a row at a time, and stop as if killed after so many."""

    class Stopped(Exception):
        pass

    class Stopping(Nobody):
        def step(self, label: str, done: int, total: int) -> None:
            if done == pieces:
                raise Stopped

    with pytest.raises(Stopped):
        take_in(lists.ledger, lists.settings, open_list(path, None), Wishes(), path, Stopping(), NOW, at_once=1)


def test_nothing_of_an_import_that_was_stopped_shows_anywhere(lists: Lists) -> None:
    stop_after(lists, lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(5))), pieces=4)
    assert lists.states() == {}
    assert len(lists.export().splitlines()) == 1


def test_an_import_that_was_stopped_goes_on_where_it_was(lists: Lists) -> None:
    path = lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(5)))
    stop_after(lists, path, pieces=4)
    outcome = lists.take_in(path)
    assert (outcome.resumed_at, outcome.rows) == (4, 5)
    assert counted(outcome) == {"new": 5}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("readers.csv", "this file is another one, or was changed, or the options are others"),
        ("other.csv", "this is another one"),
    ],
)
def test_an_import_that_was_stopped_is_not_mixed_with_another(lists: Lists, name: str, said: str) -> None:
    stop_after(lists, lists.file("email\na@example.com\nb@example.com\n"), pieces=2)
    with pytest.raises(SubscriberError, match=f"an import of readers.csv.*{said}.*--afresh"):
        lists.take_in("email\nc@example.com\n", name=name)
    lists.take_in("email\nc@example.com\n", name=name, afresh=True)
    assert list(lists.states()) == ["c@example.com"]


def test_other_options_are_another_import(lists: Lists) -> None:
    path = lists.file("email\na@example.com\nb@example.com\n")
    stop_after(lists, path, pieces=2)
    with pytest.raises(SubscriberError, match="the options are others"):
        lists.take_in(path, consent="On paper.")


def test_a_file_that_changes_while_it_is_read_does_not_count(lists: Lists) -> None:
    path = lists.file("email\na@example.com\n")
    found = open_list(path, None)
    path.write_text("email\nb@example.com\nc@example.com\n")
    with pytest.raises(ImportFileError, match="was changed while it was read"):
        take_in(lists.ledger, lists.settings, found, Wishes(), path, Nobody(), NOW)
    assert lists.states() == {}


def test_of_two_imports_at_once_one_stops_and_every_reader_comes_in_once(lists: Lists) -> None:
    path = lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(60)))
    ends: list[str] = []

    def work() -> None:
        ledger = reopened(lists.publication)
        try:
            take_in(ledger, lists.settings, open_list(path, None), Wishes(), path, Nobody(), NOW, at_once=1)
            ends.append("done")
        except SubscriberError as error:
            ends.append("stopped" if "another process" in str(error) else str(error))
        finally:
            ledger.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in ends
    # One that began after another had ended found every reader known.
    assert set(ends) <= {"done", "stopped"}
    assert len(lists.states()) == 60
    assert lists.export().count("import of readers.csv") == 60


def test_a_full_disk_stops_an_import_and_more_room_lets_it_go_on(lists: Lists) -> None:
    path = lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(3000)))
    with lists.ledger.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    lists.ledger.close()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 100}")

    event.listen(Engine, "connect", limit)
    try:
        small = reopened(lists.publication)
        with pytest.raises(StoreError, match="the disk is full"):
            take_in(small, lists.settings, open_list(path, None), Wishes(), path, Nobody(), NOW, at_once=100)
        small.close()
    finally:
        event.remove(Engine, "connect", limit)
    assert lists.states() == {}
    outcome = lists.take_in(path, at_once=100)
    assert outcome.resumed_at > 0
    assert counted(outcome) == {"new": 3000}


def test_a_rejected_file_that_cannot_be_written_stops_the_import_before_it_counts(lists: Lists) -> None:
    path = lists.file("email\nbad\nann@example.com\n")
    nowhere = path.parent / "nowhere" / "rejected.csv"
    with pytest.raises(ImportFileError, match="rejected rows cannot be written: No such file"):
        take_in(lists.ledger, lists.settings, open_list(path, None), Wishes(), nowhere, Nobody(), NOW)
    assert lists.states() == {}
    assert counted(lists.take_in(path)) == {"new": 1, "refused": 1}


def test_an_import_and_a_pass_go_on_side_by_side(lists: Lists) -> None:
    publication = lists.publication
    publication.page("brushing", date="8-8-2024")
    path = lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(40)))

    class Passing(Nobody):
        """Makes a pass between two pieces, and lets a reader leave."""

        def step(self, label: str, done: int, total: int) -> None:
            if label == "reading" and done == 20:
                publication.run(FRIDAY)
                with lists.writing() as connection:
                    subscriptions.unsubscribe(connection, "r3@example.com", "weekly", FRIDAY)

    take_in(lists.ledger, lists.settings, open_list(path, None), Wishes(), path, Passing(), NOW, at_once=10)
    states = lists.states()
    assert states.pop("r3@example.com") is UNSUBSCRIBED
    assert set(states.values()) == {CONFIRMED}
    publication.page("swimming", date="13-8-2024")
    assert receipt(publication.run(NEXT_FRIDAY)).owed == 39


def peak(lists: Lists, rows: int) -> int:
    """Bytes that Python holds at the most while so many long rows are imported."""
    words = "I want the weekly mail of Plain Hair. " * 20
    path = lists.publication.folder / f"{rows}.csv"
    with path.open("w") as file:
        file.write("email,wording,confirmed_at\n")
        file.writelines(f"r{number}@example.com,{words}{number},2024-01-02\n" for number in range(rows))
    tracemalloc.start()
    try:
        lists.take_in(path, at_once=500)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_list_ten_times_as_long_takes_no_more_memory(lists: Lists) -> None:
    few, many = peak(lists, 2_000), peak(lists, 20_000)
    # The rows that there are more of are 14 MB.
    assert many - few < 3_000_000


def test_what_was_left_behind_can_be_forgotten(lists: Lists) -> None:
    stop_after(lists, lists.file("email\na@example.com\nb@example.com\n"), pieces=2)
    with lists.writing() as connection:
        assert not imports.drop_begun_before(connection, NOW)
        assert imports.drop_begun_before(connection, NOW + timedelta(seconds=1))
    assert "a@example.com" not in everything(lists)
