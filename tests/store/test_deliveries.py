"""Who is owed an issue, who may submit a batch, and a receipt that always adds up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hairfeed.models import BatchState, IssueState, Receipt, Refusal
from hairfeed.store import deliveries
from hairfeed.store.database import Ledger
from hairfeed.store.deliveries import Batch, SendingIssue
from hairfeed.store.schema import batches, issues, recipients, subscribers
from hairfeed.subscribers import subscriptions
from tests.deliver.sending import NOW, SOON, Sending


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    """A ledger without issues and readers."""
    return Sending(tmp_path, outbox={"directory": "outbox"})


@pytest.fixture
def ledger(sending: Sending) -> Iterator[Ledger]:
    """The same ledger, opened."""
    ledger = sending.ledger()
    yield ledger
    ledger.close()


def freeze(ledger: Ledger, issue: int, batch_size: int = 100) -> bool:
    with ledger.write() as connection:
        return deliveries.freeze(connection, issue, batch_size)


def sizes(ledger: Ledger) -> dict[int, int]:
    """Recipients of every batch, by its number."""
    with ledger.read() as connection:
        query = select(recipients.c.batch, func.count()).group_by(recipients.c.batch).order_by(recipients.c.batch)
        return {row[0]: row[1] for row in connection.execute(query)}


def the_issue(connection: Connection) -> SendingIssue:
    (issue,) = deliveries.sending_issues(connection)
    return issue


def every_batch(connection: Connection) -> list[Batch]:
    return deliveries.batches_in(connection, the_issue(connection).id, *BatchState)


def owed(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        query = select(subscribers.c.email).join(recipients, recipients.c.subscriber_id == subscribers.c.id)
        return sorted(connection.execute(query).scalars())


def test_only_confirmed_readers_of_the_newsletter_are_owed_an_issue(sending: Sending, ledger: Ledger) -> None:
    sending.subscribe("confirmed@example.net", "left@example.net", "suppressed@example.net")
    sending.subscribe("other@example.net", newsletter="daily")
    sending.unsubscribe("left@example.net")
    sending.unsubscribe("unheard-of@example.net")
    sending.suppress("suppressed@example.net")
    with ledger.write() as connection:
        subscriptions.add(connection, "pending@example.net", "weekly", NOW, confirmed=False)
    freeze(ledger, sending.approve())
    assert owed(ledger) == ["confirmed@example.net"]


@pytest.mark.parametrize(
    ("readers", "expected"),
    [(0, {}), (1, {0: 1}), (2, {0: 2}), (3, {0: 3}), (4, {0: 3, 1: 1}), (6, {0: 3, 1: 3}), (7, {0: 3, 1: 3, 2: 1})],
)
def test_recipients_are_cut_into_full_batches(sending: Sending, ledger: Ledger, readers: int, expected: dict[int, int]) -> None:
    sending.subscribe(*(f"reader{number}@example.net" for number in range(readers)))
    freeze(ledger, sending.approve(), batch_size=3)
    assert sizes(ledger) == expected
    with ledger.read() as connection:
        assert [batch.number for batch in every_batch(connection)] == list(expected)


def test_every_batch_waits_with_a_key_of_its_own(sending: Sending, ledger: Ledger) -> None:
    sending.subscribe("a@example.net", "b@example.net", "c@example.net")
    freeze(ledger, sending.approve(), batch_size=1)
    with ledger.read() as connection:
        found = every_batch(connection)
    assert {batch.state for batch in found} == {BatchState.PENDING}
    assert len({batch.key for batch in found}) == 3


def test_the_longest_key_fits_its_column(sending: Sending, ledger: Ledger) -> None:
    sending.subscribe("a@example.net", newsletter="n" * 32)
    issue = sending.approve("n" * 32, number=10**6)
    freeze(ledger, issue)
    with ledger.read() as connection:
        (key,) = connection.execute(select(batches.c.key)).scalars()
    longest = batches.c.key.type.length  # type: ignore[attr-defined]
    assert len(key) + len("999999") <= longest


def test_an_issue_is_frozen_once(sending: Sending, ledger: Ledger) -> None:
    sending.subscribe("a@example.net")
    issue = sending.approve()
    assert freeze(ledger, issue)
    sending.subscribe("b@example.net")
    assert not freeze(ledger, issue)
    assert owed(ledger) == ["a@example.net"]


@pytest.fixture
def frozen(sending: Sending, ledger: Ledger) -> Ledger:
    """An issue for three readers in one batch."""
    sending.subscribe("a@example.net", "b@example.net", "c@example.net")
    freeze(ledger, sending.approve())
    return ledger


def test_only_one_worker_can_claim_a_batch(sending: Sending, frozen: Ledger) -> None:
    other = sending.ledger()
    with frozen.read() as one, other.read() as two:
        (seen_by_one,), (seen_by_two,) = every_batch(one), every_batch(two)
    with frozen.write() as connection:
        assert deliveries.claim(connection, seen_by_one, "one", "hash", NOW)
    with other.write() as connection:
        assert not deliveries.claim(connection, seen_by_two, "two", "hash", NOW)
        assert connection.execute(select(batches.c.owner)).scalar_one() == "one"
    other.close()


@pytest.mark.parametrize("state", [state for state in BatchState if state not in {BatchState.PENDING, BatchState.IN_DOUBT}])
def test_a_batch_that_is_not_free_cannot_be_claimed(frozen: Ledger, state: BatchState) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        (batch,) = every_batch(connection)
        assert not deliveries.claim(connection, batch, "one", "hash", NOW)


def test_an_attempt_after_a_doubt_keeps_the_instant_of_the_doubt(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        deliveries.claim(connection, batch, "run 1", "hash", NOW)
        deliveries.settle(connection, batch, BatchState.IN_DOUBT, "no answer")
        (batch,) = every_batch(connection)
        assert deliveries.claim(connection, batch, "run 2", "hash", SOON)
        (batch,) = every_batch(connection)
    assert batch.claimed_at == NOW


def test_an_attempt_after_a_no_begins_anew(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        deliveries.claim(connection, batch, "run 1", "hash", NOW)
        deliveries.settle(connection, batch, BatchState.PENDING, "not now")
        (batch,) = every_batch(connection)
        deliveries.claim(connection, batch, "run 2", "hash", SOON)
        (batch,) = every_batch(connection)
    assert batch.claimed_at == SOON


@pytest.mark.parametrize("state", [BatchState.ACCEPTED, BatchState.REFUSED, BatchState.SKIPPED])
def test_what_is_settled_stays_settled(frozen: Ledger, state: BatchState) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        (batch,) = every_batch(connection)
        assert not deliveries.settle(connection, batch, BatchState.PENDING, "again")
        assert [found.state for found in every_batch(connection)] == [state]


@pytest.mark.parametrize("state", BatchState)
def test_an_issue_is_done_when_no_batch_is_open(frozen: Ledger, state: BatchState) -> None:
    done = state not in {BatchState.PENDING, BatchState.SUBMITTING, BatchState.IN_DOUBT}
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        assert deliveries.finish(connection, the_issue(connection)) == done
        found = connection.execute(select(issues.c.state)).scalar_one()
    assert found == (IssueState.DONE if done else IssueState.SENDING)


COUNTED = {
    BatchState.PENDING: "waiting",
    BatchState.SUBMITTING: "unknown",
    BatchState.ACCEPTED: "accepted",
    BatchState.REFUSED: "refused",
    BatchState.IN_DOUBT: "unknown",
    BatchState.SKIPPED: "unknown",
    BatchState.CANCELLED: "left_out",
}


@pytest.mark.parametrize("state", BatchState)
def test_the_recipients_of_a_batch_count_as_its_state(frozen: Ledger, state: BatchState) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        found = deliveries.receipt(connection, the_issue(connection))
    counts = {"accepted": 0, "refused": 0, "unknown": 0, "left_out": 0, "waiting": 0} | {COUNTED[state]: 3}
    assert found == Receipt(newsletter="weekly", number=1, owed=3, **counts)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """An issue for nine readers in batches of two."""
    sending = Sending(tmp_path_factory.mktemp("many"), outbox={"directory": "outbox"})
    sending.subscribe(*(f"reader{number}@example.net" for number in range(9)))
    ledger = sending.ledger()
    freeze(ledger, sending.approve(), batch_size=2)
    yield ledger
    ledger.close()


@given(
    states=st.lists(st.sampled_from(BatchState), min_size=5, max_size=5),
    refused=st.sets(st.integers(0, 8)),
    left_out=st.sets(st.integers(0, 8)),
)
def test_a_receipt_always_adds_up(many: Ledger, states: list[BatchState], refused: set[int], left_out: set[int]) -> None:
    with many.read() as connection:
        issue, found = the_issue(connection), every_batch(connection)
        people = [one for batch in found for one in deliveries.recipients_of(connection, issue, batch)]
        for batch, state in zip(found, states, strict=True):
            connection.execute(update(batches).where(batches.c.id == batch.id).values(state=state))
        deliveries.leave_out(connection, issue, found[0], [people[number] for number in left_out])
        noted = [Refusal(people[number].subscriber_id, "no") for number in refused - left_out]
        deliveries.accept(connection, issue, found[0], noted, "")
        receipt = deliveries.receipt(connection, issue)
        # Nothing is committed: the next example begins with the same rows.
        connection.rollback()
    assert receipt.owed == 9
    assert receipt.owed == receipt.accepted + receipt.refused + receipt.unknown + receipt.left_out + receipt.waiting
    assert receipt.left_out >= len(left_out)
    assert receipt.left_out == len(left_out) or BatchState.CANCELLED in states
    assert receipt.refused >= len(refused - left_out)


def test_a_reader_is_owed_an_issue_once_even_by_the_database(frozen: Ledger) -> None:
    with frozen.read() as connection:
        row = connection.execute(select(recipients).limit(1)).mappings().one()
        again = insert(recipients).values(dict(row) | {"batch": 7})
        with pytest.raises(IntegrityError):
            connection.execute(again)


def test_a_later_issue_is_owed_to_those_who_are_there_then(sending: Sending, frozen: Ledger) -> None:
    sending.unsubscribe("b@example.net")
    freeze(frozen, sending.approve(number=2))
    with frozen.read() as connection:
        query = select(func.count(recipients.c.subscriber_id)).group_by(recipients.c.issue_id).order_by(recipients.c.issue_id)
        assert list(connection.execute(query).scalars()) == [3, 2]


def test_issues_go_out_in_the_order_they_came(sending: Sending, ledger: Ledger) -> None:
    wanted = [sending.approve(number=number) for number in (1, 2, 3)]
    with ledger.read() as connection:
        assert deliveries.approved_issues(connection) == wanted
