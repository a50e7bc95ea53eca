"""The scheduled job: the stages in their order, under one lock, with one report."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from hairfeed import log
from hairfeed.archive.stage import keep_archive
from hairfeed.collect.stage import collect
from hairfeed.digest.stage import compose
from hairfeed.errors import PassHangs, StoreError
from hairfeed.feeds.push.stage import PushReport, push, push_for_mail
from hairfeed.feeds.stage import publish
from hairfeed.feeds.websub import HubReport, tell_hubs
from hairfeed.models.reports import (
    ArchiveReport,
    CollectReport,
    ComposeReport,
    DeliverReport,
    Nobody,
    NoticesReport,
    Problem,
    PublishReport,
    RunState,
    StageReport,
    SubscribersReport,
    Watch,
)
from hairfeed.settings import Settings
from hairfeed.store import articles, outgoing, runs
from hairfeed.store.arrivals import is_coming_in
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.runs import WHAT_TO_DO, RunningPass, SignsOfLife


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass found and did. `now` is its clock, `seconds` how long it took."""

    now: datetime
    collect: CollectReport = field(default_factory=CollectReport)
    publish: PublishReport = field(default_factory=PublishReport)
    compose: ComposeReport = field(default_factory=ComposeReport)
    archive: ArchiveReport = field(default_factory=ArchiveReport)
    subscribers: SubscribersReport = field(default_factory=SubscribersReport)
    notices: NoticesReport = field(default_factory=NoticesReport)
    deliver: DeliverReport = field(default_factory=DeliverReport)
    push: PushReport = field(default_factory=PushReport)
    hubs: HubReport = field(default_factory=HubReport)
    seconds: float = 0
    another_is_running: bool = False
    other: RunningPass | None = None
    """What is known of that one."""
    stopped: bool = False
    """It was told to stop, and left stages to the next pass."""

    @property
    def stages(self) -> tuple[StageReport, ...]:
        """The reports in the order of the stages."""
        before_mails = (self.collect, self.publish, self.compose, self.archive, self.subscribers, self.notices)
        return *before_mails, self.deliver, self.push, self.hubs

    @property
    def warnings(self) -> list[Problem]:
        """What the operator should look at."""
        return [problem for stage in self.stages for problem in stage.warnings]

    @property
    def failures(self) -> list[Problem]:
        """What could not be done."""
        return [problem for stage in self.stages for problem in stage.failures]

    @property
    def state(self) -> RunState:
        """How the pass ended."""
        if self.stopped:
            return RunState.STOPPED
        return RunState.FAILED if self.failures else RunState.DONE

    def as_json(self) -> dict[str, Any]:
        """The report for machines: plain values; instants in RFC 3339."""
        return {"state": self.state.value, **asdict(self), "now": self.now.isoformat()}


def _machine() -> datetime:
    return datetime.now(UTC)


def run_pass(
    settings: Settings,
    now: datetime,
    watch: Watch | None = None,
    stop: Event | None = None,
    *,
    workers: bool = False,
    machine: Callable[[], datetime] = _machine,
) -> PassReport:
    """Make one pass with the clock at `now`; if another process makes one already, say so and do nothing.

    By as much as this `machine`'s clock differs from that of the ledger's server, `now` is set right. With `workers`, what is to
    be mailed is frozen, and left to them. Once `stop` is set, the stage under way comes to its end, of
    mails those that are under way, and the others are left to the next pass.

    Raises:
        PassHangs: another process makes one already, and nothing has been heard of it for long.
        StoreError: the ledger cannot be opened or used; what was committed before stays, and the next pass goes on from there.
    """
    try:
        with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger, ledger.pass_lock() as free:
            read = machine()
            if wrong := ledger.shared_time(read) - read:
                log.trouble("clock_is_wrong", seconds=round(-wrong.total_seconds()))

            def clock() -> datetime:
                return machine() + wrong

            if not free:
                return PassReport(now, another_is_running=True, other=_other(ledger, clock()))
            return _run_pass(ledger, settings, now + wrong, clock, watch or Nobody(), stop or Event(), workers=workers)
    except StoreError:
        log.trouble("pass_broken")
        raise


