"""The deliver stage: freezes issues, settles what a crash left in doubt, submits what is pending, and counts.

Every batch commits its intent before the call and its outcome after it. A batch that is found under way without a living owner is
in doubt: it is repeated where the provider knows a repetition, asked for where it can be asked for, else left to the operator.
"""

import os
import platform
from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Event

from hairfeed.deliver import pace as paces
from hairfeed.deliver.clock import Clock
from hairfeed.deliver.crew import Crew
from hairfeed.deliver.doubt import Way
from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.hours import freeze
from hairfeed.deliver.issue import IssueMails
from hairfeed.deliver.letters import send_letters
from hairfeed.deliver.post import LEASE, Post, lease_of
from hairfeed.deliver.resolve import resolve, way_of
from hairfeed.deliver.tally import Tally, named, spread
from hairfeed.models.issues import BatchState, IssueState, Receipt
from hairfeed.models.reports import DeliverReport, Nobody, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.store import batches, deliveries, incoming, letters, receipts, storms, troubles
from hairfeed.store.arrivals import is_coming_in
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.deliveries import SendingIssue
from hairfeed.store.paces import pace_of
from hairfeed.store.wakeups import Task, WakeUp, wake
from hairfeed.store.zones import hours_to_come


def deliver(
    ledger: Ledger,
    settings: Settings,
    now: datetime,
    run: int,
    watch: Watch,
    *,
    clock: Clock | None = None,
    stop: Event | None = None,
    providers: Fleet | None = None,
    alone: bool = True,
) -> DeliverReport:
    """Freeze what is approved, and bring every issue that is on its way as far as the provider lets it.

    Issues that were paused or cancelled are settled, and nothing of them is sent. `alone` says that no other pass can be at work
    on this ledger, as under a lock that ends with its process; without it, another's batches are left to it until its lease is
    over. Once `stop` is set, calls under way are finished and no others begin.
    """
    clock = clock or Clock(now, stop)
    with providers or Fleet(settings.mail) as fleet:
        # Not the run's number alone: a worker of another machine may have the same one.
        post = Post(ledger, settings.mail, fleet, clock, _owner(f"run {run}"), watch, alone=alone, lease=lease_of(settings.mail))
        issues = _begin(post, settings)
        sent, failures = send_letters(post, settings)
        return _submit(post, settings, issues, sent, failures)


def hand_over(ledger: Ledger, settings: Settings, now: datetime, watch: Watch) -> DeliverReport:
    """Freeze what is approved, and leave it to workers, who are woken by the same transaction."""
    with Fleet(settings.mail) as fleet:
        post = Post(ledger, settings.mail, fleet, Clock(now), _owner("pass"), watch, alone=False)
        issues = _begin(post, settings)
        with ledger.write() as connection:
            found = tuple(receipts.receipt(connection, issue) for issue in issues)
            # Freezing has woken somebody for the others.
            for issue in issues:
                if issue.state is not IssueState.SENDING:
                    wake(connection, WakeUp(Task.ISSUE, issue.id))
        return DeliverReport(destination=fleet.first.destination, receipts=found)


def deliver_share(
    ledger: Ledger,
    settings: Settings,
    clock: Clock,
    issue_id: int | None,
    *,
    job: str,
    lease: timedelta = LEASE,
) -> DeliverReport:
    """Submit batches of one issue that is frozen, beside others who do the same; with None, the letters that wait.

    `job` tells this share of the work from others of the same process. Whoever keeps a batch for longer than `lease` is taken
    for gone.
    """
    with Fleet(settings.mail) as fleet:
        post = Post(ledger, settings.mail, fleet, clock, _owner(job), Nobody(), alone=False, lease=lease)
        with ledger.write() as connection:
            _find_orphans(post, connection)
            on_their_way = deliveries.sending_issues(connection) + deliveries.stopped_issues(connection)
            issues = [one for one in on_their_way if one.id == issue_id]
        sent, failures = send_letters(post, settings) if issue_id is None else (0, [])
        # Of other issues, other shares know.
        judged = [troubles.ACCOUNT + provider.name for provider in fleet.both()] + [f"{troubles.HELD}{one}" for one in issues]
        return _submit(post, settings, issues, sent, failures, judged)


def _owner(job: str) -> str:
    return f"{platform.node()} {os.getpid()} {job}"


