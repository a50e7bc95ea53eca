"""Who is owed an issue, who may submit a batch, and a receipt that always adds up."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hairfeed.models.issues import BatchState, IssueState, Refusal
from hairfeed.store import batches as batch_rows
from hairfeed.store import deliveries, receipts
from hairfeed.store import issues as issue_rows
from hairfeed.store import recipients as recipient_rows
from hairfeed.store.batches import Batch, Claim, Part
from hairfeed.store.database import Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.schema.deliveries import batches, recipients
from hairfeed.store.schema.issues import issues, variants
from hairfeed.store.schema.subscribers import subscribers
from hairfeed.store.schema.subscribers import subscriptions as subscriptions_table
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
    return batch_rows.batches_in(connection, the_issue(connection).id, *BatchState)


def intent(owner: str) -> Claim:
    return Claim(owner, SOON, "outbox", "hash")


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
        assert batch_rows.claim(connection, seen_by_one, intent("one"), NOW)
    with other.write() as connection:
        assert not batch_rows.claim(connection, seen_by_two, intent("two"), NOW)
        assert connection.execute(select(batches.c.owner)).scalar_one() == "one"
    other.close()


@pytest.mark.parametrize("state", [state for state in BatchState if state not in {BatchState.PENDING, BatchState.IN_DOUBT}])
def test_a_batch_that_is_not_free_cannot_be_claimed(frozen: Ledger, state: BatchState) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        (batch,) = every_batch(connection)
        assert not batch_rows.claim(connection, batch, intent("one"), NOW)


def test_an_attempt_after_a_doubt_keeps_the_instant_of_the_doubt(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        claimed = batch_rows.claim(connection, batch, intent("run 1"), NOW)
        assert claimed is not None
        batch_rows.settle(connection, claimed, BatchState.IN_DOUBT, "no answer")
        (batch,) = every_batch(connection)
        assert batch_rows.claim(connection, batch, intent("run 2"), SOON)
        (batch,) = every_batch(connection)
    assert batch.claimed_at == NOW


def test_an_attempt_after_a_no_begins_anew(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        claimed = batch_rows.claim(connection, batch, intent("run 1"), NOW)
        assert claimed is not None
        batch_rows.settle(connection, claimed, BatchState.PENDING, "not now")
        (batch,) = every_batch(connection)
        batch_rows.claim(connection, batch, intent("run 2"), SOON)
        (batch,) = every_batch(connection)
    assert batch.claimed_at == SOON


@pytest.mark.parametrize("state", [BatchState.ACCEPTED, BatchState.REFUSED, BatchState.SKIPPED])
def test_what_is_settled_stays_settled(frozen: Ledger, state: BatchState) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        (batch,) = every_batch(connection)
        assert not batch_rows.settle(connection, batch, BatchState.PENDING, "again")
        assert [found.state for found in every_batch(connection)] == [state]


@pytest.mark.parametrize("state", BatchState)
def test_an_issue_is_done_when_no_batch_is_open(frozen: Ledger, state: BatchState) -> None:
    done = state not in {BatchState.PENDING, BatchState.SUBMITTING, BatchState.IN_DOUBT}
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state))
        assert deliveries.finish(connection, the_issue(connection).id) == done
        found = connection.execute(select(issues.c.state)).scalar_one()
    assert found == (IssueState.DONE if done else IssueState.SENDING)


COUNTED = {
    BatchState.PENDING: {"waiting": 3},
    BatchState.SUBMITTING: {"unknown": 3, "in_doubt": 3},
    BatchState.ACCEPTED: {"accepted": 3},
    BatchState.REFUSED: {"refused": 3},
    BatchState.IN_DOUBT: {"unknown": 3, "in_doubt": 3},
    BatchState.SKIPPED: {"unknown": 3},
    BatchState.CANCELLED: {"left_out": 3},
}


@pytest.mark.parametrize(("state", "expected"), COUNTED.items())
def test_the_recipients_of_a_batch_count_as_its_state(frozen: Ledger, state: BatchState, expected: dict[str, int]) -> None:
    with frozen.write() as connection:
        connection.execute(update(batches).values(state=state, note="no such person, says <x@example.net>"))
        found = receipts.receipt(connection, the_issue(connection))
    counts = {name: getattr(found, name) for name in ("accepted", "refused", "unknown", "in_doubt", "left_out", "waiting")}
    assert counts == dict.fromkeys(counts, 0) | expected
    assert found.owed == 3
    assert found.refused_by == ((("no such person, says <…>", 3),) if state is BatchState.REFUSED else ())


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
    states=st.lists(st.sampled_from(sorted(COUNTED)), min_size=5, max_size=5),
    refused=st.sets(st.integers(0, 8)),
    left_out=st.sets(st.integers(0, 8)),
)
def test_a_receipt_always_adds_up(many: Ledger, states: list[BatchState], refused: set[int], left_out: set[int]) -> None:
    with many.read() as connection:
        issue, found = the_issue(connection), every_batch(connection)
        people = [one for batch in found for one in recipient_rows.of_batch(connection, issue.newsletter, batch)]
        for batch, state in zip(found, states, strict=True):
            connection.execute(update(batches).where(batches.c.id == batch.id).values(state=state))
        recipient_rows.leave_out(connection, found[0], [people[number] for number in left_out])
        noted = [Refusal(people[number].subscriber_id, "no") for number in refused - left_out]
        recipient_rows.refuse(connection, found[0], noted)
        receipt = receipts.receipt(connection, issue)
        # Nothing is committed: the next example begins with the same rows.
        connection.rollback()
    assert receipt.owed == 9
    assert receipt.owed == receipt.accepted + receipt.refused + receipt.unknown + receipt.left_out + receipt.waiting
    assert receipt.left_out >= len(left_out)
    assert receipt.refused == sum(count for _, count in receipt.refused_by)
    assert receipt.left_out == sum(count for _, count in receipt.left_out_by)
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


def test_a_batch_has_recipients_of_one_variant(sending: Sending, ledger: Ledger) -> None:
    sending.subscribe(*(f"reader{number}@example.net" for number in range(7)))
    issue = sending.approve()
    with ledger.write() as connection:
        rendering = {"subject": "Scalp", "html": "", "text": "", "articles": 1}
        connection.execute(insert(variants).values(issue_id=issue, topics="scalp", language="", **rendering))
        connection.execute(update(subscriptions_table).where(subscriptions_table.c.subscriber_id % 2 == 0).values(topics="scalp"))
    freeze(ledger, issue, batch_size=3)
    assert sizes(ledger) == {0: 3, 1: 1, 2: 3}
    with ledger.read() as connection:
        for batch in every_batch(connection):
            people = recipient_rows.of_batch(connection, "weekly", batch)
            frozen_for = select(recipients.c.variant_id).where(recipients.c.batch == batch.number)
            assert set(connection.execute(frozen_for).scalars()) == {batch.variant_id}
            assert (batch.size, batch.first_id, batch.last_id) == (len(people), people[0].subscriber_id, people[-1].subscriber_id)


def test_the_parts_of_a_split_batch_stand_for_it(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        batch = batch_rows.claim(connection, batch, intent("run 1"), NOW) or batch
        parts = [
            Part(batch.first_id, batch.first_id, 1, BatchState.ACCEPTED),
            Part(batch.first_id + 1, batch.last_id, 2, BatchState.PENDING),
        ]
        assert batch_rows.split(connection, batch, parts, "was taken in part")
        assert not batch_rows.split(connection, batch, parts, "again")
        found = receipts.receipt(connection, the_issue(connection))
        _, first, second = every_batch(connection)
        assert [len(recipient_rows.of_batch(connection, "weekly", part)) for part in (first, second)] == [1, 2]
        assert len({batch.key, first.key, second.key}) == 3
        # Storms and silence are counted from when mails were handed over.
        assert (first.called_at, second.called_at) == (NOW, None)
    assert (found.owed, found.accepted, found.waiting) == (3, 1, 2)


def test_the_outcome_of_an_older_attempt_changes_nothing(frozen: Ledger) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        stuck = batch_rows.claim(connection, batch, intent("stuck"), NOW)
        assert batch_rows.orphans(connection, SOON + timedelta(seconds=1), alone=False) == 1
        (doubtful,) = every_batch(connection)
        assert batch_rows.claim(connection, doubtful, intent("another"), SOON)
        assert stuck is not None
        assert not batch_rows.settle(connection, stuck, BatchState.PENDING, "not now")
        assert connection.execute(select(batches.c.owner)).scalar_one() == "another"


@pytest.mark.parametrize(("alone", "later", "taken_over"), [(False, 0, 0), (False, 1, 1), (True, 0, 1)])
def test_a_batch_is_taken_over_after_its_lease_or_by_whoever_is_alone(
    frozen: Ledger, alone: bool, later: int, taken_over: int
) -> None:
    with frozen.write() as connection:
        (batch,) = every_batch(connection)
        batch_rows.claim(connection, batch, intent("run 1"), NOW)
        assert batch_rows.orphans(connection, SOON + timedelta(seconds=later), alone=alone) == taken_over


def test_a_paused_issue_goes_on_and_a_cancelled_one_does_not(frozen: Ledger) -> None:
    with frozen.write() as connection:
        issue = the_issue(connection)
        assert deliveries.pause(connection, issue.id)
        assert deliveries.sending_issues(connection) == []
        assert deliveries.resume(connection, issue.id)
        assert issue_rows.cancel(connection, issue.id) is not None
        assert not deliveries.resume(connection, issue.id)
        found = receipts.receipt(connection, issue)
    assert (found.owed, found.left_out, found.left_out_by) == (3, 3, (("the issue was cancelled", 3),))
