"""How an issue can be stopped and held, by its state and by what became of its batches."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from hairfeed.models.issues import BatchState, IssueState
from hairfeed.store import batches as batch_rows
from hairfeed.store import deliveries, issues, receipts
from hairfeed.store.batches import Claim
from hairfeed.store.issues import NewIssue, NewVariant, TakenArticle, ToldCorrection
from hairfeed.store.schema.deliveries import batches
from hairfeed.store.schema.issues import issue_articles, issue_corrections
from hairfeed.store.schema.issues import issues as issue_table
from tests.deliver.sending import NOW
from tests.digest.newsroom import Newsroom

B = BatchState


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """A ledger with one article, three readers, and a newsletter that has begun."""
    newsroom = Newsroom(tmp_path / "site")
    newsroom.compose(NOW)
    newsroom.article("Brushing")
    newsroom.readers(("", ""), ("", ""), ("", ""))
    return newsroom


def an_issue(number: int = 1) -> NewIssue:
    return NewIssue(
        newsletter="weekly",
        number=number,
        due_at=NOW,
        plan_hash="hash",
        articles=[TakenArticle(1, "featured", 1)],
        corrections=[ToldCorrection(1, NOW)],
        variants=[NewVariant("", "", 1, "Brushing", "<p>Brushing</p>", "Brushing")],
    )


@pytest.mark.parametrize(
    ("state", "after", "released"),
    [
        (IssueState.DRAFT, "cancelled", True),
        (IssueState.APPROVED, "cancelled", True),
        (IssueState.DONE, "done", None),
        (IssueState.CANCELLED, "cancelled", None),
    ],
)
def test_an_issue_that_nobody_got_gives_its_articles_back(
    newsroom: Newsroom, state: IssueState, after: str, released: bool | None
) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.save(connection, an_issue(), state, NOW)
        assert issues.cancel(connection, 1) is released
        left = 0 if released else 1
        for table in (issue_articles, issue_corrections):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == left
    ledger.close()
    assert newsroom.issues() == [(1, after, left)]


@pytest.mark.parametrize(
    ("states", "released", "after", "receipt"),
    [
        ([B.PENDING, B.PENDING, B.PENDING], True, [B.CANCELLED] * 3, "owed 3  accepted 0  refused 0  unknown 0  left out 3"),
        ([B.REFUSED, B.PENDING, B.PENDING], True, None, "owed 3  accepted 0  refused 1  unknown 0  left out 2"),
        ([B.ACCEPTED, B.PENDING, B.PENDING], False, None, "owed 3  accepted 1  refused 0  unknown 0  left out 2"),
        ([B.ACCEPTED, B.SUBMITTING, B.PENDING], False, None, "owed 3  accepted 1  refused 0  unknown 1  left out 1"),
        ([B.IN_DOUBT, B.PENDING, B.PENDING], False, None, "owed 3  accepted 0  refused 0  unknown 1  left out 2"),
    ],
)
@pytest.mark.parametrize("paused", [False, True])
def test_an_issue_on_its_way_is_stopped_and_undone_only_when_nobody_can_have_got_it(
    newsroom: Newsroom, states: list[B], released: bool, after: list[B] | None, receipt: str, paused: bool
) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.save(connection, an_issue(), IssueState.APPROVED, NOW)
        deliveries.freeze(connection, 1, batch_size=1)
        for number, state in enumerate(states):
            connection.execute(update(batches).where(batches.c.number == number).values(state=state))
        (sending,) = deliveries.sending_issues(connection)
        if paused:
            assert deliveries.pause(connection, 1)
        assert issues.cancel(connection, 1) is released
        found = list(connection.execute(select(batches.c.state).order_by(batches.c.number)).scalars())
        assert found == (after or [B.CANCELLED if state is B.PENDING else state for state in states])
        assert str(receipts.receipt(connection, sending)) == receipt
        for batch in batch_rows.batches_in(connection, 1, B.CANCELLED):
            assert not batch_rows.claim(connection, batch, Claim("run 1", NOW, "outbox", "hash"), NOW)
    ledger.close()
    assert newsroom.issues() == [(1, "cancelled", 0 if released else 1)]


def test_a_cancelled_issues_articles_are_in_the_next_with_a_number_of_its_own(newsroom: Newsroom) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.save(connection, an_issue(), IssueState.DRAFT, NOW)
        issues.cancel(connection, 1)
        number = issues.next_number(connection, "weekly")
        assert issues.save(connection, an_issue(number), IssueState.APPROVED, NOW)
    ledger.close()
    assert newsroom.issues() == [(2, "approved", 1), (1, "cancelled", 0)]


def test_a_paused_issue_is_left_alone_until_it_is_resumed(newsroom: Newsroom) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.save(connection, an_issue(), IssueState.APPROVED, NOW)
        assert not deliveries.pause(connection, 1)
        deliveries.freeze(connection, 1, batch_size=1)
        assert deliveries.pause(connection, 1)
        assert not deliveries.pause(connection, 1)
    assert newsroom.deliver() == {}
    with ledger.write() as connection:
        assert deliveries.resume(connection, 1)
        assert not deliveries.resume(connection, 1)
    ledger.close()
    assert len(newsroom.deliver()) == 3
    assert newsroom.issues() == [(1, "done", 1)]


def test_a_draft_has_a_successor_only_while_it_is_a_draft(newsroom: Newsroom) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.save(connection, an_issue(), IssueState.DRAFT, NOW)
        assert issues.save(connection, an_issue(), IssueState.DRAFT, NOW, replaces=1)
        issues.cancel(connection, 1)
        assert not issues.save(connection, an_issue(), IssueState.APPROVED, NOW, replaces=1)
        assert connection.execute(select(issue_table.c.state)).scalar_one() == IssueState.CANCELLED
    ledger.close()


def test_an_older_issue_does_not_set_the_clock_back(newsroom: Newsroom) -> None:
    ledger = newsroom.ledger()
    with ledger.write() as connection:
        issues.pass_over(connection, "weekly", NOW.replace(year=2025))
        issues.save(connection, an_issue(), IssueState.APPROVED, NOW)
        clock = issues.clock(connection, "weekly")
    ledger.close()
    assert clock is not None
    assert clock.last_due_at == NOW.replace(year=2025)
