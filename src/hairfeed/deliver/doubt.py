"""What is done about a batch whose fate nobody knows. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from hairfeed.deliver.providers.contract import Capabilities, Settling

GIVEN_UP_AFTER = timedelta(days=1)
"""A provider that cannot say for so long what became of a call is not asked any more."""

_NEWS_FOR = timedelta(hours=1)
"""How long events are waited for of a call that is not to be repeated."""

Policy = Literal["hold", "resend", "skip"]


class Way(StrEnum):
    """How a batch gets out of its doubt."""

    REPEAT = "repeat"
    """By the same call, which the provider knows."""
    ASK = "ask"
    """By a look-up."""
    WAIT = "wait"
    """Not yet: what the provider shows now proves nothing."""
    HOLD = "hold"
    """By a person."""
    RESEND = "resend"
    """By sending it again, as the policy says: perhaps a second time."""
    SKIP = "skip"
    """By leaving it at that, as the policy says: perhaps never."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known of a call whose outcome is not."""

    first_called_at: datetime
    """The first attempt in doubt: a provider remembers a key from then on."""
    called_at: datetime
    """The last attempt."""
    next_try_at: datetime | None = None


def way_out(doubt: Doubt, capabilities: Capabilities | None, policy: Policy, now: datetime, *, cancelled: bool = False) -> Way:
    """How to go on; `capabilities` are those of the provider that was called, None when the config does not have it any more.

    Of a `cancelled` issue nothing is sent: no call is repeated, and what would be sent again is left at that.
    """
    if capabilities is None:
        return by_policy(policy, cancelled=cancelled)
    # Of a clock that was set back nobody knows how long ago the call was; by as much as it shows, at least.
    age = abs(now - doubt.first_called_at)
    repeats = capabilities.settling is Settling.REPEAT
    if repeats and not cancelled and age <= capabilities.window:
        return Way.REPEAT
    if _looks_up(capabilities) and age <= min(GIVEN_UP_AFTER, capabilities.look_up_within):
        shown_at = doubt.called_at + capabilities.look_up_after
        return Way.ASK if now >= max(shown_at, doubt.next_try_at or shown_at) else Way.WAIT
    if capabilities.settling is Settling.EVENTS and now < doubt.called_at + capabilities.look_up_after:
        return Way.WAIT
    if repeats and cancelled and now < doubt.called_at + _NEWS_FOR:
        return Way.WAIT
    return by_policy(policy, cancelled=cancelled)


def by_policy(policy: Policy, *, cancelled: bool) -> Way:
    """What is done where nobody will ever tell."""
    return Way.SKIP if cancelled and policy == "resend" else Way(policy)


def _looks_up(capabilities: Capabilities) -> bool:
    """Whether the provider can be asked: as its way, or when it is too late for a repetition."""
    return capabilities.settling is Settling.LOOK_UP or (
        capabilities.settling is Settling.REPEAT and capabilities.look_up_after > timedelta(0)
    )
