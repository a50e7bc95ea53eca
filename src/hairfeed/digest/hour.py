"""Whether a newsletter's hour has come: its clock in the ledger, the decision, and what the decision changes there."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hairfeed.models.reports import Problem
from hairfeed.schedule.lateness import Decision, Fire, Merge, Rewind, Skip, Wait, decide_due
from hairfeed.schedule.zones import MOST_AHEAD, zone_or
from hairfeed.settings import Settings
from hairfeed.store import issues
from hairfeed.store.database import Connection
from hairfeed.store.issues import NewsletterClock
from hairfeed.store.zones import readers_zones

_NOT_MAILED = "what waited then is not mailed"


@dataclass(frozen=True, slots=True)
class Hour:
    """How a newsletter stands at a moment."""

    due_at: datetime | None
    """The instant whose issue is to be composed now; None when none is."""
    since: datetime
    """Articles that went live before are not for its next issue."""
    coming_at: datetime | None
    """The instant that is served next; None when none ever is. In quiet hours it may have come already."""


def look_at_hour(connection: Connection, settings: Settings, name: str, now: datetime) -> Hour:
    """How the newsletter would stand in a pass that is made now; nothing is changed."""
    clock = issues.clock(connection, name) or NewsletterClock(now, None)
    return _hour(connection, settings, name, clock, now, _decision(connection, settings, name, clock, now))


def settle_hour(connection: Connection, settings: Settings, name: str, now: datetime) -> tuple[Hour, list[Problem]]:
    """How the newsletter stands, and what the operator should know of hours that were passed over; the ledger knows it then, too.

    An hour whose issue is to be composed counts as served only when that is in the ledger.
    """
    clock, zone = issues.start_newsletter(connection, name, now), settings.zone_of(name)
    decision, said = _decision(connection, settings, name, clock, now), ""
    hour = _hour(connection, settings, name, clock, now, decision)
    match decision:
        case Fire(due_at) if hour.due_at is None:
            issues.pass_over(connection, name, due_at)
        case Fire(_, datetime() as skipped) | Skip(skipped):
            issues.skip(connection, name, skipped)
            said = _too_late(skipped, now, zone, _NOT_MAILED)
        case Merge(due_at):
            issues.pass_over(connection, name, due_at)
            said = _too_late(due_at, now, zone, "its articles go into the next issue")
        case Rewind(served, _):
            issues.rewind(connection, name, _counted_from(decision, clock, now))
            said = f"was served for {_local(served, zone)}, which is still to come; it counts from now on"
    return hour, [Problem(f"newsletter {name}", said)] if said else []


def _decision(connection: Connection, settings: Settings, name: str, clock: NewsletterClock, now: datetime) -> Decision:
    newsletter = settings.newsletters[name]
    schedule, zone, served = newsletter.schedule, settings.zone_of(name), _served(clock)
    readers: tuple[ZoneInfo, ...] = ()
    if newsletter.local_time:
        # Most passes have no hour before them that would be anybody's.
        near = schedule.last_due(served, now + MOST_AHEAD, zone) is not None
        readers = (zone, *(zone_or(one, zone) for one in (readers_zones(connection, name) if near else ())))
    return decide_due(schedule, zone, served, now, newsletter.too_late, newsletter.quiet, readers)


def _served(clock: NewsletterClock) -> datetime:
    return clock.last_due_at or clock.started_at


def _hour(connection: Connection, settings: Settings, name: str, clock: NewsletterClock, now: datetime, decision: Decision) -> Hour:
    schedule, zone = settings.newsletters[name].schedule, settings.zone_of(name)
    match decision:
        # After a clock that was wrong, an instant may come again.
        case Fire(due_at, skipped) if not issues.is_composed(connection, name, due_at):
            return Hour(due_at, skipped or clock.started_at, due_at)
        case Wait():
            served = _served(clock)
            waits_for_the_end_of_quiet = schedule.last_due(served, now, zone)
            return Hour(None, clock.started_at, waits_for_the_end_of_quiet or schedule.next_due(max(served, now), zone))
        case Skip(due_at):
            since = due_at
        case Rewind():
            since = min(clock.started_at, _counted_from(decision, clock, now))
        case _:
            since = clock.started_at
    return Hour(None, since, schedule.next_due(now, zone))


def _counted_from(decision: Rewind, clock: NewsletterClock, now: datetime) -> datetime:
    """A newsletter that began under the wrong clock begins now."""
    return decision.to if clock.started_at <= decision.to else now


def _too_late(due_at: datetime, now: datetime, zone: ZoneInfo, therefore: str) -> str:
    hours = round((now - due_at).total_seconds() / 3600)
    return f"was due {_local(due_at, zone)}, {hours} hours ago, and is too late; {therefore} (too_late)"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