def _other(ledger: Ledger, now: datetime) -> RunningPass | None:
    """The pass that another process makes."""
    with ledger.read() as connection:
        other = runs.running(ledger, connection, now)
    if other is not None and other.hangs:
        log.trouble("pass_hangs", run=other.run, seconds=round((now - other.heard_at).total_seconds()))
        raise PassHangs(f"{other}; {WHAT_TO_DO}")
    log.event("pass_left_to_another")
    return other


def _run_pass(
    ledger: Ledger,
    settings: Settings,
    now: datetime,
    clock: Callable[[], datetime],
    watch: Watch,
    stop: Event,
    *,
    workers: bool,
) -> PassReport:
    began, began_at = time.monotonic(), clock()
    with ledger.write() as connection:
        run = runs.begin(connection, now, began_at)
        # Not the run's number: the operator's commands change articles, too, between passes.
        revision = articles.newest_revision(connection) + 1
        is_list_coming_in = is_coming_in(connection)
    ledger.before_commit = SignsOfLife(run, clock)
    log.event("pass_begun", run=run)
    if is_list_coming_in:
        # Its process was ended, or is still at it: then both are done sooner. Hardly any pass pays for it.
        from hairfeed.store import incoming

        incoming.complete(ledger, watch)
    done: dict[str, Any] = {}
    stages: tuple[tuple[str, Callable[[], StageReport]], ...] = (
        ("collect", lambda: collect(ledger, settings, now, revision, watch)),
        ("publish", lambda: publish(ledger, settings, now, watch)),
        ("compose", lambda: compose(ledger, settings, now, watch)),
        # Mails lead to pages and show pictures: these are where readers fetch them before the first mail goes out.
        ("archive", lambda: keep_archive(ledger, settings, now, watch)),
        ("push", lambda: push_for_mail(ledger, settings, watch)),
        # Before anything is mailed: who complained or bounced is not mailed again.
        ("subscribers", lambda: _attend(ledger, settings, now)),
        ("notices", lambda: _tell_operator(ledger, settings, now)),
        ("deliver", lambda: _deliver(ledger, settings, now, run, watch, stop, workers=workers)),
        ("push", lambda: done["push"] + push(ledger, settings, watch)),
        # A hub fetches at once what it is told of: not before it is where readers fetch it.
        ("hubs", lambda: HubReport() if done["push"].failures else tell_hubs(ledger, settings, now)),
    )
    stopped = False
    for name, stage in stages:
        if stopped := stop.is_set():
            break
        begun = time.monotonic()
        done[name] = stage()
        _log_stage(run, name, done[name], time.monotonic() - begun)
    report = PassReport(now, **done, seconds=round(time.monotonic() - began, 3), stopped=stopped)
    with ledger.write() as connection:
        runs.finish(connection, run, report.state, report.as_json(), began_at + timedelta(seconds=report.seconds))
    log.event("pass_done", run=run, state=report.state, seconds=report.seconds)
    return report


def _attend(ledger: Ledger, settings: Settings, now: datetime) -> SubscribersReport:
    if settings.web is None and settings.mail.replies is None:
        return SubscribersReport()
    # Only with pages for readers, or a mailbox, is there anything to work off.
    from hairfeed.digest.confirmation import write_confirmation
    from hairfeed.digest.greetings import write_greeting, write_question
    from hairfeed.subscribers.stage import attend

    return attend(ledger, settings, now, write_confirmation, write_greeting, write_question)


def _tell_operator(ledger: Ledger, settings: Settings, now: datetime) -> NoticesReport:
    if settings.alerts.mail is None:
        return NoticesReport()
    from hairfeed.digest.operator_notices import write_notices

    return write_notices(ledger, settings, now)


def _deliver(
    ledger: Ledger, settings: Settings, now: datetime, run: int, watch: Watch, stop: Event, *, workers: bool
) -> DeliverReport:
    with ledger.read() as connection:
        if not outgoing.is_anything_to_send(connection):
            return DeliverReport()
    # Only a pass that has mails pays for what sends them.
    from hairfeed.deliver.stage import deliver, hand_over

    if workers:
        return hand_over(ledger, settings, now, watch)
    return deliver(ledger, settings, now, run, watch, stop=stop, alone=ledger.lock_ends_with_its_process)


def _log_stage(run: int, stage: str, report: StageReport, seconds: float) -> None:
    problems = {"warnings": len(report.warnings), "failures": len(report.failures)}
    (log.trouble if report.failures else log.event)("stage_done", run=run, stage=stage, seconds=round(seconds, 3), **problems)