def _submit(
    post: Post,
    settings: Settings,
    issues: list[SendingIssue],
    letters_sent: int,
    failures: list[Problem],
    judged: Collection[str] | None = None,
) -> DeliverReport:
    """Settle what is in doubt, submit what is pending, and count; `judged` are the troubles that this can tell of, None: all."""
    ledger, fleet = post.ledger, post.fleet
    mails = [IssueMails(ledger, settings, issue) for issue in issues]
    for one in mails:
        resolve(ledger, fleet, settings.mail, one, post.clock.now())
    crew = Crew(post, [one for one in mails if one.issue.state is IssueState.SENDING])
    crew.work()
    found, going_on, held = [], [], list[Problem]()
    for issue in issues:
        with ledger.write() as connection:
            deliveries.finish(connection, issue.id)
            found.append(receipts.receipt(connection, issue))
            if issue.id in crew.tallies:
                failures += _failures(post, connection, issue, crew.tallies[issue.id])
                going_on += _going_on(post, connection, issue, found[-1])
            held += _held(post, connection, issue)
            going_on += _elsewhere(connection, issue)
    with ledger.write() as connection:
        stands = {troubles.ACCOUNT + name: bar.reason for name, bar in fleet.bars.items() if bar.account}
        stands |= {troubles.HELD + one.where.removeprefix("issue "): one.what for one in held}
        troubles.keep(connection, stands, post.clock.now(), judged)
    return DeliverReport(
        destination=fleet.first.destination,
        receipts=tuple(found),
        failures=(*failures, *held),
        letters=letters_sent,
        going_on=tuple(going_on),
    )


def _find_orphans(post: Post, connection: Connection) -> None:
    """What is under way and has lost its owner is in doubt."""
    now = post.clock.now()
    batches.orphans(connection, now, alone=post.alone)
    letters.orphan_letters(connection, now, alone=post.alone)


def _begin(post: Post, settings: Settings) -> list[SendingIssue]:
    """What is on its way or was stopped there: frozen if it was not, and with the batches of those who are gone in doubt."""
    with post.ledger.read() as connection:
        approved = deliveries.approved_issues(connection)
    if approved:
        incoming.complete(post.ledger)
    with post.ledger.write() as connection:
        _find_orphans(post, connection)
        batches.cancel_pending(connection)
        for issue_id in _to_freeze(post, connection) if approved else ():
            size = post.fleet.batch_size(post.fleet.first, deliveries.largest_variant(connection, issue_id))
            freeze(connection, settings, issue_id, size, post.clock.now())
        for storm in storms.raging(connection):
            storms.pause(connection, storm.newsletter)
        return deliveries.sending_issues(connection) + deliveries.stopped_issues(connection)


def _to_freeze(post: Post, connection: Connection) -> list[int]:
    """The issues that may go out: to all readers of a list that is imported now, or to none of them."""
    # Until the end of this transaction no import is decided on. One that was a moment ago has readers yet to come: the next pass.
    post.ledger.be_alone(connection)
    return [] if is_coming_in(connection) else deliveries.approved_issues(connection)


def _failures(post: Post, connection: Connection, issue: SendingIssue, tally: Tally) -> list[Problem]:
    """What the operator is to hear of an issue that goes on."""
    open_sizes = batches.open_sizes(connection, issue.id)
    waiting = open_sizes.get(BatchState.PENDING, (0, 0))[0]
    wait = f"{waiting} {'batch waits' if waiting == 1 else 'batches wait'} for the next pass"
    said = []
    if waiting or open_sizes.get(BatchState.IN_DOUBT):
        said += [f"{bar.reason}; {wait}" for bar in post.fleet.bars.values()]
    if tally.fault:
        said.append(f"{post.fleet.first.destination}: {tally.fault}; {wait}")
    said += spread(tally.waiting, "waits for the next pass", "wait for the next pass")
    said += spread(tally.in_doubt, "is in doubt", "are in doubt")
    return [Problem(f"issue {issue}", what) for what in said]


def _held(post: Post, connection: Connection, issue: SendingIssue) -> list[Problem]:
    """What a person has to decide."""
    held = [
        batch
        for batch in batches.batches_in(connection, issue.id, BatchState.IN_DOUBT)
        if way_of(issue, batch, post.fleet, post.mail, post.clock.now()) is Way.HOLD
    ]
    if not held:
        return []
    what = (
        f"nobody knows whether {named([str(batch) for batch in held])} went out; look at the provider, then: "
        'hairfeed deliveries resolve, or let a pass run with mail.in_doubt = "resend" or "skip"'
    )
    return [Problem(f"issue {issue}", what)]


def _elsewhere(connection: Connection, issue: SendingIssue) -> list[Problem]:
    """What another pass or worker has under way, or left so when it was killed."""
    found = batches.left_under_way(connection, issue.id)
    return [Problem(f"issue {issue}", str(found))] if found else []


def _going_on(post: Post, connection: Connection, issue: SendingIssue, receipt: Receipt) -> list[Problem]:
    """When an issue that waits for pace, quota or its readers' hours will be through."""
    provider = post.fleet.taking()
    if not receipt.waiting or provider is None:
        return []
    now, limits = post.clock.now(), post.fleet.limits(provider)
    pace = pace_of(connection, provider.name, now)
    at = paces.through_at(pace, limits, receipt.waiting, provider.capabilities.batch_size, now)
    if hours := hours_to_come(connection, issue.id, now):
        at = max(at, hours[-1])
    return [Problem(f"issue {issue}", f"{receipt.waiting} mails go out later, the last of them at about {at:%Y-%m-%d %H:%M} UTC")]
