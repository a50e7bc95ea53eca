"""Whether a newsletter's hour has come: its clock in the ledger, the decision, and what the decision changes there."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hairfeed.models import Problem
from hairfeed.schedule.lateness import Fire, Merge, Rewind, Skip, Wait, decide_due
from hairfeed.settings.newsletters import Newsletter
from hairfeed.store import issues
from hairfeed.store.database import Ledger

_NOT_MAILED = "what waited then is not mailed"


@dataclass(frozen=True, slots=True)
class Hour:
    """An issue to compose: the instant it is of, and since when its articles went live."""

    due_at: datetime
    since: datetime


def settle_due(
    ledger: Ledger, newsletter: Newsletter, name: str, zone: ZoneInfo, now: datetime
) -> tuple[Hour | None, list[Problem]]:
    """The issue that is to be composed now, if any, and what the operator should know of others."""
    hour, said = None, ""
    with ledger.write() as connection:
        clock = issues.start_newsletter(connection, name, now)
        served = clock.last_due_at or clock.started_at
        match decide_due(newsletter.schedule, zone, served, now, newsletter.too_late, newsletter.quiet):
            case Fire(due_at) if issues.is_composed(connection, name, due_at):
                # After a clock that was wrong, an instant may come again.
                issues.pass_over(connection, name, due_at)
            case Fire(due_at, datetime() as skipped):
                issues.skip(connection, name, skipped)
                hour, said = Hour(due_at, skipped), _too_late(skipped, now, zone, _NOT_MAILED)
            case Fire(due_at):
                hour = Hour(due_at, clock.started_at)
            case Merge(due_at):
                issues.pass_over(connection, name, due_at)
                said = _too_late(due_at, now, zone, "its articles go into the next issue")
            case Skip(due_at):
                issues.skip(connection, name, due_at)
                said = _too_late(due_at, now, zone, _NOT_MAILED)
            case Rewind(served, to):
                issues.rewind(connection, name, to if clock.started_at <= to else now)
                said = f"was served for {_local(served, zone)}, which is still to come; it counts from now on"
            case Wait():
                pass
    return hour, [Problem(f"newsletter {name}", said)] if said else []


def _too_late(due_at: datetime, now: datetime, zone: ZoneInfo, therefore: str) -> str:
    hours = round((now - due_at).total_seconds() / 3600)
    return f"was due {_local(due_at, zone)}, {hours} hours ago, and is too late; {therefore} (too_late)"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
