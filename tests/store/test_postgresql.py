"""The ledger on a PostgreSQL server: the same statements, the same feeds and mails."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hairfeed.digest.stage import approve, next_issue
from hairfeed.errors import StoreError, SubscriberError
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store import events, issues, mailboxes, movements, recipients, storms, subscribers
from hairfeed.store.database import Connection, open_ledger, schema_version
from hairfeed.subscribers import subscriptions
from hairfeed.subscribers.erasure import erase
from tests.collect.photos import illustrate
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.store.postgresql_server import make_database
from tests.subscribers.test_silence import ASKED, COUNTING, OTHER, RETIRED, RULE, two_issues
from tests.subscribers.transfer.lists import LATER, NOW, Lists
from tests.subscribers.transfer.test_coming_in import stop
from tests.web.readers import READER, Readers


def first_weeks(publication: Publication) -> dict[str, bytes]:
    """Every feed file and mail of a publication after some eventful passes."""
    publication.subscribe("ann@example.com", "ben@example.com")
    publication.configure("[newsletters", "items = 3\n\n[newsletters")
    for name in ("brushing", "Zöpfe", "apples", "über", "zebra", "Äpfel", "b"):
        publication.page(name, category=f"{name.title()} & Care")
    publication.run(FRIDAY)
    gone = publication.articles / "zebra.txt"
    gone.unlink()
    illustrate(publication)
    for day in (13, 14, 15):
        publication.page(f"news-{day}", date=f"{day}-8-2024")
    publication.run(NEXT_FRIDAY - timedelta(hours=2))
    publication.unsubscribe("ben@example.com")
    page = publication.articles / "apples.txt"
    page.write_text(page.read_text().replace("two sentences", "two good sentences"))
    publication.run(NEXT_FRIDAY)
    return publication.files()


def test_feeds_and_mails_are_the_same_bytes_as_on_sqlite(postgresql: str, tmp_path: Path) -> None:
    embedded, distributed = Publication(tmp_path / "one" / "site"), Publication(tmp_path / "two" / "site")
    distributed.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    expected = first_weeks(embedded)
    assert any(path.endswith(".eml") for path in expected)
    assert {"archive", "issues", "pictures"} <= {part for path in expected for part in path.split("/")}
    assert first_weeks(distributed) == expected


def reviewed_weeks(publication: Publication) -> list[object]:
    """The plans of a publication under review, and how its issues ended: replaced, approved, cancelled, with a correction."""
    publication.configure('schedule = "Fri 08:00"', 'schedule = "Fri 08:00"\nmode = "review"')
    publication.page("brushing", date="31-7-2024")
    publication.run(FRIDAY)
    ledger = publication.ledger()
    found: list[object] = []

    def plan(now: datetime) -> str:
        _, plan = next_issue(ledger, publication.settings, "weekly", now)
        assert plan is not None
        found.append((plan.hash, plan.readers, [(one.topics, one.articles) for one in plan.variants], list(plan.corrected)))
        return plan.hash

    with ledger.write() as connection:
        for topics in ("", "summer", "summer,winter", "winter"):
            reader = f"{topics or 'all'}@example.com"
            subscriptions.add(connection, reader, "weekly", FRIDAY, confirmed=True)
            number = subscribers.subscriber_id(connection, reader, FRIDAY)
            subscribers.choose(connection, number, "weekly", topics, "")
    weeks = [FRIDAY + timedelta(days=7 * week) for week in range(5)]
    publication.page("swimming", category="Summer", date="13-8-2024")
    publication.run(weeks[1])
    plan(weeks[1])
    publication.page("skating", category="Winter", date="20-8-2024")
    publication.run(weeks[2])
    approve(ledger, publication.settings, "weekly", plan(weeks[2]), weeks[2])
    publication.run(weeks[2])
    publication.page("swimming", category="Summer", date="13-8-2024", body="Swim less. That is all there is to it.")
    publication.page("drying", date="27-8-2024")
    publication.run(weeks[3])
    plan(weeks[3])
    with ledger.write() as connection:
        found.append(issues.cancel(connection, 2))
    publication.run(weeks[4])
    plan(weeks[4])
    with ledger.read() as connection:
        found += [(one.number, one.state, one.articles) for one in issues.listed(connection, 9)]
    ledger.close()
    return found


def test_reviews_come_to_the_same_as_on_sqlite(postgresql: str, tmp_path: Path) -> None:
    embedded, distributed = Publication(tmp_path / "one" / "site"), Publication(tmp_path / "two" / "site")
    distributed.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    expected = reviewed_weeks(embedded)
    assert expected[-3:] == [(3, "draft", 1), (2, "cancelled", 0), (1, "done", 2)]
    assert expected[1][1:] == (4, [("", 2), ("summer", 1), ("summer,winter", 2), ("winter", 1)], [])  # type: ignore[index]
    assert expected[2][3] == expected[4][3] == ["About swimming"]  # type: ignore[index]
    assert reviewed_weeks(distributed) == expected
    assert distributed.files() == embedded.files()


def test_of_two_passes_one_leaves_the_work_to_the_other(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    ledger = publication.ledger()
    with ledger.pass_lock() as free:
        assert free
        assert publication.run(FRIDAY).another_is_running
    assert not publication.run(FRIDAY).another_is_running
    ledger.close()


def test_many_that_make_the_same_ledger_all_get_it(postgresql: str) -> None:
    url = make_database(postgresql)
    versions = []

    def open_and_close() -> None:
        ledger = open_ledger(url, 60)
        with ledger.read() as connection:
            versions.append(schema_version(connection))
        ledger.close()

    threads = [threading.Thread(target=open_and_close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions) == 4
    assert len(set(versions)) == 1


def test_a_reader_sees_one_state_from_beginning_to_end(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    publication.subscribe("ann@example.com")
    ledger = publication.ledger()
    with ledger.read() as connection:
        count = "SELECT count(*) FROM subscribers"
        before = connection.exec_driver_sql(count).scalar_one()
        publication.subscribe("ben@example.com")
        assert connection.exec_driver_sql(count).scalar_one() == before == 1
    ledger.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "does not exist"),
        ("nowhere?host=127.0.0.1&port=1", "the database cannot be used"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(postgresql: str, name: str, said: str) -> None:
    url = postgresql.replace("hairfeed@", "hairfeed:secret@")
    with pytest.raises(StoreError, match=said) as raised:
        open_ledger(f"{url}/{name}", 2)
    assert "secret" not in str(raised.value)
    assert "nowhere" in str(raised.value)


def moved_lists(publication: Publication) -> list[object]:
    """What imports into a publication come to: a list, once more, a newer one, and one that has somebody who was erased."""
    lists = Lists(publication, publication.ledger())
    reader = "email,name,state,confirmed_at\n{}@example.com,Ann,subscribed,2024-01-02\n"
    content = (
        reader.format("ann")
        + "ben@example.com,=Ben,,\nZoe@example.com,,unsubscribed,\nbad,,,\nann@example.com,,,\neve@example.com,,bounced,\n"
    )
    newer = "email,state,confirmed_at\nann@example.com,unsubscribed,\nben@example.com,,2024-02-02\nzoe@example.com,,2024-02-02\n"
    found: list[object] = [lists.look_through(content).counts, lists.export()]
    for one, now in ((content, NOW), (content, LATER), (newer, LATER), (reader.format("eve"), LATER)):
        found += [lists.take_in(one, now=now, at_once=2).counts, lists.export()]
    with lists.writing() as connection:
        erase(connection, "ben@example.com", LATER)
    found += [
        lists.take_in(reader.format("ben"), now=LATER).counts,
        [line for line in lists.export().splitlines() if not line.startswith("erased:")],
    ]
    lists.ledger.close()
    return found


def test_lists_are_imported_and_exported_as_on_sqlite(postgresql: str, tmp_path: Path) -> None:
    embedded, distributed = Publication(tmp_path / "one" / "site"), Publication(tmp_path / "two" / "site")
    distributed.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    expected = moved_lists(embedded)
    assert moved_lists(distributed) == expected
    assert "ann@example.com,Ann,weekly,unsubscribed" in str(expected[-1])


def test_a_list_whose_import_was_ended_as_it_came_in_comes_in_by_the_next_pass(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    lists = Lists(publication, publication.ledger())
    stop(lists)
    publication.run(NOW)
    assert len(lists.states()) == 12
    lists.expect_days_to_add_up()
    lists.ledger.close()


def test_an_import_under_way_goes_on_where_it_was_and_only_one_does(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    lists = Lists(publication, publication.ledger())
    path = lists.file("email,confirmed_at\n" + "".join(f"r{number}@example.com,2024-01-02\n" for number in range(400)))
    ends: list[object] = []

    def work() -> None:
        try:
            ends.append(sum(lists.take_in(path, at_once=5).counts.new.values()))
        except SubscriberError as error:
            ends.append(str(error)[:23])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 400 in ends
    assert set(ends) <= {400, 0, "another process imports"}
    assert len(lists.states()) == 400
    lists.ledger.close()


def test_readers_join_leave_and_are_forgotten_as_on_sqlite(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    readers = Readers(publication)
    readers.join(READER, "weekly", "monthly", name="Ann")
    link = readers.unsubscribe_link()
    clicks = [threading.Thread(target=readers.post, args=(link, {"List-Unsubscribe": "One-Click"})) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert readers.states() == {"weekly": SubscriptionState.UNSUBSCRIBED, "monthly": SubscriptionState.CONFIRMED}
    readers.post(link, {"action": "undo"})
    bounce = MailEvent("plain", "1", EventKind.HARD_BOUNCE, readers.now, READER)
    for _ in range(2):
        with readers.ledger.write() as connection:
            events.keep(connection, [bounce, bounce], readers.now)
    report = readers.run().subscribers
    assert (report.events, report.suppressed) == (1, 1)
    number = readers.number()
    readers.erase()
    assert READER not in str(readers.rows())
    readers.join("other@example.net")
    assert readers.number("other@example.net") > number
    assert len({readers.sign_up().status_code for _ in range(6)}) == 1
    readers.close()


def test_what_happens_at_once_to_readers_adds_up(postgresql: str) -> None:
    ledger = open_ledger(make_database(postgresql), 10)
    people = [f"reader{number}@example.com" for number in range(8)]
    with ledger.write() as connection:
        for one in people:
            subscriptions.add(connection, one, "weekly", FRIDAY, confirmed=True)
        numbers = [subscribers.subscriber_id(connection, one, FRIDAY) for one in people]
    together = threading.Barrier(3)

    def many(change: Callable[[Connection, int], object]) -> None:
        together.wait()
        for number in range(len(people)):
            with ledger.write() as connection:
                change(connection, number)

    changes: list[Callable[[Connection, int], object]] = [
        lambda connection, number: subscribers.leave(connection, numbers[number], None, NEXT_FRIDAY),
        lambda connection, number: subscribers.suppress(connection, people[number], "hard bounce, says resend", NEXT_FRIDAY),
        lambda connection, number: subscribers.confirm(connection, numbers[number], ["weekly"], NEXT_FRIDAY),
    ]
    threads = [threading.Thread(target=many, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    zone = ZoneInfo("UTC")
    with ledger.write() as connection:
        assert movements.days(connection, "weekly", zone)[-1].total == movements.readers(connection, "weekly") == 0
        assert movements.roll_up(connection, {}, zone) > 0
        assert movements.days(connection, "weekly", zone)[-1].total == 0
        movements.recount(connection, "weekly", zone)
        assert movements.days(connection, "weekly", zone)[-1].total == 0
    ledger.close()


def test_storms_notices_and_replies_are_kept_as_on_sqlite(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    publication.configure("[mail]", '[alerts]\nmail = "operator@hair.example.org"\n\n[mail]')
    publication.page("archive")
    publication.run(FRIDAY)
    publication.subscribe(*(f"reader{number}@example.com" for number in range(12)))
    publication.page("news", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    ledger = publication.ledger()
    with ledger.write() as connection:
        key = recipients.batch_key_of(connection, "weekly", 1, subscribers.subscriber_id(connection, "reader3@example.com", FRIDAY))
        told = [
            MailEvent("resend", f"{number}", EventKind.HARD_BOUNCE, NEXT_FRIDAY, f"reader{number}@example.com", key)
            for number in range(12)
        ]
        events.keep(connection, told, NEXT_FRIDAY)
        storms.look(connection, storms.issues_told_of(connection), 5, 10, NEXT_FRIDAY)
        (storm,) = storms.raging(connection)
        assert (storm.bounced, storm.accepted) == (12, 12)
        for uid in (7, 9):
            mailboxes.remember(connection, "box", 1, uid)
        assert (mailboxes.last_uid(connection, "box", 1), mailboxes.last_uid(connection, "box", 2)) == (9, 0)
    ledger.close()
    assert publication.run(NEXT_FRIDAY + timedelta(minutes=5)).notices.written == 1
    assert publication.run(NEXT_FRIDAY + timedelta(minutes=9)).notices.written == 0


def test_silent_readers_are_asked_and_retired_as_on_sqlite(postgresql: str, publication: Publication) -> None:
    publication.configure("sqlite:///../hairfeed.db", make_database(postgresql))
    two_issues(publication, COUNTING + RULE, READER, OTHER)
    done = [publication.run(moment).subscribers for moment in (ASKED, ASKED, RETIRED, RETIRED)]
    assert [(one.questions, one.retired) for one in done] == [(2, 0), (0, 0), (0, 2), (0, 0)]
