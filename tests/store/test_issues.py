"""Newsletters' clocks and issues' numbers; and the reports of passes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from hairfeed.models.reports import RunState
from hairfeed.store import issue_material, issues, runs
from hairfeed.store.issues import NewsletterClock
from hairfeed.store.schema.issues import newsletters
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.deliver.sending import NOW, SOON, Sending


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    """A ledger without issues and readers."""
    return Sending(tmp_path, outbox={"directory": "outbox"})


@pytest.fixture
def connection(sending: Sending) -> Iterator[Connection]:
    """A transaction on it."""
    ledger = sending.ledger()
    with ledger.write() as connection:
        yield connection
    ledger.close()


def test_a_newsletter_starts_when_it_is_first_seen(connection: Connection) -> None:
    assert issues.start_newsletter(connection, "weekly", NOW) == NewsletterClock(NOW, None)
    assert issues.start_newsletter(connection, "weekly", SOON) == NewsletterClock(NOW, None)
    assert connection.execute(select(func.count()).select_from(newsletters)).scalar_one() == 1


def test_a_newsletter_that_was_passed_over_remembers_when(connection: Connection) -> None:
    issues.start_newsletter(connection, "weekly", NOW)
    issues.start_newsletter(connection, "daily", NOW)
    issues.pass_over(connection, "weekly", SOON)
    assert issues.start_newsletter(connection, "weekly", SOON) == NewsletterClock(NOW, SOON)
    assert issues.start_newsletter(connection, "daily", SOON) == NewsletterClock(NOW, None)


def test_issues_are_numbered_from_one(connection: Connection) -> None:
    assert issues.next_number(connection, "weekly") == 1


def test_every_newsletter_counts_its_own_issues(tmp_path: Path) -> None:
    sending = Sending(tmp_path / "site", outbox={"directory": "outbox"})
    sending.approve(number=7)
    sending.approve("daily", number=1)
    ledger = sending.ledger()
    with ledger.read() as connection:
        assert [issues.next_number(connection, name) for name in ("weekly", "daily")] == [8, 2]
    ledger.close()


def test_a_number_is_given_once(tmp_path: Path) -> None:
    sending = Sending(tmp_path / "site", outbox={"directory": "outbox"})
    sending.approve(number=7)
    with pytest.raises(IntegrityError):
        sending.approve(number=7)


@pytest.fixture
def with_news(publication: Publication) -> Iterator[Connection]:
    """A publication with an archive, and with a page that came a day after the newsletter began."""
    publication.page("old", date="20-7-2024")
    publication.run(FRIDAY)
    publication.page("new", date="10-8-2024")
    publication.run(FRIDAY + timedelta(days=1))
    ledger = publication.ledger()
    with ledger.read() as connection:
        yield connection
    ledger.close()


def waiting(connection: Connection, newsletter: str, since: datetime) -> list[str]:
    return [article.title for article in issue_material.waiting_articles(connection, newsletter, since)]


def test_news_wait_for_a_newsletter_and_the_archive_does_not(with_news: Connection) -> None:
    assert waiting(with_news, "weekly", FRIDAY) == ["About new"]


def test_news_from_before_a_newsletter_do_not_wait_for_it(with_news: Connection) -> None:
    assert waiting(with_news, "weekly", FRIDAY + timedelta(days=2)) == []


def test_an_article_is_in_one_issue_of_each_newsletter(publication: Publication, with_news: Connection) -> None:
    publication.run(NEXT_FRIDAY)
    with_news.rollback()
    assert waiting(with_news, "weekly", FRIDAY) == []
    assert waiting(with_news, "another", FRIDAY) == ["About new"]


def test_the_last_report_is_of_a_pass_that_came_to_its_end(connection: Connection) -> None:
    assert runs.last_report(connection) is None
    first = runs.begin(connection, NOW, NOW)
    runs.finish(connection, first, RunState.DONE, {"pass": 1}, SOON)
    assert runs.begin(connection, SOON, SOON) > first
    assert runs.last_report(connection) == {"pass": 1}
