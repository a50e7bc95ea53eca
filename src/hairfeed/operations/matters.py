"""What waits for a person, out of all that `hairfeed status` tells: what it is, and what settles it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hairfeed.models.issues import IssueState
from hairfeed.operations.status import Status
from hairfeed.store.runs import WHAT_TO_DO

_QUIET = timedelta(days=1)
"""Without a pass for longer, nothing makes passes any more: a cron line does at least once a day."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for the operator."""

    what: str
    do: str
    """A command, or what to look at."""


def matters(status: Status, now: datetime) -> list[Matter]:
    """All of them, what keeps mail from going out first."""
    return [*_of_passes(status, now), *_of_issues(status), *_of_others(status)]


def _of_passes(status: Status, now: datetime) -> Iterator[Matter]:
    if not status.passes:
        yield Matter("No pass has been made yet", "let cron start 'hairfeed run', or keep 'hairfeed up' running")
        return
    newest = status.passes[0]
    if status.running is not None and status.running.hangs:
        yield Matter(f"{status.running}: hangs", WHAT_TO_DO)
    elif now - newest.started_at > _QUIET:
        days = (now - newest.started_at).days
        yield Matter(
            f"No pass has begun for {days} day{'' if days == 1 else 's'}", "look at the cron line, or at 'hairfeed up' and its log"
        )
    for failure in _last_failures(status):
        yield Matter(failure, "it is tried again by each pass")


def _last_failures(status: Status) -> tuple[str, ...]:
    return next((one.failures for one in status.passes if one.finished_at), ())


def _of_issues(status: Status) -> Iterator[Matter]:
    raging = {(storm.newsletter, storm.number) for storm in status.storms}
    for storm in status.storms:
        name = f"{storm.newsletter} {storm.number}"
        yield Matter(f"{name}: its newsletter is paused: {storm}", f"hairfeed issues resume {name}")
    for issue in status.open_issues:
        receipt = issue.receipt
        name = f"{receipt.newsletter} {receipt.number}"
        if issue.state is IssueState.PAUSED and (receipt.newsletter, receipt.number) not in raging:
            yield Matter(f"{name}: is paused", f"hairfeed issues resume {name}")
        if receipt.in_doubt:
            mails = f"{receipt.in_doubt} mail{' is' if receipt.in_doubt == 1 else 's are'}"
            yield Matter(f"{name}: {mails} in doubt", f"hairfeed deliveries list {name}")
    for draft in status.drafts:
        yield Matter(f"{draft.newsletter} {draft.number}: waits for your approval", f"hairfeed issues plan {draft.newsletter}")


def _of_others(status: Status) -> Iterator[Matter]:
    for provider in status.providers:
        if provider.closed_until:
            until = f"{provider.closed_until:%Y-%m-%d %H:%M} UTC"
            yield Matter(f"{provider.name}: asked to be left alone until {until}", "hairfeed providers check")
    for source in status.failing_sources:
        if any(failure.startswith(f"source {source.name}: ") for failure in _last_failures(status)):
            continue
        yield Matter(f"source {source.name}: {source}", "mend it, then: hairfeed run --retry")
    for newsletter in status.newsletters:
        if newsletter.due_at is None:
            yield Matter(f"{newsletter.newsletter}: its schedule is never due again", "give it another one in the config")
