"""The scheduled job: the stages in their order, under one lock, with one report."""

import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any

from hairfeed.collect.stage import collect
from hairfeed.deliver.stage import deliver
from hairfeed.digest.stage import compose
from hairfeed.feeds.push.stage import PushReport, push
from hairfeed.feeds.stage import publish
from hairfeed.feeds.websub import HubReport, tell_hubs
from hairfeed.models import (
    CollectReport,
    ComposeReport,
    DeliverReport,
    Nobody,
    Problem,
    PublishReport,
    RunState,
    StageReport,
    Watch,
)
from hairfeed.settings import Settings
from hairfeed.store import articles, runs
from hairfeed.store.database import Ledger, open_ledger


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass found and did. `now` is its clock, `seconds` how long it took."""

    now: datetime
    collect: CollectReport = field(default_factory=CollectReport)
    publish: PublishReport = field(default_factory=PublishReport)
    compose: ComposeReport = field(default_factory=ComposeReport)
    deliver: DeliverReport = field(default_factory=DeliverReport)
    push: PushReport = field(default_factory=PushReport)
    hubs: HubReport = field(default_factory=HubReport)
    seconds: float = 0
    another_is_running: bool = False

    @property
    def stages(self) -> tuple[StageReport, ...]:
        """The reports in the order of the stages."""
        return self.collect, self.publish, self.compose, self.deliver, self.push, self.hubs

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
        return RunState.FAILED if self.failures else RunState.DONE

    def as_json(self) -> dict[str, Any]:
        """The report for machines: plain values; instants in RFC 3339."""
        return {"state": self.state.value, **asdict(self), "now": self.now.isoformat()}


def run_pass(settings: Settings, now: datetime, watch: Watch | None = None, stop: Event | None = None) -> PassReport:
    """Make one pass with the clock at `now`; if another process makes one already, say so and do nothing.

    Once `stop` is set, mails under way are finished and no others begin.

    Raises:
        StoreError: the ledger cannot be opened or used; what was committed before stays, and the next pass goes on from there.
    """
    ledger = open_ledger(settings.store.url, settings.store.lock_timeout)
    try:
        with ledger.pass_lock() as free:
            return _run_pass(ledger, settings, now, watch or Nobody(), stop) if free else PassReport(now, another_is_running=True)
    finally:
        ledger.close()


def _run_pass(ledger: Ledger, settings: Settings, now: datetime, watch: Watch, stop: Event | None) -> PassReport:
    began = time.monotonic()
    with ledger.write() as connection:
        run = runs.begin(connection, now, datetime.now(UTC))
        # Not the run's number: the operator's commands change articles, too, between passes.
        revision = articles.newest_revision(connection) + 1
    report = PassReport(
        now,
        collect=collect(ledger, settings, now, revision, watch),
        publish=publish(ledger, settings, now, watch),
        compose=compose(ledger, settings, now, watch),
        deliver=deliver(ledger, settings, now, run, watch, stop=stop),
        push=push(ledger, settings, watch),
    )
    # A hub fetches at once what it is told of: not before it is where readers fetch it.
    hubs = HubReport() if report.push.failures else tell_hubs(ledger, settings, now)
    report = replace(report, hubs=hubs, seconds=round(time.monotonic() - began, 3))
    with ledger.write() as connection:
        runs.finish(connection, run, report.state, report.as_json(), datetime.now(UTC))
    return report
