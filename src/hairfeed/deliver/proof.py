"""Who was taken, as providers' own notices prove it; whoever is in none is neither proven nor disproven. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from hairfeed.models.events import EventKind
from hairfeed.store.proofs import Proof

_WENT_OUT = frozenset(EventKind) - {EventKind.ACCEPTED, EventKind.REJECTED}
"""What can only be told of a mail that left the provider: whatever a receiving server or a reader did with it."""


def proven(
    told: Sequence[Proof], batch_key: str, recipients: Sequence[int], *, all_or_nothing: bool = False
) -> Mapping[int, str | None]:
    """By recipient, None for whom the provider took, or why it sends them nothing; without those of whom nobody tells.

    `all_or_nothing` is of providers that take a call for everybody in it or for nobody: one mail under the batch's own key proves
    the others.
    """
    kinds: dict[int, set[EventKind]] = defaultdict(set)
    reasons: dict[int, str] = {}
    for one in told:
        kinds[one.subscriber_id].add(one.kind)
        if one.kind is EventKind.REJECTED:
            reasons[one.subscriber_id] = one.reason or "rejected, says the provider"
    found = {number: None if kinds[number] & _WENT_OUT else reasons.get(number) for number in recipients if number in kinds}
    if all_or_nothing and any(one.batch_key == batch_key for one in told):
        return dict.fromkeys(recipients) | found
    return found
