"""What is done about a batch in doubt, and how a batch is divided."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.deliver.bisect import halves, pieces, taken_and_not
from hairfeed.deliver.doubt import Doubt, Way, way_out
from hairfeed.deliver.providers.contract import Capabilities, Merge, Repetition, Settling, recipients_per_call
from hairfeed.models.issues import BatchState
from hairfeed.store.batches import Batch, Part
from tests.deliver.sending import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEYED = Capabilities(100, Merge.RENDERED, Settling.REPEAT, Repetition.REPLAYED, window=23 * HOUR)
ASKED = Capabilities(1000, Merge.INLINE, Settling.LOOK_UP, look_up_after=30 * MINUTE)
BOTH = Capabilities(
    1000, Merge.INLINE, Settling.REPEAT, Repetition.RECOGNISED, window=12 * MINUTE, look_up_after=HOUR, look_up_within=9 * HOUR
)
TOLD = Capabilities(50, Merge.INLINE, Settling.EVENTS, look_up_after=HOUR)
MUTE = Capabilities(1, Merge.RENDERED, Settling.NEVER)

WAYS = [
    (KEYED, 0 * HOUR, Way.REPEAT),
    (KEYED, 23 * HOUR, Way.REPEAT),
    (KEYED, 23 * HOUR + MINUTE, Way.HOLD),
    (KEYED, -24 * HOUR, Way.HOLD),
    (ASKED, MINUTE, Way.WAIT),
    (ASKED, 30 * MINUTE, Way.ASK),
    (ASKED, 24 * HOUR, Way.ASK),
    (ASKED, 25 * HOUR, Way.HOLD),
    (BOTH, 12 * MINUTE, Way.REPEAT),
    (BOTH, 13 * MINUTE, Way.WAIT),
    (BOTH, HOUR, Way.ASK),
    (BOTH, 10 * HOUR, Way.HOLD),
    (TOLD, MINUTE, Way.WAIT),
    (TOLD, HOUR, Way.HOLD),
    (MUTE, MINUTE, Way.HOLD),
    (None, MINUTE, Way.HOLD),
]


@pytest.mark.parametrize(("capabilities", "age", "way"), WAYS)
def test_the_way_out_of_a_doubt(capabilities: Capabilities | None, age: timedelta, way: Way) -> None:
    assert way_out(Doubt(NOW, NOW), capabilities, "hold", NOW + age) is way


@pytest.mark.parametrize(
    ("capabilities", "age", "way"),
    [
        (KEYED, 0 * HOUR, Way.WAIT),
        (KEYED, 2 * HOUR, Way.HOLD),
        (BOTH, 12 * MINUTE, Way.WAIT),
        (BOTH, HOUR, Way.ASK),
        (ASKED, 30 * MINUTE, Way.ASK),
        (TOLD, MINUTE, Way.WAIT),
        (TOLD, HOUR, Way.HOLD),
        (MUTE, MINUTE, Way.HOLD),
        (None, MINUTE, Way.HOLD),
    ],
)
def test_of_a_cancelled_issue_no_call_is_repeated(capabilities: Capabilities | None, age: timedelta, way: Way) -> None:
    assert way_out(Doubt(NOW, NOW), capabilities, "hold", NOW + age, cancelled=True) is way
    by_resending = way_out(Doubt(NOW, NOW), capabilities, "resend", NOW + age, cancelled=True)
    assert by_resending is (Way.SKIP if way is Way.HOLD else way)


def test_a_provider_that_could_not_say_is_asked_again_when_it_said() -> None:
    doubt = Doubt(NOW, NOW, next_try_at=NOW + 2 * HOUR)
    assert way_out(doubt, ASKED, "hold", NOW + HOUR) is Way.WAIT
    assert way_out(doubt, ASKED, "hold", NOW + 2 * HOUR) is Way.ASK


@pytest.mark.parametrize(("policy", "way"), [("resend", Way.RESEND), ("skip", Way.SKIP)])
def test_what_nobody_can_tell_goes_as_the_operator_says(policy: str, way: Way) -> None:
    assert way_out(Doubt(NOW, NOW), MUTE, policy, NOW) is way  # type: ignore[arg-type]


def batch(subscribers: Sequence[int]) -> Batch:
    """A batch that was frozen for these, and for one before and one behind them who have left."""
    return Batch(1, 1, 0, subscribers[0] - 1, subscribers[-1] + 1, len(subscribers) + 2, 1, BatchState.SUBMITTING, "hf-1-2-0", 1)


def members(parts: Sequence[Part], subscribers: Sequence[int], state: BatchState) -> list[int]:
    """Whom the parts in this state are for."""
    return [one for part in parts if part.state is state for one in subscribers if part.first_id <= one <= part.last_id]


SUBSCRIBERS = st.sets(st.integers(2, 300), min_size=2, max_size=60).map(sorted)


@given(subscribers=SUBSCRIBERS)
def test_halves_have_everyone_once_and_are_smaller(subscribers: list[int]) -> None:
    whole = batch(subscribers)
    first, second = halves(whole, subscribers)
    assert members([first, second], subscribers, BatchState.PENDING) == subscribers
    assert (first.first_id, first.last_id + 1, second.last_id) == (whole.first_id, second.first_id, whole.last_id)
    assert sorted((first.size, second.size)) == [len(subscribers) // 2, (len(subscribers) + 1) // 2]


@given(subscribers=SUBSCRIBERS, most=st.integers(1, 59))
def test_pieces_have_everyone_once_and_are_as_large_as_they_may_be(subscribers: list[int], most: int) -> None:
    whole = batch(subscribers)
    parts = pieces(whole, subscribers, most)
    assert members(parts, subscribers, BatchState.PENDING) == subscribers
    assert (parts[0].first_id, parts[-1].last_id) == (whole.first_id, whole.last_id)
    assert [part.last_id + 1 for part in parts[:-1]] == [part.first_id for part in parts[1:]]
    assert all(part.size == most for part in parts[:-1])


@given(subscribers=SUBSCRIBERS, taken=st.sets(st.integers(2, 300)))
def test_whoever_was_taken_is_in_an_accepted_part_and_nobody_else(subscribers: list[int], taken: set[int]) -> None:
    parts = taken_and_not(batch(subscribers), subscribers, taken.__contains__, NOW)
    assert members(parts, subscribers, BatchState.ACCEPTED) == [one for one in subscribers if one in taken]
    assert members(parts, subscribers, BatchState.PENDING) == [one for one in subscribers if one not in taken]
    assert [part.last_id + 1 for part in parts[:-1]] == [part.first_id for part in parts[1:]]
    assert all(part.next_try_at == (None if part.state is BatchState.ACCEPTED else NOW) for part in parts)


@pytest.mark.parametrize(
    ("merge", "limit", "body", "expected"),
    [
        (Merge.RENDERED, None, 10**6, 500),
        (Merge.RENDERED, 50_000_000, 40_000, 500),
        (Merge.RENDERED, 25_000_000, 48_000, 337),
        (Merge.RENDERED, 1000, 40_000, 1),
        (Merge.INLINE, 1_000_000, 40_000, 470),
    ],
)
def test_a_call_has_as_many_recipients_as_its_bytes_allow(merge: Merge, limit: int | None, body: int, expected: int) -> None:
    assert recipients_per_call(Capabilities(500, merge, Settling.NEVER, batch_bytes=limit), body) == expected
