"""How a batch is divided: in halves, to find who is refused; in pieces; or by what became of its recipients. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from hairfeed.models.issues import BatchState
from hairfeed.store.batches import Batch, Part


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of some recipients of a batch."""

    state: BatchState
    next_try_at: datetime | None = None
    note: str | None = None
    """What was said of them, where it is not what was said of the batch."""
    keeps_key: bool = False
    """Whether they may have been taken under the batch's key."""


_ACCEPTED, _PENDING = Fate(BatchState.ACCEPTED), Fate(BatchState.PENDING)


def halves(batch: Batch, subscribers: Sequence[int]) -> list[Part]:
    """Two pending halves; `subscribers` are those of the batch whom the call was for, in order, at least two."""
    middle = len(subscribers) // 2
    return _tiled(batch, [(subscribers[:middle], _PENDING), (subscribers[middle:], _PENDING)])


def pieces(batch: Batch, subscribers: Sequence[int], most: int) -> list[Part]:
    """Pending pieces of at most so many recipients; `subscribers` are those of the batch whom a call would be for, in order."""
    starts = range(0, len(subscribers), most)
    return _tiled(batch, [(subscribers[start : start + most], _PENDING) for start in starts])


def taken_and_not(
    batch: Batch,
    subscribers: Sequence[int],
    was_taken: Callable[[int], bool],
    next_try_at: datetime | None,
    rest: BatchState = BatchState.PENDING,
) -> list[Part]:
    """Accepted parts, and those of the `rest`."""
    others = Fate(rest, next_try_at)
    return by_fate(batch, subscribers, lambda one: _ACCEPTED if was_taken(one) else others)


def proven_and_not(batch: Batch, subscribers: Sequence[int], is_proven: Callable[[int], bool], rest: BatchState) -> list[Part]:
    """Accepted parts, and those of the `rest`, who may have been taken or not.

    As long as nothing is done about these, they keep the batch's key. Those that are sent get keys of their own: a provider would
    take the second of two parts with one key for a repetition of the first.
    """
    others = Fate(rest, keeps_key=rest is not BatchState.PENDING)
    return by_fate(batch, subscribers, lambda one: _ACCEPTED if is_proven(one) else others)


def by_fate(batch: Batch, subscribers: Sequence[int], fate: Callable[[int], Fate]) -> list[Part]:
    """As many parts as it takes: a part is a stretch of neighbours of one fate."""
    return _tiled(batch, [(list(members), one) for one, members in groupby(subscribers, fate)])


def _tiled(batch: Batch, stretches: Sequence[tuple[Sequence[int], Fate]]) -> list[Part]:
    """Parts that cover the whole batch: those who were left out belong to one, too."""
    firsts = [batch.first_id, *(members[0] for members, _ in stretches[1:])]
    lasts = [*(first - 1 for first in firsts[1:]), batch.last_id]
    return [
        Part(first, last, len(members), fate.state, fate.next_try_at, fate.note, fate.keeps_key)
        for first, last, (members, fate) in zip(firsts, lasts, stretches, strict=True)
    ]
