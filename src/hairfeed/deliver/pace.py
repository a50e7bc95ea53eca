"""How fast a provider may be used: token buckets, quotas, a new domain's warm-up, and less after it throttled. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from hairfeed.deliver.providers.contract import Capabilities
from hairfeed.deliver.providers.outcomes import Room
from hairfeed.settings.providers import Paced
from hairfeed.store.paces import Pace

_LEAST_SHARE = 1 / 64
_FASTER = 1 / 32
"""Of the usual rate; a taken call adds as much, until the provider throttles again."""
_USUAL_PAUSE = timedelta(seconds=5)
"""After a throttled call, where the provider does not say how long."""
_LITTLE = 1 / 4
"""Of the calls between two resets."""
_WARMER = 1.5
_WARM_UP_DAYS = 60
_LONGEST_PLAN = 3660
"""Days; what takes longer is not announced to the day."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider takes, by the config and by what is known of it; None is without a limit."""

    concurrency: int
    calls_per_second: float | None = None
    mails_per_second: float | None = None
    per_day: int | None = None
    per_month: int | None = None
    warm_up: int | None = None

    @classmethod
    def of(cls, capabilities: Capabilities, section: Paced | None, concurrency: int | None) -> "Limits":
        """What the provider's section says, else `[mail]`, else what is known of the provider."""
        section = section or Paced()
        return cls(
            concurrency=section.concurrency or concurrency or capabilities.concurrency,
            calls_per_second=section.calls_per_second or capabilities.calls_per_second,
            mails_per_second=section.mails_per_second,
            per_day=section.per_day,
            per_month=section.per_month,
            warm_up=section.warm_up,
        )

    @property
    def most_at_once(self) -> int | None:
        """Mails of one call at most, by the quotas: a batch that is larger would never go out."""
        return min((limit for limit in (self.per_day, self.per_month, self.warm_up) if limit), default=None)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before `until`, because of `reason`."""

    until: datetime
    reason: str


def calls_at_once(share: float, limits: Limits) -> int:
    """How many calls may be under way."""
    return max(1, round(limits.concurrency * share))


def take(pace: Pace, limits: Limits, mails: int, now: datetime) -> Pace | Wait:
    """The pace after a call with so many mails; or how long to wait for it."""
    pace = _filled(pace, limits, now)
    if pace.closed_until and pace.closed_until > now:
        return Wait(pace.closed_until, "the provider asked for patience")
    room = _room_today(pace, limits)
    if room is not None and mails > room:
        return Wait(_next_day(now), "the quota is used up")
    short = [
        (1 - pace.calls_left) / (limits.calls_per_second * pace.share) if limits.calls_per_second else 0,
        (min(mails, _most_mails(limits)) - pace.mails_left) / (limits.mails_per_second * pace.share)
        if limits.mails_per_second
        else 0,
    ]
    if max(short) > 0:
        return Wait(now + timedelta(seconds=max(short)), "the provider's rate")
    return replace(
        pace,
        calls_left=pace.calls_left - 1,
        mails_left=pace.mails_left - mails,
        mails_today=pace.mails_today + mails,
        mails_this_month=pace.mails_this_month + mails,
    )


def slowed(pace: Pace, retry_after: timedelta | None, now: datetime) -> Pace:
    """After a throttled call: half as fast, and nothing until it said; where it does not, ever later."""
    share = max(_LEAST_SHARE, pace.share / 2)
    until = now + (_USUAL_PAUSE / (2 * share) if retry_after is None else retry_after)
    return replace(pace, share=share, closed_until=max(until, pace.closed_until or until))


def quickened(pace: Pace) -> Pace:
    """After a call that was taken."""
    return replace(pace, share=min(1, pace.share + _FASTER))


def heeded(pace: Pace, room: Room, under_way: int, now: datetime) -> Pace:
    """After an answer that says how many calls more are taken, of which those `under_way` may use some.

    With none left nothing goes out before the reset. Once little is left it is spread over the time until then: other programs
    that use the account find something, too, and what is counted late throttles nobody.
    """
    left = room.calls - under_way
    if left <= 0:
        wait = room.resets_after
    elif room.limit is not None and room.calls <= room.limit * _LITTLE:
        # So many calls may begin at once when the pause is over.
        wait = room.resets_after * min(1, (under_way + 1) / room.calls)
    else:
        return pace
    return replace(pace, closed_until=max(now + wait, pace.closed_until or now))


def given_back(pace: Pace, mails: int) -> Pace:
    """After a call of which so many mails were not taken."""
    return replace(pace, mails_today=max(0, pace.mails_today - mails), mails_this_month=max(0, pace.mails_this_month - mails))


def through_at(pace: Pace, limits: Limits, mails: int, batch_size: int, now: datetime) -> datetime:
    """When so many mails will have been submitted, at the provider's pace and within its quotas."""
    pace, at = _filled(pace, limits, now), max(now, pace.closed_until or now)
    for _ in range(_LONGEST_PLAN):
        room = _room_today(pace, limits)
        if room is None or mails <= room:
            break
        mails -= room
        at = _next_day(at)
        pace = _filled(
            replace(pace, mails_today=pace.mails_today + room, mails_this_month=pace.mails_this_month + room), limits, at
        )
    seconds = [
        mails / limits.mails_per_second if limits.mails_per_second else 0,
        mails / batch_size / limits.calls_per_second if limits.calls_per_second else 0,
    ]
    return at + timedelta(seconds=max(seconds) / pace.share)


def _filled(pace: Pace, limits: Limits, now: datetime) -> Pace:
    """The buckets as they are now, and the counts of this day and month."""
    # A clock that was set back fills nothing.
    seconds = min(max((now - pace.filled_at).total_seconds(), 0), 3600) * pace.share
    today = now.astimezone(UTC).date()
    new_month = (today.year, today.month) != (pace.day.year, pace.day.month)
    return replace(
        pace,
        calls_left=min(max(1, limits.calls_per_second or 0), pace.calls_left + seconds * (limits.calls_per_second or 1)),
        mails_left=min(_most_mails(limits), pace.mails_left + seconds * (limits.mails_per_second or 1)),
        filled_at=max(now, pace.filled_at),
        day=today,
        mails_today=0 if today != pace.day else pace.mails_today,
        mails_this_month=0 if new_month else pace.mails_this_month,
    )


def _most_mails(limits: Limits) -> float:
    """What the bucket of mails holds: what may go out in a second. A call with more goes into debt for it."""
    return max(1, limits.mails_per_second or 0)


def _room_today(pace: Pace, limits: Limits) -> int | None:
    """Mails that the quotas leave for this day; None without quotas."""
    rooms = []
    if limits.warm_up:
        days = min((pace.day - pace.began_on).days, _WARM_UP_DAYS)
        rooms.append(round(limits.warm_up * _WARMER**days) - pace.mails_today)
    if limits.per_day:
        rooms.append(limits.per_day - pace.mails_today)
    if limits.per_month:
        rooms.append(limits.per_month - pace.mails_this_month)
    return max(0, min(rooms)) if rooms else None


def _next_day(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time.min, UTC)
