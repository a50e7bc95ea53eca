"""What could not be done of an issue in one pass, for the operator to hear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hairfeed.deliver.outcome import Job

_MOST_NAMED = 10


@dataclass
class Tally:
    """What could not be done of an issue in this pass."""

    waiting: dict[str, list[str]] = field(default_factory=dict)
    """Batches that wait for another pass, by what the provider said."""
    in_doubt: dict[str, list[str]] = field(default_factory=dict)
    suspects: list[Job] = field(default_factory=list)
    """Recipients refused alone, while nothing of the issue was taken by anybody."""
    fault: str | None = None
    """Why nothing more of it is tried in this pass."""


def spread(batch_numbers: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """By reason, the batches in words: `batch 7`, `batches 1, 2, 3 and 40 more`."""
    for reason, numbers in batch_numbers.items():
        distinct = list(dict.fromkeys(numbers))
        shown, more = ", ".join(distinct[:_MOST_NAMED]), len(distinct) - _MOST_NAMED
        if more > 0:
            shown += f" and {more} more"
        yield reason, f"{'batch' if len(distinct) == 1 else 'batches'} {shown}"
