"""How a batch is divided: in halves to find the one that is refused, or into those who were taken and those who were not. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

from hairfeed.models.issues import BatchState
from hairfeed.store.batches import Batch, Part


def halves(batch: Batch, subscribers: Sequence[int]) -> list[Part]:
    """Two pending halves; `subscribers` are those of the batch whom the call was for, in order, at least two."""
    middle = len(subscribers) // 2
    return _tiled(batch, [(subscribers[:middle], BatchState.PENDING, None), (subscribers[middle:], BatchState.PENDING, None)])


def taken_and_not(
    batch: Batch, subscribers: Sequence[int], was_taken: Callable[[int], bool], next_try_at: datetime | None
) -> list[Part]:
    """Accepted and pending parts, as many as it takes: a part is a stretch of neighbours."""
    stretches = [(list(members), taken) for taken, members in groupby(subscribers, was_taken)]
    return _tiled(
        batch,
        [
            (members, BatchState.ACCEPTED, None) if taken else (members, BatchState.PENDING, next_try_at)
            for members, taken in stretches
        ],
    )


def _tiled(batch: Batch, stretches: Sequence[tuple[Sequence[int], BatchState, datetime | None]]) -> list[Part]:
    """Parts that cover the whole batch: those who were left out belong to one, too."""
    firsts = [batch.first_id, *(members[0] for members, *_ in stretches[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), batch.last_id]
    return [
        Part(first, last, len(members), state, at)
        for first, last, (members, state, at) in zip(firsts, lasts, stretches, strict=True)
    ]
