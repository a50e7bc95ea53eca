"""How a batch is divided: in halves to find the one that is refused, or into those who were taken and those who were not. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from hairfeed.models.issues import BatchState
from hairfeed.store.batches import Batch, Part


def halves(batch: Batch, subscribers: Sequence[int]) -> list[Part]:
    """Two pending halves; `subscribers` are those of the batch whom the call was for, in order, at least two."""
    middle = len(subscribers) // 2
    return _tiled(batch, [(subscribers[:middle], BatchState.PENDING, None), (subscribers[middle:], BatchState.PENDING, None)])


def taken_and_not(
    batch: Batch,
    subscribers: Sequence[int],
    was_taken: Callable[[int], bool],
    next_try_at: datetime | None,
    rest: BatchState = BatchState.PENDING,
) -> list[Part]:
    """Accepted parts and those of the `rest`, as many as it takes: a part is a stretch of neighbours."""
    return [
        part if part.state is BatchState.ACCEPTED else replace(part, next_try_at=next_try_at)
        for part in _by_fate(batch, subscribers, was_taken, rest)
    ]


def proven_and_not(batch: Batch, subscribers: Sequence[int], is_proven: Callable[[int], bool], rest: BatchState) -> list[Part]:
    """Accepted parts, and those of the `rest`, who may have been taken or not: they keep the batch's key."""
    return [
        part if part.state is BatchState.ACCEPTED else replace(part, keeps_key=True)
        for part in _by_fate(batch, subscribers, is_proven, rest)
    ]


def _by_fate(batch: Batch, subscribers: Sequence[int], was_taken: Callable[[int], bool], rest: BatchState) -> list[Part]:
    stretches = [(list(members), taken) for taken, members in groupby(subscribers, was_taken)]
    return _tiled(batch, [(members, BatchState.ACCEPTED if taken else rest, None) for members, taken in stretches])


def _tiled(batch: Batch, stretches: Sequence[tuple[Sequence[int], BatchState, datetime | None]]) -> list[Part]:
    """Parts that cover the whole batch: those who were left out belong to one, too."""
    firsts = [batch.first_id, *(members[0] for members, *_ in stretches[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), batch.last_id]
    return [
        Part(first, last, len(members), state, at)
        for first, last, (members, state, at) in zip(firsts, lasts, stretches, strict=True)
    ]
