"""How a list comes in once it is decided that it counts: piece by piece, and for everybody who looks all of it at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from typer.testing import CliRunner

from hairfeed.cli import app
from hairfeed.models.reports import Nobody
from hairfeed.store import imports, incoming, subscribers
from hairfeed.subscribers import subscriptions
from hairfeed.subscribers.erasure import erase
from hairfeed.subscribers.transfer.importing import Outcome, Wishes, take_in
from hairfeed.subscribers.transfer.parts import open_list
from tests.conftest import FRIDAY, NEXT_FRIDAY, receipt
from tests.subscribers.transfer.lists import CONFIRMED, NOW, PROVEN, UNSUBSCRIBED, Lists, counted, reopened
from tests.test_kill import in_a_child
from tests.web.readers import Readers

TWELVE = PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(12))


class Stopped(Exception):
    """Ends an import as if its process had been killed."""


class Watching(Nobody):
    """Does something after each piece that has come in."""

    def __init__(self, act: Callable[[int], object]) -> None:
        self.act = act
        self.pieces = 0

    def step(self, label: str, done: int, total: int) -> None:
        if label == "taking in":
            self.pieces += 1
            self.act(self.pieces)


def come_in(lists: Lists, act: Callable[[int], object], path: Path | None = None, at_once: int = 3) -> Outcome:
    """Import twelve readers, three at a time, and `act` after each piece."""
    found = open_list(path or lists.file(TWELVE), None)
    rejected = found.path.with_name("rejected.csv")
    return take_in(lists.ledger, lists.settings, found, Wishes("weekly"), rejected, Watching(act), NOW, at_once=at_once)


def stop(lists: Lists) -> None:
    """Begin to import twelve readers, and stop when three are there."""

    def act(_piece: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        come_in(lists, act)
    assert len(lists.states()) == 3


def listed(lists: Lists) -> list[str]:
    """What the operator sees."""
    done = CliRunner().invoke(app, ["subscribers", "list", "--config", str(lists.publication.config)])
    assert done.exception is None
    return done.output.splitlines()


def test_a_kill_at_any_moment_leaves_nothing_or_everything(lists: Lists, empty_ledger: Path) -> None:
    path = lists.file(TWELVE + "bad,\n")
    database = lists.publication.folder / "hairfeed.db"
    lists.ledger.close()

    def work() -> None:
        ledger = reopened(lists.publication)
        take_in(ledger, lists.settings, open_list(path, None), Wishes(), rejected, Nobody(), NOW, at_once=5)
        ledger.close()

    rejected = path.with_name("rejected.csv")
    moments, sights = in_a_child(work), set()
    expected = lists.export()
    assert moments > 30
    for die_at in range(1, moments + 1):
        for file in (database, database.with_name("hairfeed.db-wal"), database.with_name("hairfeed.db-shm"), rejected):
            file.unlink(missing_ok=True)
        database.write_bytes(empty_ledger.read_bytes())
        in_a_child(work, die_at=die_at)
        if die_at % 2:
            sights.add(len(listed(lists)))
        # It goes on, or had come to its end: then a second import finds everybody known.
        in_a_child(work)
        assert lists.export() == expected
        assert rejected.read_text().count("no e-mail address") == 1
        with lists.ledger.read() as connection:
            assert imports.under_way(connection) is None
        lists.ledger.close()
    assert sights == {0, 12}


def test_who_leaves_by_one_click_while_a_list_comes_in_is_answered_and_stays_away(lists: Lists) -> None:
    lists.publication.configure("lock_timeout = 5", "lock_timeout = 0.2")
    names = [f"r{number}@example.com" for number in range(4)]
    with lists.writing() as connection:
        for name in names:
            subscriptions.add(connection, name, "weekly", NOW - timedelta(days=9), confirmed=True)
    pages = Readers(lists.publication)
    links = [pages.unsubscribe_link(name) for name in names]
    answers = []

    def leave(piece: int) -> None:
        answers.append(pages.post(links[piece - 1], {"List-Unsubscribe": "One-Click"}).status_code)

    come_in(lists, leave)
    pages.close()
    assert answers == [200] * 4
    states = lists.states()
    assert [states.pop(name) for name in names] == [UNSUBSCRIBED] * 4
    assert list(states.values()) == [CONFIRMED] * 8


def test_no_transaction_of_an_import_writes_more_than_a_piece(lists: Lists) -> None:
    written: list[int] = []

    def begin(connection: Connection) -> None:
        connection.info["before"] = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]

    def commit(connection: Connection) -> None:
        written.append(connection.connection.driver_connection.total_changes - connection.info["before"])  # type: ignore[union-attr]

    events = (("begin", begin), ("commit", commit))
    for name, listener in events:
        event.listen(Engine, name, listener)
    try:
        content = "email,state,confirmed_at,suppressed\n" + "".join(
            f"r{number % 280}@example.com,{'unsubscribed' if number % 7 else ''},2024-01-02,{'' if number % 9 else 'spam'}\n"
            for number in range(300)
        )
        lists.take_in(content + "bad,,,\n" * 50, at_once=10)
    finally:
        for name, listener in events:
            event.remove(Engine, name, listener)
    assert lists.export().count("\n") == 281
    # Each row is laid out, marked, taken away again, and makes four others.
    assert max(written) <= 10 * 8


def test_an_issue_goes_to_everybody_of_a_list_whose_import_was_ended_as_it_came_in(lists: Lists) -> None:
    publication = lists.publication
    publication.page("brushing", date="8-8-2024")
    publication.run(FRIDAY - timedelta(days=1))
    stop(lists)
    publication.page("swimming", date="13-8-2024")
    assert receipt(publication.run(NEXT_FRIDAY)).owed == 12


def test_an_issue_that_is_frozen_while_a_list_comes_in_goes_to_all_of_it_and_the_import_hears_what_became_of_it(
    lists: Lists,
) -> None:
    publication, owed = lists.publication, []
    publication.page("brushing", date="8-8-2024")
    publication.run(FRIDAY - timedelta(days=1))
    publication.page("swimming", date="13-8-2024")

    def make_a_pass(piece: int) -> None:
        if piece == 2:
            owed.append(receipt(publication.run(NEXT_FRIDAY)).owed)

    outcome = come_in(lists, make_a_pass)
    assert owed == [12]
    assert counted(outcome) == {"new": 12}


def test_what_became_of_a_list_is_said_when_the_command_is_repeated(lists: Lists) -> None:
    stop(lists)
    assert counted(lists.take_in(lists.publication.folder / "readers.csv", newsletter="weekly")) == {"new": 12}
    assert counted(lists.take_in(lists.publication.folder / "readers.csv", newsletter="weekly")) == {"known": 12}


def test_what_a_pass_brought_in_is_said_when_the_command_is_repeated(lists: Lists) -> None:
    stop(lists)
    lists.publication.run(FRIDAY)
    assert len(lists.states()) == 12
    assert counted(lists.take_in(lists.publication.folder / "readers.csv", newsletter="weekly")) == {"new": 12}


def test_two_that_bring_a_list_in_share_the_work(lists: Lists) -> None:
    path = lists.file(PROVEN + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(60)))
    helpers: list[threading.Thread] = []

    def help_along() -> None:
        ledger = reopened(lists.publication)
        incoming.complete(ledger, at_once=1)
        ledger.close()

    def act(piece: int) -> None:
        if piece <= 2:
            helpers.append(threading.Thread(target=help_along))
            helpers[-1].start()

    outcome = come_in(lists, act, path, at_once=2)
    for helper in helpers:
        helper.join()
    assert counted(outcome) == {"new": 60}
    assert len(lists.states()) == 60
    assert lists.export().count("import of readers.csv") == 60
    lists.expect_days_to_add_up()


def test_who_still_tidies_up_after_one_list_takes_nothing_away_from_the_next(lists: Lists) -> None:
    other = lists.file(TWELVE.replace("example.com", "example.org"), "other.csv")

    def begin_another(piece: int) -> None:
        if piece == 4:
            # The last piece of the first list is there: somebody else finishes it, and the second list begins to come in.
            incoming.complete(lists.ledger)
            with lists.writing() as connection:
                imports.drop(connection)
            with pytest.raises(Stopped):
                come_in(lists, stop_at_once, other)

    def stop_at_once(_piece: int) -> None:
        raise Stopped

    come_in(lists, begin_another)
    assert len(listed(lists)) == 24


def test_who_is_erased_or_suppressed_while_a_list_comes_in_does_not_come_in(lists: Lists) -> None:
    def act(piece: int) -> None:
        if piece == 1:
            with lists.writing() as connection:
                erase(connection, "r9@example.com", NOW)
                subscribers.suppress(connection, "r8@example.com", "by the operator", NOW)

    outcome = come_in(lists, act)
    assert counted(outcome) == {"new": 10, "suppressed": 1}
    assert not {"r8@example.com", "r9@example.com"} & lists.states().keys()
    assert "r9@example.com" not in lists.export()


def test_a_list_that_is_coming_in_is_not_dropped(lists: Lists) -> None:
    stop(lists)
    with lists.writing() as connection:
        assert not imports.drop_begun_before(connection, NOW + timedelta(days=99))
    lists.take_in(PROVEN + "other@example.com,2024-01-02\n", name="other.csv", afresh=True)
    assert len(lists.states()) == 13


def test_all_rows_of_a_reader_come_in_together_wherever_they_stand_in_the_list(lists: Lists) -> None:
    rows = [f"r{number}@example.com,,2024-01-02\n" for number in range(9)]
    content = "email,state,confirmed_at\n" + "".join([*rows, "r3@example.com,unsubscribed,\n"])
    assert counted(lists.take_in(content, at_once=2)) == {"new": 9, "repeated": 1}
    assert lists.states()["r3@example.com"] is UNSUBSCRIBED


def test_thousands_of_rows_for_one_reader_come_in(lists: Lists) -> None:
    assert counted(lists.take_in(PROVEN + "ann@example.com,2024-01-02\n" * 21_000)) == {"new": 1, "repeated": 20_999}
