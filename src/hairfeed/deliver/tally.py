"""What could not be done of an issue in one pass, for the operator to hear."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hairfeed.deliver.outcome import Job
from hairfeed.log import without_addresses

_MOST_NAMED = 10


@dataclass
class Tally:
    """What could not be done of an issue in this pass."""

    waiting: dict[str, list[str]] = field(default_factory=dict)
    """Batches that wait for another pass, by what the provider said."""
    in_doubt: dict[str, list[str]] = field(default_factory=dict)
    suspects: dict[int, Job] = field(default_factory=dict)
    """By batch id: recipients refused alone, while nothing of the issue was taken by anybody."""
    fault: str | None = None
    """Why nothing more of it is tried in this pass."""


def named(numbers: Sequence[str]) -> str:
    """Batches in words: `batch 7`, `batches 1, 2 and 40 more`."""
    distinct = list(dict.fromkeys(numbers))
    shown, more = ", ".join(distinct[:_MOST_NAMED]), len(distinct) - _MOST_NAMED
    return f"{'batch' if len(distinct) == 1 else 'batches'} {shown}{f' and {more} more' if more > 0 else ''}"


def spread(batch_numbers: Mapping[str, list[str]], one: str, several: str) -> Iterator[str]:
    """By reason, what is to be said of the batches: `no answer; batch 7 is in doubt`, `no answer; batches 1, 2 are in doubt`.

    A reply often repeats the reader's address, and what is said is kept in logs.
    """
    for reason, numbers in batch_numbers.items():
        yield f"{without_addresses(reason)}; {named(numbers)} {one if len(set(numbers)) == 1 else several}"
